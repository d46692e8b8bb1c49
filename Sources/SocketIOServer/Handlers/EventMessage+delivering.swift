import SocketIOCore
import SocketIOHandlers
import SocketIOTransport

extension EventMessage {
    /// What can be sent. The arguments of the event whose handlers run on this thread need no validation.
    func validated() throws(SocketError) -> ValidMessage { try validated(isDelivered: Self.isDelivered) }

    /// As ``validated()``, and the name may be emitted.
    func validatedEvent() throws(SocketError) -> ValidMessage { try validatedEvent(isDelivered: Self.isDelivered) }

    private static func isDelivered(_ message: borrowing EventMessage) -> Bool {
        SocketLoop.isDelivering(message.args, attachments: message.attachments.count)
    }
}

extension ValidMessage {
    /// The packets of an event that has one more argument: its offset, by which clients say what they have missed.
    func enginePackets(in namespace: Namespace, offset: String) throws(SocketError) -> [EnginePacket] {
        let separator = arguments.isEmpty ? "" : ","
        let arguments = Array(arguments) + Array("\(separator)\"\(offset)\"".utf8)
        return try arguments.span.withUnsafeBytes { (arguments) throws(SocketError) in
            try enginePackets(
                .event(
                    namespace: namespace.wireName, acknowledgement: nil, attachments: attachments.count, name: name,
                    arguments: arguments), namespace.parser)
        }
    }
}
