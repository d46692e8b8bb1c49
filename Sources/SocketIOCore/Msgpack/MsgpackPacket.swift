/// A packet of the msgpack parser, as the text of the same packet: what comes behind need not know how it was written.
///
/// One binary message holds the map `{type, nsp, data, id}`. Bytes in it become attachments, and placeholders in the
/// text. Its rules are those of socket.io-msgpack-parser, and, where that one has none, those of text packets: for the
/// name of an event, for the number of attachments, for the depth. It may say "no data" with nil, as Python does, in
/// CONNECT and DISCONNECT.
public struct MsgpackPacket {
    /// Where its parts stand in the text. An event or acknowledgement with attachments is of the same type as one
    /// without.
    public let packet: ParsedPacket
    /// The namespace and the payload, and a byte behind.
    private var text: [UInt8]
    /// Where the attachments stand in the message.
    private let attachments: [Range<Int>]

    /// Reads a whole message. `depth` counts from the arguments on, as in a text packet.
    public init(parsing message: UnsafeRawBufferPointer, limits: PacketLimits) throws(PacketError) {
        let bytes = ByteView(message)
        let fields = try MsgpackFields(reading: bytes)
        var transcoder = MsgpackTranscoder(limits: limits)
        // The root namespace is nothing, as in a text packet.
        if fields.namespace.count > 1 { transcoder.write(bytes.slice(fields.namespace)) }
        let start = transcoder.text.count
        if let data = fields.data { try transcoder.transcode(bytes, from: data) }
        let end = transcoder.text.count
        transcoder.write(0)
        let isBinary = !transcoder.attachments.isEmpty
        guard let type = PacketType(fields.type, isBinary: isBinary) else {
            throw PacketError(.illegalAttachments, at: fields.data ?? 0)
        }
        let header = PacketHeader(
            type: type, attachmentCount: transcoder.attachments.count, namespace: 0..<start,
            acknowledgement: fields.id, payload: start..<end)
        var packet: ParsedPacket
        do throws(PacketError) {
            packet = try transcoder.text.span.withUnsafeBytes { (text) throws(PacketError) in
                try PacketParser.parse(payloadOf: header, in: ByteView(text).slice(0..<end), limits: limits)
            }
        } catch {
            // Offsets in the text would tell nobody anything.
            throw PacketError(error.kind, at: fields.data ?? 0)
        }
        packet.header.type = fields.type
        self.packet = packet
        text = transcoder.text
        attachments = transcoder.attachments
    }

    /// Whether the message may be a packet of this parser, for a sentence in the log: it begins with a small map.
    public static func looksLikeOne(_ message: UnsafeRawBufferPointer) -> Bool {
        message.first.map { $0 & 0xF0 == 0x80 } ?? false
    }

    /// Calls `body` with the text, which may be changed, as may the byte behind it, and the attachments, which lie in
    /// the message that was read.
    public mutating func withParts(
        of message: UnsafeRawBufferPointer, _ body: (UnsafeMutableRawBufferPointer, Attachments) -> Void
    ) {
        let attachments = attachments.map { ByteView(message).slice($0).buffer }
        text.withUnsafeMutableBytes { text in
            attachments.withUnsafeBufferPointer { attachments in
                body(UnsafeMutableRawBufferPointer(rebasing: text[..<(text.count &- 1)]), attachments)
            }
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

/// The fields of the map, in whatever order; of equal keys the last one counts.
private struct MsgpackFields {
    private(set) var type = PacketType.event
    private(set) var namespace = 0..<0
    private(set) var id: UInt64?
    /// Where the data begins; nil when there is none.
    private(set) var data: Int?

    init(reading bytes: ByteView) throws(PacketError) {
        var reader = MsgpackReader(bytes)
        guard case .map(let count) = try reader.next() else { throw PacketError(.notMsgpack, at: 0) }
        var hasType = false
        for _ in 0..<count {
            let start = reader.offset
            guard case .string(let key) = try reader.next() else { throw PacketError(.notMsgpack, at: start) }
            let name = bytes.slice(key)
            if name.equals("type") {
                type = try Self.type(&reader)
                hasType = true
            } else if name.equals("nsp") {
                namespace = try Self.namespace(&reader)
            } else if name.equals("id") {
                id = try Self.id(&reader)
            } else {
                if name.equals("data") { data = reader.isAtUndefined ? nil : reader.offset }
                try reader.skip()
            }
        }
        guard reader.offset == bytes.count else { throw PacketError(.notMsgpack, at: reader.offset) }
        guard hasType else { throw PacketError(.unknownType, at: 0) }
        guard !namespace.isEmpty else { throw PacketError(.invalidNamespace, at: 0) }
        try checkData(bytes)
    }

    /// Whether there has to be data; what it is, is found out from its text.
    private mutating func checkData(_ bytes: ByteView) throws(PacketError) {
        switch type {
        case .connect, .disconnect:
            if let data, bytes.byte(at: data) == 0xC0 { self.data = nil }
        case .event, .ack, .connectError, .binaryEvent, .binaryAck:
            guard data != nil else { throw PacketError(.invalidPayload, at: 0) }
        }
    }

    private static func type(_ reader: inout MsgpackReader) throws(PacketError) -> PacketType {
        let start = reader.offset
        guard let number = try integer(&reader), number <= 4,
            let type = PacketType(rawValue: UInt8(truncatingIfNeeded: number))
        else { throw PacketError(.unknownType, at: start) }
        return type
    }

    /// A text packet cannot say a namespace that does not begin with a slash, and none does.
    private static func namespace(_ reader: inout MsgpackReader) throws(PacketError) -> Range<Int> {
        let start = reader.offset
        guard case .string(let name) = try reader.next(), reader.bytes.slice(name).hasPrefix("/", at: 0) else {
            throw PacketError(.invalidNamespace, at: start)
        }
        return name
    }

    private static func id(_ reader: inout MsgpackReader) throws(PacketError) -> UInt64? {
        let start = reader.offset
        if reader.isAtUndefined {
            try reader.skip()
            return nil
        }
        guard let id = try integer(&reader) else { throw PacketError(.invalidID, at: start) }
        return id
    }

    /// A whole number, however it is written; nil for anything else.
    private static func integer(_ reader: inout MsgpackReader) throws(PacketError) -> UInt64? {
        switch try reader.next() {
        case .unsigned(let value): value
        case .float(let value): UInt64(exactly: value)
        default: nil
        }
    }
}
