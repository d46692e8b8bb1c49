/// One packet to send. It borrows its parts: they must outlive it.
///
/// The transport asks for `encodedSize` first, reserves exactly that, and lets the packet write itself.
///
/// The parts are trusted: names and namespaces are valid UTF-8, a namespace begins with `/` and holds no `,`, JSON was
/// validated. An empty namespace, and `/`, is the root.
public struct OutgoingPacket {
    /// What follows the header.
    public enum Payload {
        /// Nothing, or JSON text that is sent as it is.
        case json(UnsafeRawBufferPointer)
        /// An array of the name, which is quoted here, and of the arguments: what stands between `[` and `]`.
        case event(name: UnsafeRawBufferPointer, arguments: UnsafeRawBufferPointer)
        /// An array of the arguments: what stands between `[` and `]`.
        case arguments(UnsafeRawBufferPointer)
    }

    public let type: PacketType
    public let namespace: UnsafeRawBufferPointer
    public let attachments: Int
    public let acknowledgement: UInt64?
    public let payload: Payload
}

// The packets of the protocol. With attachments, events and acknowledgements are of the binary type.
extension OutgoingPacket {
    public static func connect(
        namespace: UnsafeRawBufferPointer,
        json: UnsafeRawBufferPointer
    ) -> OutgoingPacket {
        OutgoingPacket(.connect, namespace: namespace, payload: .json(json))
    }

    public static func connectError(
        namespace: UnsafeRawBufferPointer,
        json: UnsafeRawBufferPointer
    ) -> OutgoingPacket {
        OutgoingPacket(.connectError, namespace: namespace, payload: .json(json))
    }

    public static func disconnect(namespace: UnsafeRawBufferPointer) -> OutgoingPacket {
        OutgoingPacket(.disconnect, namespace: namespace, payload: .json(UnsafeRawBufferPointer(start: nil, count: 0)))
    }

    public static func event(
        namespace: UnsafeRawBufferPointer,
        acknowledgement: UInt64?,
        attachments: Int,
        name: UnsafeRawBufferPointer,
        arguments: UnsafeRawBufferPointer
    ) -> OutgoingPacket {
        OutgoingPacket(
            attachments > 0 ? .binaryEvent : .event,
            namespace: namespace,
            attachments: attachments,
            acknowledgement: acknowledgement,
            payload: .event(name: name, arguments: arguments)
        )
    }

    public static func ack(
        namespace: UnsafeRawBufferPointer,
        acknowledgement: UInt64,
        attachments: Int,
        arguments: UnsafeRawBufferPointer
    ) -> OutgoingPacket {
        OutgoingPacket(
            attachments > 0 ? .binaryAck : .ack,
            namespace: namespace,
            attachments: attachments,
            acknowledgement: acknowledgement,
            payload: .arguments(arguments)
        )
    }

    /// A packet of any type, with its whole payload.
    init(
        _ type: PacketType,
        namespace: UnsafeRawBufferPointer,
        attachments: Int,
        acknowledgement: UInt64?,
        json: UnsafeRawBufferPointer
    ) {
        self.init(
            type, namespace: namespace, attachments: attachments, acknowledgement: acknowledgement,
            payload: .json(json))
    }

    private init(
        _ type: PacketType,
        namespace: UnsafeRawBufferPointer,
        attachments: Int = 0,
        acknowledgement: UInt64? = nil,
        payload: Payload
    ) {
        self.type = type
        self.namespace = namespace
        self.attachments = attachments
        self.acknowledgement = acknowledgement
        self.payload = payload
    }
}
