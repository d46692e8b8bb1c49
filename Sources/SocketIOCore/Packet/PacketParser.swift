/// Parses the text of a packet, without the Engine.IO type before it.
///
/// Nothing is allocated and nothing is copied; the time is linear in the length. Three things that the reference
/// parser lets pass are refused: an event without a payload, which it delivers without a name; a binary
/// acknowledgement without a payload; and attachment counts that only JavaScript takes for a number.
public enum PacketParser {
    public static func parse(
        _ bytes: UnsafeRawBufferPointer,
        limits: PacketLimits
    ) throws(PacketError) -> ParsedPacket {
        let bytes = ByteView(bytes)
        var packet = ParsedPacket(header: try PacketHeader(reading: bytes, limits: limits))
        do throws(JSONError) {
            try parsePayload(of: &packet, in: bytes, depth: limits.depth)
        } catch {
            throw PacketError(error)
        }
        if let event = packet.event, !event.isNumber,
            ReservedName.isReserved(contents: bytes.slice(event.name), hasEscapes: event.hasEscapes)
        {
            throw PacketError(.reservedName, at: event.name.lowerBound)
        }
        return packet
    }

    private static func parsePayload(
        of packet: inout ParsedPacket,
        in bytes: ByteView,
        depth: Int
    ) throws(JSONError) {
        let payload = packet.header.payload
        let shape: JSONShape
        switch packet.header.type {
        case .event, .binaryEvent:
            return try parseEvent(of: &packet, in: bytes, depth: depth)
        case .connect where payload.isEmpty, .ack where payload.isEmpty, .disconnect where payload.isEmpty:
            return
        case .disconnect:
            throw JSONError(.shape, at: payload.lowerBound)
        case .connect:
            shape = .object
        case .ack, .binaryAck:
            shape = .array
        case .connectError:
            shape = .stringOrObject
        }
        packet.header.payload = try JSONValidator.document(
            in: bytes,
            from: payload.lowerBound,
            expecting: shape,
            depth: depth,
            attachments: packet.header.placeholderLimit
        ).value
    }

    private static func parseEvent(
        of packet: inout ParsedPacket,
        in bytes: ByteView,
        depth: Int
    ) throws(JSONError) {
        let start = JSONLexer(bytes: bytes).endOfWhitespace(from: packet.header.payload.lowerBound)
        let event = try EventName(
            reading: bytes,
            from: start,
            depth: depth,
            attachments: packet.header.placeholderLimit
        )
        packet.header.payload = start..<event.end
        packet.event = event
    }
}

extension PacketHeader {
    /// In a text packet an object that looks like a placeholder is plain data.
    fileprivate var placeholderLimit: Int? {
        type.isBinary ? attachmentCount : nil
    }
}
