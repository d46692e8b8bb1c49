import SocketIOHandlers

/// An event on its way to one client, as those see it that listen to what goes out.
public struct OutgoingEvent: Sendable {
    public let socket: ServerSocket
    public let name: String
    /// The arguments: the JSON text of an array.
    public let args: String
    /// What the placeholders in ``args`` stand for, in order.
    public let attachments: [[UInt8]]

    init(_ content: OutgoingContent, to socket: ServerSocket) {
        self.socket = socket
        name = content.name
        args = content.args
        attachments = content.attachments
    }
}

/// A copy of what is emitted, which is made only if somebody listens.
struct OutgoingContent: Sendable {
    let name: String
    let args: String
    let attachments: [[UInt8]]

    init(_ message: ValidMessage) {
        name = String(decoding: message.name, as: UTF8.self)
        args = "[" + String(decoding: message.arguments, as: UTF8.self) + "]"
        attachments = message.attachments.map { Array($0) }
    }
}
