/// The types of Engine.IO packets, the same in revisions 3 and 4.
public enum PacketType: UInt8, Sendable {
    case open = 0
    case close
    case ping
    case pong
    case message
    case upgrade
    case noop

    /// The type that the ASCII `digit` at the start of a text packet names.
    public init?(digit: UInt8) {
        self.init(rawValue: digit &- 0x30)
    }

    /// The ASCII digit that starts a text packet of this type.
    public var digit: UInt8 {
        rawValue &+ 0x30
    }
}
