/// The fields of a packet of the msgpack parser, in whatever order; of equal keys the last one counts.
struct MsgpackFields {
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

    /// A text packet cannot say a namespace that does not begin with a slash, or has a comma, and there is none.
    private static func namespace(_ reader: inout MsgpackReader) throws(PacketError) -> Range<Int> {
        let start = reader.offset
        guard case .string(let range) = try reader.next() else { throw PacketError(.invalidNamespace, at: start) }
        let name = reader.bytes.slice(range)
        guard name.hasPrefix("/", at: 0), name.firstOffset(of: ASCII.comma, from: 0) == name.count else {
            throw PacketError(.invalidNamespace, at: start)
        }
        return range
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
