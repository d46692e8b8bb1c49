/// What a handle's 64 bits say: its kind, the event loop of its object, and where it stands in that loop's table.
public struct Handle: Equatable, Sendable {
    public enum Kind: UInt8, Sendable {
        case socket = 1
        case reply
        case connectRequest
        case httpRequest
        case server
        case runtime
        case namespaceRequest
        case packetRequest
        case clientSocket
        case clientReply
        case manager
        case authRequest
        case openRequest
    }

    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Kind 4 bits, loop 8, generation 24, slot 28.
    public init(_ kind: Kind, loop: Int, slot: UInt32, generation: UInt32) {
        rawValue =
            UInt64(kind.rawValue) << 60 | UInt64(truncatingIfNeeded: loop & 0xFF) << 52
            | UInt64(generation & 0xFF_FFFF) << 28 | UInt64(slot & 0xFFF_FFFF)
    }

    public init<Value>(_ kind: Kind, loop: Int = 0, _ key: SlotTable<Value>.Key) {
        self.init(kind, loop: loop, slot: key.slot, generation: key.generation)
    }

    public static let none = Handle(rawValue: 0)

    public var kind: Kind? { Kind(rawValue: UInt8(truncatingIfNeeded: rawValue >> 60)) }
    public var loop: Int { Int(truncatingIfNeeded: rawValue >> 52 & 0xFF) }

    public func key<Value>(of kind: Kind) -> SlotTable<Value>.Key? {
        // Servers, runtimes, managers and their questions belong to no loop.
        let belongsToLoop =
            switch kind {
            case .server, .runtime, .manager, .authRequest, .openRequest: false
            case .socket, .reply, .connectRequest, .httpRequest, .namespaceRequest, .packetRequest, .clientSocket,
                .clientReply:
                true
            }
        guard self.kind == kind, loop == 0 || belongsToLoop else { return nil }
        return SlotTable<Value>.Key(
            slot: UInt32(truncatingIfNeeded: rawValue & 0xFFF_FFFF),
            generation: UInt32(truncatingIfNeeded: rawValue >> 28 & 0xFF_FFFF))
    }
}
