/// The first packet of a session, in which the server tells the client its id and the terms, which are made text once.
public struct OpenPacket: Sendable {
    /// What comes behind the id.
    private let terms: [UInt8]

    /// - Parameters:
    ///   - upgrades: the transports that the client may upgrade to; see ``upgrades(from:enabled:)``.
    ///   - pingInterval: in milliseconds.
    ///   - pingTimeout: in milliseconds.
    ///   - maxPayload: the largest message, and the largest polling body, that the server takes, in bytes.
    public init(upgrades: [Transport], pingInterval: Int, pingTimeout: Int, maxPayload: Int) {
        let upgrades = upgrades.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
        let terms =
            "\",\"upgrades\":[\(upgrades)],\"pingInterval\":\(pingInterval),\"pingTimeout\":\(pingTimeout),"
            + "\"maxPayload\":\(maxPayload)}"
        self.terms = Array(terms.utf8)
    }

    /// What a session that starts on `transport` may upgrade to: only polling has somewhere to go.
    public static func upgrades(from transport: Transport, enabled: [Transport]) -> [Transport] {
        transport == .polling && enabled.contains(.webSocket) ? [.webSocket] : []
    }

    /// The packet, with the keys in the order of the reference server. Nothing in it needs escaping.
    public func bytes(for sid: SessionName) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32 + terms.count)
        bytes += "0{\"sid\":\"".utf8
        switch sid {
        case .made(let id): id.withUTF8 { bytes += $0 }
        case .given(let text): bytes += text.utf8
        }
        bytes += terms
        return bytes
    }
}
