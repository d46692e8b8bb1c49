/// The server's part of the WebSocket handshake (RFC 6455, 4.2).
public enum WebSocketAccept {
    private static var appendix: StaticString { "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" }

    /// What the answer proves with in `Sec-WebSocket-Accept`; nil if the request breaks RFC 6455, 4.2.1.
    public static func proof(for head: HTTPRequestHead) -> String? {
        guard isVersion13(head) else { return nil }
        return head.withValue(of: .webSocketKey) { isKey($0) ? proof(forKey: $0) : nil }
    }

    /// Whether the client says which version it speaks.
    public static func hasVersion(_ head: HTTPRequestHead) -> Bool { head.has(.webSocketVersion) }

    /// Whether the client speaks the version of RFC 6455.
    public static func isVersion13(_ head: HTTPRequestHead) -> Bool {
        head.withValue(of: .webSocketVersion) { HTTPSyntax.equals($0, "13") }
    }

    static func proof(forKey key: UnsafeRawBufferPointer) -> String {
        let message = Array(key) + UnsafeBufferPointer(start: appendix.utf8Start, count: appendix.utf8CodeUnitCount)
        let hash = message.withUnsafeBytes { SHA1.hash($0) }
        return String(unsafeUninitializedCapacity: Base64.encodedSize(20)) { text in
            hash.span.withUnsafeBytes {
                Base64.encode($0, into: UnsafeMutableRawBufferPointer(text), alphabet: Base64.standardAlphabet)
            }
        }
    }

    /// Whether this can be the base64 of 16 bytes.
    private static func isKey(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 24, text[22] == UInt8(ascii: "="), text[23] == UInt8(ascii: "=") else { return false }
        return text[..<22].allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
    }
}
