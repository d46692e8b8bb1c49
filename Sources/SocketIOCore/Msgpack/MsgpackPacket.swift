/// A packet of the msgpack parser, made into the text of the same packet: what comes behind need not know how it was
/// written.
///
/// One binary message holds the map `{type, nsp, data, id}`. Bytes in it become attachments, and placeholders in the
/// text. Its rules are those of socket.io-msgpack-parser; where that one has none, for the name of an event among
/// others, those of ``PacketParser`` hold, which has to check the text. It may say "no data" with nil, as Python does,
/// in CONNECT and DISCONNECT.
public struct MsgpackPacket {
    /// The text packet, and a byte behind.
    private var text: [UInt8]
    /// Where the attachments stand in the message.
    private let attachments: [Range<Int>]

    /// Reads a whole message. `depth` counts from the arguments on, as in a text packet.
    public init(parsing message: UnsafeRawBufferPointer, limits: PacketLimits) throws(PacketError) {
        let bytes = ByteView(message)
        let fields = try MsgpackFields(reading: bytes)
        var transcoder = MsgpackTranscoder(limits: limits)
        if let data = fields.data { try transcoder.transcode(bytes, from: data) }
        let attachments = transcoder.attachments
        guard let type = PacketType(fields.type, isBinary: !attachments.isEmpty) else {
            throw PacketError(.illegalAttachments, at: fields.data ?? 0)
        }
        text = transcoder.text.withUnsafeBytes { json in
            OutgoingPacket(
                type, namespace: bytes.slice(fields.namespace).buffer, attachments: attachments.count,
                acknowledgement: fields.id, json: json
            ).textAndNUL
        }
        self.attachments = attachments
    }

    /// Whether the message may be a packet of this parser, for a sentence in the log: it begins with a small map.
    public static func looksLikeOne(_ message: UnsafeRawBufferPointer) -> Bool {
        message.first.map { $0 & 0xF0 == 0x80 } ?? false
    }

    /// Calls `body` with the text, which may be changed, as may the byte behind it, and the attachments, which lie in
    /// the message that was read.
    public mutating func withParts(
        of message: UnsafeRawBufferPointer,
        _ body: (UnsafeMutableRawBufferPointer, Attachments) throws(PacketError) -> Void
    ) throws(PacketError) {
        let attachments = attachments.map { ByteView(message).slice($0).buffer }
        var span = text.mutableSpan
        try span.withUnsafeMutableBytes { (text) throws(PacketError) in
            try attachments.span.withUnsafeBufferPointer { (attachments) throws(PacketError) in
                try body(UnsafeMutableRawBufferPointer(rebasing: text[..<(text.count &- 1)]), attachments)
            }
        }
    }
}

extension OutgoingPacket {
    fileprivate var textAndNUL: [UInt8] {
        let size = encodedSize
        return [UInt8](unsafeUninitializedCapacity: size &+ 1) { memory, count in
            memory.initialize(repeating: 0)
            _ = write(into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[..<size]))
            count = size &+ 1
        }
    }
}

extension PacketType {
    /// The type of a text packet; nil if it cannot have attachments.
    fileprivate init?(_ type: PacketType, isBinary: Bool) {
        switch (type, isBinary) {
        case (_, false): self = type
        case (.event, true): self = .binaryEvent
        case (.ack, true): self = .binaryAck
        default: return nil
        }
    }
}
