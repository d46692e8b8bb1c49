import SocketIOCore

/// A copy of a packet from the server, for those who look on.
public struct ManagerPacket: Sendable {
    /// By the names of the protocol. Packets with binary values are those without, and have ``attachments``.
    public enum Kind: String, Sendable {
        case connect = "CONNECT"
        case disconnect = "DISCONNECT"
        case event = "EVENT"
        case ack = "ACK"
        case connectError = "CONNECT_ERROR"
    }

    public let kind: Kind
    /// "/" or "/chat".
    public let namespace: String
    /// Of an event that asks for a reply, and of a reply.
    public let id: UInt64?
    /// JSON text: of an event the array of its name and arguments, of a reply that of its arguments; "" if there is none.
    public let data: String
    /// What the placeholders in ``data`` stand for, in order.
    public let attachments: [[UInt8]]

    init(_ packet: ParsedPacket, _ text: UnsafeRawBufferPointer, _ attachments: Attachments) {
        kind = Kind(packet.header.type)
        let name = text[packet.header.namespace]
        namespace = name.isEmpty ? "/" : String(decoding: name, as: UTF8.self)
        id = packet.header.acknowledgement
        data = String(decoding: text[packet.header.payload], as: UTF8.self)
        self.attachments = attachments.map { Array($0) }
    }
}

extension ManagerPacket.Kind {
    fileprivate init(_ type: PacketType) {
        self =
            switch type {
            case .connect: .connect
            case .disconnect: .disconnect
            case .event, .binaryEvent: .event
            case .ack, .binaryAck: .ack
            case .connectError: .connectError
            }
    }
}

/// Called for packets from the server, on the manager's loop.
public typealias ManagerPacketHandler = @Sendable (Manager, ManagerPacket) -> Void
