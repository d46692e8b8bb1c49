import SocketIOCore

/// The parts of an event as they came, borrowed from its connection.
public struct EventBytes {
    public let name: UnsafeRawBufferPointer
    /// The JSON text of an array.
    public let arguments: UnsafeRawBufferPointer
    public let attachments: Attachments

    public init(name: UnsafeRawBufferPointer, arguments: UnsafeRawBufferPointer, attachments: Attachments) {
        self.name = name
        self.arguments = arguments
        self.attachments = attachments
    }
}

/// An event from the other side, while its handlers run.
///
/// What it holds is borrowed from the connection: copy what you keep (``name``, ``args`` and ``attachments`` are
/// copies).
public struct DeliveredEvent<Socket: AnyObject, Acknowledgement: Sendable>: ~Copyable {
    // SAFETY: the one who delivers the event holds the socket, and the event cannot be kept.
    private let unretainedSocket: Unmanaged<Socket>
    package let bytes: EventBytes
    /// The reply that the other side waits for, if it does.
    public let ack: Acknowledgement?

    // Public for the optimiser (decision 8).
    public init(socket: Socket, bytes: EventBytes, ack: Acknowledgement?) {
        unretainedSocket = .passUnretained(socket)
        self.bytes = bytes
        self.ack = ack
    }

    /// The socket that it came to.
    public var socket: Socket { unretainedSocket.takeUnretainedValue() }

    /// The event's name.
    public var name: String { String(decoding: bytes.name, as: UTF8.self) }

    /// The arguments: the JSON text of an array.
    public var args: String { String(decoding: bytes.arguments, as: UTF8.self) }

    /// What the placeholders in ``args`` stand for, in order.
    public var attachments: [[UInt8]] { bytes.attachments.map { Array($0) } }
}
