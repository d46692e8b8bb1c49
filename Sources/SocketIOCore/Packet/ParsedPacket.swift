/// A packet whose every byte has been checked. It holds offsets only; the bytes stay where they were.
public struct ParsedPacket: Equatable, Sendable {
    public var header: PacketHeader
    /// Present for events.
    public var event: EventName?

    /// The packet when its attachments are there already: of the type of those that have none, which nothing follows.
    public var withoutWaiting: ParsedPacket {
        var packet = self
        packet.header.type = header.type.withoutAttachments
        return packet
    }
}
