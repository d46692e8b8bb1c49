/// A copy of what is emitted, which is made only if somebody listens.
public struct OutgoingContent: Sendable {
    public let name: String
    /// The arguments: the JSON text of an array.
    public let args: String
    /// What the placeholders in ``args`` stand for, in order.
    public let attachments: [[UInt8]]

    package init(_ message: ValidMessage) {
        name = String(decoding: message.name, as: UTF8.self)
        args = "[" + String(decoding: message.arguments, as: UTF8.self) + "]"
        attachments = message.attachments.map { Array($0) }
    }
}
