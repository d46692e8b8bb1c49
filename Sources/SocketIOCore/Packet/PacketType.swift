/// The kinds of Socket.IO packets; the raw value is the digit on the wire.
public enum PacketType: UInt8, Sendable {
    case connect = 0
    case disconnect
    case event
    case ack
    case connectError
    case binaryEvent
    case binaryAck
}

extension PacketType {
    /// Whether the packet announces attachments, which follow it as messages of their own.
    public var isBinary: Bool {
        self == .binaryEvent || self == .binaryAck
    }

    /// The type of the same packet if it announced none.
    var withoutAttachments: PacketType {
        switch self {
        case .binaryEvent: .event
        case .binaryAck: .ack
        case .connect, .disconnect, .event, .ack, .connectError: self
        }
    }
}
