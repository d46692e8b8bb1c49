import SocketIOHandlers

/// An event from a client, while its handlers run; see ``DeliveredEvent``.
public typealias SocketEvent = DeliveredEvent<ServerSocket, Acknowledgement>

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
