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
