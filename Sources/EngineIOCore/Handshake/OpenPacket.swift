/// The first packet of a session, in which the server tells the client its id and the terms.
public struct OpenPacket: Sendable {
    public var sid: SessionName
    /// The transports that the client may upgrade to; see ``upgrades(from:enabled:)``.
    public var upgrades: [Transport]
    /// In milliseconds.
    public var pingInterval: Int
    /// In milliseconds.
    public var pingTimeout: Int
    /// The largest message, and the largest polling body, that the server takes, in bytes.
    public var maxPayload: Int

    public init(sid: SessionName, upgrades: [Transport], pingInterval: Int, pingTimeout: Int, maxPayload: Int) {
        self.sid = sid
        self.upgrades = upgrades
        self.pingInterval = pingInterval
        self.pingTimeout = pingTimeout
        self.maxPayload = maxPayload
    }

    /// What a session that starts on `transport` may upgrade to: only polling has somewhere to go.
    public static func upgrades(from transport: Transport, enabled: [Transport]) -> [Transport] {
        transport == .polling && enabled.contains(.webSocket) ? [.webSocket] : []
    }

    /// The packet, with the keys in the order of the reference server. Nothing in it needs escaping.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128)
        bytes += "0{\"sid\":\"".utf8
        switch sid {
        case .made(let id): id.withUTF8 { bytes += $0 }
        case .given(let text): bytes += text.utf8
        }
        bytes += "\",\"upgrades\":[".utf8
        for (index, transport) in upgrades.enumerated() {
            bytes += (index == 0 ? "\"" : ",\"").utf8
            bytes += transport.rawValue.utf8
            bytes += "\"".utf8
        }
        bytes += "],\"pingInterval\":".utf8
        bytes += String(pingInterval).utf8
        bytes += ",\"pingTimeout\":".utf8
        bytes += String(pingTimeout).utf8
        bytes += ",\"maxPayload\":".utf8
        bytes += String(maxPayload).utf8
        bytes += "}".utf8
        return bytes
    }
}
