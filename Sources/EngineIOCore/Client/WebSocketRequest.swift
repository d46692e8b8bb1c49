/// The client's part of the WebSocket handshake (RFC 6455, 4.1).
public struct WebSocketRequest: Sendable {
    /// What the server has to prove that it has read.
    public let key: String

    /// `random` has 16 bytes; a generator need not be a good one for it.
    public init(random: [UInt8]) {
        key = random.withUnsafeBytes { bytes in
            String(unsafeUninitializedCapacity: Base64.encodedSize(bytes.count)) { text in
                Base64.encode(bytes, into: UnsafeMutableRawBufferPointer(text), alphabet: Base64.standardAlphabet)
            }
        }
    }

    /// Why a response with the status 101 does not open the WebSocket, for a sentence; nil: it does.
    ///
    /// - Parameter protocols: the subprotocols that were offered.
    public func refusal(_ head: HTTPResponseHead, protocols: [String]) -> String? {
        guard head.lists("websocket", in: "upgrade"), head.lists("upgrade", in: "connection") else {
            return "it switches to another protocol"
        }
        let proof = Array(key.utf8).withUnsafeBytes { WebSocketAccept.proof(forKey: $0) }
        var answers = 0
        head.text.forEachValue(of: "sec-websocket-accept") { answers += $0.elementsEqual(proof.utf8) ? 1 : 2 }
        guard answers == 1 else {
            return "its Sec-WebSocket-Accept is not that of the request's key: something between answers for it"
        }
        if let chosen = head.value(of: "sec-websocket-protocol"), !protocols.contains(chosen) {
            return "it chooses a subprotocol that was not offered"
        }
        return nil
    }
}
