/// Takes MessagePack values off untrusted bytes, one after the other: what is in an array or map follows it.
///
/// Counts and sizes are compared with the bytes that are left before anybody uses them.
struct MsgpackReader {
    enum Token {
        case null
        /// What JavaScript writes for `undefined`: an extension of its own.
        case undefined
        case bool(Bool)
        case unsigned(UInt64)
        case negative(Int64)
        case float(Double)
        /// Where valid UTF-8 stands.
        case string(Range<Int>)
        case bytes(Range<Int>)
        case date(ISODate)
        case array(Int)
        /// How many pairs of a key and a value follow.
        case map(Int)
    }

    let bytes: ByteView
    private(set) var offset: Int

    init(_ bytes: ByteView, from offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    private var remaining: Int { bytes.count &- offset }

    /// Whether the next value is `undefined`.
    var isAtUndefined: Bool {
        remaining >= 3 && bytes.byte(at: offset) == 0xD4 && bytes.byte(at: offset &+ 1) == 0
    }

    /// Whether the next value is `true`.
    var isAtTrue: Bool { bytes.byte(at: offset) == 0xC3 }

    /// The next value.
    mutating func next() throws(PacketError) -> Token {
        let start = offset
        switch UInt8(truncatingIfNeeded: try unsigned(1)) {
        case let byte where byte < 0x80: return .unsigned(UInt64(byte))
        case let byte where byte < 0x90: return .map(try count(UInt64(byte & 0x0F), of: 2))
        case let byte where byte < 0xA0: return .array(try count(UInt64(byte & 0x0F), of: 1))
        case let byte where byte < 0xC0: return .string(try text(UInt64(byte & 0x1F)))
        case let byte where byte >= 0xE0: return .negative(Int64(Int8(bitPattern: byte)))
        case 0xC0: return .null
        case 0xC2: return .bool(false)
        case 0xC3: return .bool(true)
        case 0xC4: return .bytes(try take(unsigned(1)))
        case 0xC5: return .bytes(try take(unsigned(2)))
        case 0xC6: return .bytes(try take(unsigned(4)))
        case 0xC7: return try variableExtension(unsigned(1), at: start)
        case 0xC8: return try variableExtension(unsigned(2), at: start)
        case 0xC9: return try variableExtension(unsigned(4), at: start)
        case 0xCA: return .float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: try unsigned(4)))))
        case 0xCB: return .float(Double(bitPattern: try unsigned(8)))
        case 0xCC: return .unsigned(try unsigned(1))
        case 0xCD: return .unsigned(try unsigned(2))
        case 0xCE: return .unsigned(try unsigned(4))
        case 0xCF: return .unsigned(try unsigned(8))
        case 0xD0: return signed(Int64(Int8(truncatingIfNeeded: try unsigned(1))))
        case 0xD1: return signed(Int64(Int16(truncatingIfNeeded: try unsigned(2))))
        case 0xD2: return signed(Int64(Int32(truncatingIfNeeded: try unsigned(4))))
        case 0xD3: return signed(Int64(bitPattern: try unsigned(8)))
        case 0xD4: return try fixedExtension(1, at: start)
        case 0xD5: return try fixedExtension(2, at: start)
        case 0xD6: return try fixedExtension(4, at: start)
        case 0xD7: return try fixedExtension(8, at: start)
        case 0xD8: return try fixedExtension(16, at: start)
        case 0xD9: return .string(try text(unsigned(1)))
        case 0xDA: return .string(try text(unsigned(2)))
        case 0xDB: return .string(try text(unsigned(4)))
        case 0xDC: return .array(try count(unsigned(2), of: 1))
        case 0xDD: return .array(try count(unsigned(4), of: 1))
        case 0xDE: return .map(try count(unsigned(2), of: 2))
        case 0xDF: return .map(try count(unsigned(4), of: 2))
        default: throw PacketError(.notMsgpack, at: start)  // 0xC1, which is never used
        }
    }

    /// Steps over the next value, with all that is in it.
    mutating func skip() throws(PacketError) {
        var pending = 1
        while pending > 0 {
            // Each value takes a byte at least: nested counts do not add up to more than there is.
            guard pending <= remaining else { throw PacketError(.notMsgpack, at: offset) }
            pending &-= 1
            switch try next() {
            case .array(let count): pending &+= count
            case .map(let pairs): pending &+= pairs &* 2
            default: break
            }
        }
    }

    // MARK: Parts of a value

    /// A big-endian number of some bytes.
    private mutating func unsigned(_ size: Int) throws(PacketError) -> UInt64 {
        var value: UInt64 = 0
        for place in try take(UInt64(size)) {
            value = value &<< 8 | UInt64(bytes.byte(at: place))
        }
        return value
    }

    private func signed(_ value: Int64) -> Token {
        value < 0 ? .negative(value) : .unsigned(UInt64(value))
    }

    private mutating func take(_ size: UInt64) throws(PacketError) -> Range<Int> {
        guard let size = Int(exactly: size), size <= remaining else { throw PacketError(.notMsgpack, at: offset) }
        defer { offset &+= size }
        return offset..<(offset &+ size)
    }

    /// A count of elements, each of which takes `size` bytes at least.
    private func count(_ count: UInt64, of size: Int) throws(PacketError) -> Int {
        guard let count = Int(exactly: count), count <= remaining / size else {
            throw PacketError(.notMsgpack, at: offset)
        }
        return count
    }

    private mutating func text(_ size: UInt64) throws(PacketError) -> Range<Int> {
        let range = try take(size)
        let isValid = bytes.slice(range).buffer.withMemoryRebound(to: UInt8.self) { text in
            (try? UTF8Span(validating: text.span)) != nil
        }
        guard isValid else { throw PacketError(.notUTF8, at: range.lowerBound) }
        return range
    }

    // MARK: Extensions

    // 0 is notepack's, in which the size tells what it is: one byte is undefined, eight are a date, and what has a
    // size of its own is an ArrayBuffer. -1 is MessagePack's own timestamp. JSON has nothing for others.

    private mutating func fixedExtension(_ size: Int, at start: Int) throws(PacketError) -> Token {
        let type = Int8(truncatingIfNeeded: try unsigned(1))
        switch (type, size) {
        case (0, 1):
            _ = try take(1)
            return .undefined
        case (0, 8): return .date(ISODate(milliseconds: Int64(bitPattern: try unsigned(8))))
        default: return try otherExtension(type, UInt64(size), at: start)
        }
    }

    private mutating func variableExtension(_ size: UInt64, at start: Int) throws(PacketError) -> Token {
        try otherExtension(Int8(truncatingIfNeeded: try unsigned(1)), size, at: start)
    }

    private mutating func otherExtension(_ type: Int8, _ size: UInt64, at start: Int) throws(PacketError) -> Token {
        switch type {
        case 0: return .bytes(try take(size))
        case -1: return .date(try timestamp(size, at: start))
        default: throw PacketError(.unknownExtension, at: start)
        }
    }

    private mutating func timestamp(_ size: UInt64, at start: Int) throws(PacketError) -> ISODate {
        let seconds: Int64
        let nanoseconds: UInt64
        switch size {
        case 4:
            seconds = Int64(bitPattern: try unsigned(4))
            nanoseconds = 0
        case 8:
            let both = try unsigned(8)
            seconds = Int64(bitPattern: both & 0x3_FFFF_FFFF)
            nanoseconds = both >> 34
        case 12:
            nanoseconds = try unsigned(4)
            seconds = Int64(bitPattern: try unsigned(8))
        default: throw PacketError(.notMsgpack, at: start)
        }
        guard nanoseconds < 1_000_000_000 else { throw PacketError(.notMsgpack, at: start) }
        return ISODate(seconds: seconds, milliseconds: Int64(nanoseconds / 1_000_000))
    }
}
