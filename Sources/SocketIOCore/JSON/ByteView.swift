/// Untrusted bytes, borrowed. Each function compares every index with the end before it reads.
///
/// `UnsafeRawBufferPointer` computes its count from two optional pointers; in loops over single bytes that costs as
/// much as the work itself.
struct ByteView {
    private let base: UnsafeRawPointer
    let count: Int

    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address. Any other will do: with a count of 0 it is never read.
        base = bytes.baseAddress ?? UnsafeRawPointer(("" as StaticString).utf8Start)
        count = bytes.count
    }

    private init(base: UnsafeRawPointer, count: Int) {
        self.base = base
        self.count = count
    }

    var buffer: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: count)
    }

    /// The byte at `offset`, or 0 behind the end.
    ///
    /// No rule of the protocol or of JSON accepts a NUL where this is used, so the end needs no case of its own.
    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        offset < count ? self[offset] : 0
    }

    /// The part that `range` names, without a copy.
    func slice(_ range: Range<Int>) -> ByteView {
        let inside = range.clamped(to: 0..<count)
        return ByteView(base: base + inside.lowerBound, count: inside.count)
    }

    /// The caller has compared `offset` with the count.
    @inline(__always)
    private subscript(offset: Int) -> UInt8 {
        base.load(fromByteOffset: offset, as: UInt8.self)
    }

    /// Eight bytes, the first in the low bits; the caller has made sure that they are there.
    @inline(__always)
    private func word(at offset: Int) -> UInt64 {
        UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}

extension ByteView {
    func equals(_ literal: StaticString) -> Bool {
        count == literal.utf8CodeUnitCount && hasPrefix(literal, at: 0)
    }

    @inline(__always)
    func hasPrefix(_ literal: StaticString, at offset: Int) -> Bool {
        literal.withUTF8Buffer { expected in
            guard offset <= count, expected.count <= count &- offset else { return false }
            for index in 0..<expected.count where self[offset &+ index] != expected[index] {
                return false
            }
            return true
        }
    }

    /// Where the run of bytes that a JSON string holds as they are ends: at a quote, a backslash, a control
    /// character, a byte outside ASCII, or the end.
    @inline(__always)
    func endOfPlainText(from start: Int) -> Int {
        var offset = start
        while offset <= count &- 8 {
            let marks = word(at: offset).specialBytes
            if marks != 0 {
                return offset &+ marks.trailingZeroBitCount / 8
            }
            offset &+= 8
        }
        while offset < count, !self[offset].isSpecial {
            offset &+= 1
        }
        return offset
    }

    /// Where the run of ASCII that begins at `start` ends.
    func endOfASCII(from start: Int) -> Int {
        var offset = start
        while offset <= count &- 32 {
            let bits =
                word(at: offset) | word(at: offset &+ 8) | word(at: offset &+ 16) | word(at: offset &+ 24)
            if bits & .highBits != 0 {
                break
            }
            offset &+= 32
        }
        while offset < count, self[offset] < 0x80 {
            offset &+= 1
        }
        return offset
    }
}

extension UInt64 {
    fileprivate static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// The high bit of each byte that cannot stand in a JSON string as it is.
    ///
    /// A subtraction sets the high bit of a byte that is smaller than what is taken away; flipping bit 1 puts the
    /// quote (0x22) next to the control characters, so that one comparison finds both. A borrow can mark bytes
    /// above a marked one wrongly; the lowest mark is always right, and the only one that is used.
    @inline(__always)
    fileprivate var specialBytes: UInt64 {
        let controlOrQuote = (self ^ 0x0202_0202_0202_0202) &- 0x2121_2121_2121_2121
        let backslash = (self ^ 0x5C5C_5C5C_5C5C_5C5C) &- 0x0101_0101_0101_0101
        return (controlOrQuote | backslash | self) & .highBits
    }
}

extension UInt8 {
    @inline(__always)
    fileprivate var isSpecial: Bool {
        self < ASCII.space || self == ASCII.quote || self == ASCII.backslash || self >= 0x80
    }
}
