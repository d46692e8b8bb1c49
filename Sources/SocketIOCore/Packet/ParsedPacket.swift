/// A packet whose every byte has been checked. It holds offsets only; the bytes stay where they were.
package struct ParsedPacket: Equatable, Sendable {
    package var header: PacketHeader
    /// Present for events.
    package var event: EventName?
}
