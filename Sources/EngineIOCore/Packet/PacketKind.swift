/// What packets are counted as: the types of ``PacketType``, and messages of bytes.
public enum PacketKind: Int, CaseIterable, Sendable {
    case open = 0
    case close
    case ping
    case pong
    case message
    case upgrade
    case noop
    case binary

    public init(_ type: PacketType) {
        self =
            switch type {
            case .open: .open
            case .close: .close
            case .ping: .ping
            case .pong: .pong
            case .message: .message
            case .upgrade: .upgrade
            case .noop: .noop
            }
    }

    public var name: String { String(describing: self) }
}
