import SocketIOHandlers

/// An event from the server, while its handlers run; see ``DeliveredEvent``.
public typealias ClientEvent = DeliveredEvent<ClientSocket, ClientAcknowledgement>

/// A copy of an event, for ``ClientSocket/events(_:limit:)``.
public struct ReceivedEvent: Sendable {
    public let name: String
    /// The arguments: the JSON text of an array.
    public let args: String
    /// What the placeholders in ``args`` stand for, in order.
    public let attachments: [[UInt8]]
    /// The reply that the server waits for, if it does.
    public let ack: ClientAcknowledgement?

    init(_ event: borrowing ClientEvent) {
        name = event.name
        args = event.args
        attachments = event.attachments
        ack = event.ack
    }
}

/// A reply that the server waits for. It can be given once, from any thread.
public struct ClientAcknowledgement: Sendable {
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
        guard let key: ReplyTable.Key = handle.key(of: .clientReply), let loop = ClientLoop.at(handle.loop) else {
            throw Self.spent
        }
        let content = try message.validated { loop.isDelivering($0) }
        // Before the reply is taken: another one may be given then.
        if !content.attachments.isEmpty, let handle = loop.replies.withLock({ $0.socket(of: key) }) {
            try ClientLoop.socket(handle)?.checkNumber(of: content.attachments)
        }
        guard let reply = loop.replies.withLock({ $0.take(key) }), let socket = ClientLoop.socket(reply.socket) else {
            throw Self.spent
        }
        try socket.send(reply: content, to: reply.acknowledgement)
    }

    private static let spent = SocketError(.gone, "The server was replied to before, or the connection is gone.")
}

/// An event on its way to the server, as those see it that listen to what goes out.
public typealias ClientOutgoingEvent = OutgoingContent
