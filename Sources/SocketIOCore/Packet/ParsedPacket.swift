/// A packet whose every byte has been checked. It holds offsets only; the bytes stay where they were.
public struct ParsedPacket: Equatable, Sendable {
    public var header: PacketHeader
    /// Present for events.
    public var event: EventName?
}
