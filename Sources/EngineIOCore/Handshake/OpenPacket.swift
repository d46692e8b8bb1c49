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

    private static var head: StaticString { "0{\"sid\":\"" }

    /// How many bytes the packet of a session has.
    public func size(for sid: SessionName) -> Int {
        let name =
            switch sid {
            case .made: SessionID.length
            case .given(let text): text.utf8.count
            }
        return Self.head.utf8CodeUnitCount &+ name &+ terms.count
    }

    /// Writes the packet, with the keys in the order of the reference server, and returns its size. `memory` has room for
    /// it. Nothing in it needs escaping.
    public func write(for sid: SessionName, into memory: UnsafeMutableRawBufferPointer) -> Int {
        var count = 0
        func append(_ bytes: UnsafeRawBufferPointer) {
            let rest = UnsafeMutableRawBufferPointer(rebasing: memory[count...])
            let size = min(bytes.count, rest.count)
            rest.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<size]))
            count &+= size
        }
        append(UnsafeRawBufferPointer(start: Self.head.utf8Start, count: Self.head.utf8CodeUnitCount))
        switch sid {
        case .made(let id): id.withUTF8 { append($0) }
        case .given(let text): Array(text.utf8).withUnsafeBytes { append($0) }
        }
        terms.withUnsafeBytes { append($0) }
        return count
    }
}
