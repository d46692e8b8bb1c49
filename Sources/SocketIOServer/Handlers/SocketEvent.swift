import SocketIOCore
import SocketIOHandlers

/// An event from a client, while its handlers run.
///
/// What it holds is borrowed from the connection: copy what you keep (``name``, ``args`` and ``attachments`` are
/// copies).
public struct SocketEvent: ~Copyable {
    // SAFETY: the one who delivers the event holds the socket, and the event cannot be kept.
    private let unretainedSocket: Unmanaged<ServerSocket>
    package let rawName: UnsafeRawBufferPointer
    package let rawArguments: UnsafeRawBufferPointer
    package let rawAttachments: Attachments
    /// The reply that the client waits for, if it does.
    public let ack: Acknowledgement?

    init(
        socket: ServerSocket, rawName: UnsafeRawBufferPointer, rawArguments: UnsafeRawBufferPointer,
        rawAttachments: Attachments, ack: Acknowledgement?
    ) {
        unretainedSocket = .passUnretained(socket)
        self.rawName = rawName
        self.rawArguments = rawArguments
        self.rawAttachments = rawAttachments
        self.ack = ack
    }

    public var socket: ServerSocket { unretainedSocket.takeUnretainedValue() }

    /// The event's name.
    public var name: String { String(decoding: rawName, as: UTF8.self) }

    /// The arguments: the JSON text of an array.
    public var args: String { String(decoding: rawArguments, as: UTF8.self) }

    /// What the placeholders in ``args`` stand for, in order.
    public var attachments: [[UInt8]] { rawAttachments.map { Array($0) } }
}

/// A reply that a client waits for. It can be given once, from any thread.
public struct Acknowledgement: Sendable {
    package let handle: Handle

    package init(handle: Handle) {
        self.handle = handle
    }

    /// Replies with `args`, the JSON text of an array, in which placeholders stand for `attachments`.
    public func reply(_ args: String = "[]", attachments: [[UInt8]] = []) throws(SocketError) {
        try EventMessage.withBytes(name: "", args: args, attachments: attachments) {
            (message) throws(SocketError) in try reply(message)
        }
    }

    package func reply(_ message: borrowing EventMessage) throws(SocketError) {
        guard let key: ReplyTable.Key = handle.key(of: .reply), let loop = SocketLoop.at(handle.loop) else {
            throw Self.spent
        }
        let content = try message.validated()
        guard let reply = loop.replies.withLock({ $0.take(key) }), let socket = SocketLoop.socket(reply.socket) else {
            throw Self.spent
        }
        try socket.send(reply: content, to: reply.acknowledgement)
    }

    private static let spent = SocketError(.gone, "The client was replied to before, or is gone.")
}
