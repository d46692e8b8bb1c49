/// Parses the text of a packet, without the Engine.IO type before it.
///
/// The text is valid UTF-8: both transports have seen to that, and it is not checked again. Nothing is copied, and
/// nothing is allocated unless arrays and objects are nested more than fifteen deep; the time is linear in the length.
/// Three things that the reference parser lets pass are refused: an event without a payload, which it delivers without
/// a name; a binary acknowledgement without a payload; and attachment counts that only JavaScript takes for a number.
public enum PacketParser {
    public static func parse(
        _ bytes: UnsafeRawBufferPointer,
        limits: PacketLimits
    ) throws(PacketError) -> ParsedPacket {
        let bytes = ByteView(bytes)
        var header = try PacketHeader(reading: bytes, limits: limits)
        let event: EventName
        do throws(JSONError) {
            guard header.type == .event || header.type == .binaryEvent else {
                header.payload = try payload(of: header, in: bytes, limits: limits)
                return ParsedPacket(header: header, event: nil)
            }
            let start = JSONLexer(bytes: bytes).token(from: header.payload.lowerBound).offset
            event = try EventName(
                reading: bytes,
                from: start,
                depth: limits.depth,
                attachments: header.placeholderLimit
            )
            header.payload = start..<event.end
        } catch {
            throw PacketError(error)
        }
        guard !event.isReserved(in: bytes) else {
            throw PacketError(.reservedName, at: event.name.lowerBound)
        }
        return ParsedPacket(header: header, event: event)
    }

    /// Checks the payload of a packet that is no event, and returns it without the whitespace around it.
    private static func payload(
        of header: PacketHeader,
        in bytes: ByteView,
        limits: PacketLimits
    ) throws(JSONError) -> Range<Int> {
        let payload = header.payload
        let shape: JSONShape
        switch header.type {
        case .connect where payload.isEmpty, .ack where payload.isEmpty, .disconnect where payload.isEmpty:
            return payload
        case .disconnect where limits.disconnectMayHavePayload:
            shape = .any
        case .disconnect:
            throw JSONError(.shape, at: payload.lowerBound)
        case .connect:
            shape = .object
        case .connectError:
            shape = .stringOrObject
        case .ack, .binaryAck, .event, .binaryEvent:
            shape = .array
        }
        return try JSONValidator.document(
            in: bytes,
            from: payload.lowerBound,
            expecting: shape,
            depth: limits.depth,
            attachments: header.placeholderLimit
        ).value
    }
}

extension EventName {
    fileprivate func isReserved(in bytes: ByteView) -> Bool {
        !isNumber && ReservedName.isReserved(contents: bytes.slice(name), hasEscapes: hasEscapes)
    }
}

extension PacketHeader {
    /// In a text packet an object that looks like a placeholder is plain data.
    fileprivate var placeholderLimit: Int? {
        type.isBinary ? attachmentCount : nil
    }
}
