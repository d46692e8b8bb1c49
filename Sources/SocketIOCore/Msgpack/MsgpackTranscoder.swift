/// Writes a MessagePack value as JSON text, in the way that `JSON.stringify` writes what JavaScript reads there.
///
/// The text is not longer than six times the value (a control character becomes `\u0001`, false becomes `false,`), but
/// for its placeholders, which are few: a value cannot be blown up. Arrays and maps that are open are in an array, not
/// in the call stack.
struct MsgpackTranscoder {
    private(set) var text: [UInt8] = []
    /// Where in the bytes the attachments stand, in the order of their placeholders.
    private(set) var attachments: [Range<Int>] = []
    private let limits: PacketLimits
    private var open: [Container] = []
    /// Where a map stands that would be taken for a placeholder.
    private var pretender: Int?

    private struct Container {
        let isMap: Bool
        /// Elements, or pairs.
        var remaining: Int
        var isEmpty = true
    }

    init(limits: PacketLimits) {
        self.limits = limits
    }

    mutating func transcode(_ bytes: ByteView, from start: Int) throws(PacketError) {
        var reader = MsgpackReader(bytes, from: start)
        repeat {
            guard try reachesValue(&reader) else { continue }
            try value(&reader)
        } while !open.isEmpty
        // Among attachments it could not be told from a placeholder of ours. Without, it is plain data, as in a text
        // packet.
        if let pretender, !attachments.isEmpty { throw PacketError(.illegalAttachments, at: pretender) }
    }

    /// Writes what stands before the next value of the innermost array or map. False if there is none: it is closed, or
    /// the value is left out.
    private mutating func reachesValue(_ reader: inout MsgpackReader) throws(PacketError) -> Bool {
        guard var container = open.popLast() else { return true }
        guard container.remaining > 0 else {
            write(container.isMap ? ASCII.closeBrace : ASCII.closeBracket)
            return false
        }
        container.remaining &-= 1
        defer { open.append(container) }
        guard container.isMap else {
            separate(&container)
            return true
        }
        let start = reader.offset
        let key = try reader.next()
        if reader.isAtUndefined {
            try reader.skip()
            return false
        }
        separate(&container)
        try write(key: key, at: start, in: reader)
        write(ASCII.colon)
        return true
    }

    private mutating func separate(_ container: inout Container) {
        if !container.isEmpty { write(ASCII.comma) }
        container.isEmpty = false
    }

    /// Numbers become text, as JavaScript's properties are.
    private mutating func write(key: MsgpackReader.Token, at start: Int, in reader: MsgpackReader) throws(PacketError) {
        switch key {
        case .string(let range):
            let name = reader.bytes.slice(range)
            JSONString.quote(name, to: &self)
            if name.equals("_placeholder"), reader.isAtTrue { pretender = start }
        case .unsigned, .negative:
            write(ASCII.quote)
            write(number: key)
            write(ASCII.quote)
        default: throw PacketError(.invalidKey, at: start)
        }
    }

    private mutating func value(_ reader: inout MsgpackReader) throws(PacketError) {
        let start = reader.offset
        let token = try reader.next()
        switch token {
        case .null, .undefined: write("null")
        case .bool(let value): write(value ? "true" : "false")
        case .unsigned, .negative, .float: write(number: token)
        case .string(let range): JSONString.quote(reader.bytes.slice(range), to: &self)
        case .date(let date): date.write(to: &self)
        case .bytes(let range): try attach(range, at: start)
        case .array(let count): try open(Container(isMap: false, remaining: count), at: start)
        case .map(let count): try open(Container(isMap: true, remaining: count), at: start)
        }
    }

    private mutating func write(number: MsgpackReader.Token) {
        switch number {
        case .unsigned(let value): write(decimal: value)
        case .negative(let value):
            write(ASCII.minus)
            write(decimal: value.magnitude)
        case .float(let value) where value.isFinite: text.append(contentsOf: value.description.utf8)
        default: write("null")
        }
    }

    private mutating func open(_ container: Container, at start: Int) throws(PacketError) {
        guard open.count < limits.depth else { throw PacketError(.depthExceeded, at: start) }
        write(container.isMap ? ASCII.openBrace : ASCII.openBracket)
        open.append(container)
    }

    private mutating func attach(_ range: Range<Int>, at start: Int) throws(PacketError) {
        guard attachments.count < limits.attachments else { throw PacketError(.tooManyAttachments, at: start) }
        write("{\"_placeholder\":true,\"num\":")
        write(decimal: UInt64(attachments.count))
        write(ASCII.closeBrace)
        attachments.append(range)
    }
}

extension MsgpackTranscoder: ByteSink {
    mutating func write(_ byte: UInt8) {
        text.append(byte)
    }

    mutating func write(_ bytes: ByteView) {
        text.append(contentsOf: bytes.buffer)
    }
}
