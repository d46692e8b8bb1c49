extension OutgoingPacket {
    /// The packet as the msgpack parser writes it: one binary message, attachments included. Nil if that is longer than
    /// `limit`.
    ///
    /// An attachment that no placeholder refers to is not sent: there is no place for it.
    public func msgpack(attachments: [UnsafeRawBufferPointer], limit: Int) -> [UInt8]? {
        let text = ByteView(payload.text)
        let outline = JSONOutline(of: text, attachments: attachments.count)
        // Several placeholders may stand for one attachment: their number does not tell how much they make.
        let size = outline.size(of: attachments)
        guard size <= limit else { return nil }
        let hasData = outline.topCount > 0 || payload.isArray
        var writer = MsgpackWriter(capacity: text.count &+ size &+ 64)
        writer.beginMap(2 &+ (hasData ? 1 : 0) &+ (acknowledgement == nil ? 0 : 1))
        writer.write("type")
        writer.write(UInt64(type.withoutAttachments.rawValue))
        writer.write("nsp")
        if namespace.isEmpty { writer.write("/") } else { writer.write(ByteView(namespace)) }
        if hasData {
            writer.write("data")
            switch payload {
            case .json: break
            case .arguments: writer.beginArray(outline.topCount)
            case .event(let name, _):
                writer.beginArray(outline.topCount &+ 1)
                writer.write(ByteView(name))
            }
            writer.write(json: text, outline, attachments: attachments)
        }
        if let acknowledgement {
            writer.write("id")
            writer.write(acknowledgement)
        }
        return writer.bytes.count <= limit ? writer.bytes : nil
    }
}

extension OutgoingPacket.Payload {
    /// Its JSON: one value or none, or what stands between the brackets of an array.
    fileprivate var text: UnsafeRawBufferPointer {
        switch self {
        case .json(let text), .event(_, let text), .arguments(let text): text
        }
    }

    fileprivate var isArray: Bool {
        switch self {
        case .json: false
        case .event, .arguments: true
        }
    }
}

extension MsgpackWriter {
    fileprivate mutating func write(_ text: StaticString) {
        text.withUTF8Buffer { write(ByteView(UnsafeRawBufferPointer($0))) }
    }
}
