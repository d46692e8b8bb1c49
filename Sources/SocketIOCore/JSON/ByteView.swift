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
        offset < count ? load(UInt8.self, at: offset) : 0
    }

    /// The part that `range` names, without a copy.
    @inline(__always)
    func slice(_ range: Range<Int>) -> ByteView {
        let inside = range.clamped(to: 0..<count)
        return ByteView(base: base + inside.lowerBound, count: inside.count)
    }

    /// The eight bytes from `offset` on, the first in the low bits; zeros stand for those behind the end.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        offset <= count &- 8 ? load(UInt64.self, at: offset).littleEndian : wordAcrossEnd(at: offset)
    }

    /// The same for four bytes.
    @inline(__always)
    func halfWord(at offset: Int) -> UInt32 {
        offset <= count &- 4
            ? load(UInt32.self, at: offset).littleEndian : UInt32(truncatingIfNeeded: wordAcrossEnd(at: offset))
    }

    @inline(never)
    private func wordAcrossEnd(at offset: Int) -> UInt64 {
        guard offset < count else { return 0 }
        if count >= 8 {
            // The last eight bytes, without those before `offset`, which are one to seven.
            let bits = UInt64(truncatingIfNeeded: (offset &- (count &- 8)) &* 8)
            return load(UInt64.self, at: count &- 8).littleEndian &>> bits
        }
        if count >= 4 {
            // The first four and the last four, some of which may be the same.
            let first = UInt64(load(UInt32.self, at: 0).littleEndian)
            let last = UInt64(load(UInt32.self, at: count &- 4).littleEndian)
            let bits = UInt64(truncatingIfNeeded: (count &- 4) &* 8)
            return (first | last &<< bits) &>> UInt64(truncatingIfNeeded: offset &* 8)
        }
        var word: UInt64 = 0
        for place in (offset..<count).reversed() {
            word = word &<< 8 | UInt64(byte(at: place))
        }
        return word
    }

    // SAFETY: private, and each use stands behind a comparison that proves that the whole value lies within the bytes:
    // `offset <= count &- size`, where an offset is never negative.
    @inline(__always)
    private func load<Value: BitwiseCopyable>(_ type: Value.Type, at offset: Int) -> Value {
        base.loadUnaligned(fromByteOffset: offset, as: type)
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
            for index in 0..<expected.count where byte(at: offset &+ index) != expected[index] {
                return false
            }
            return true
        }
    }
}

// Searches look at many bytes at a time. What reaches behind the end is filled up with zeros, which are marks themselves.
extension ByteView {
    fileprivate typealias Block = SIMD16<UInt8>
    fileprivate typealias Marks = SIMDMask<SIMD16<Int8>>

    /// Where the run of bytes that a JSON string holds as they are ends: at a quote, a backslash, a control character,
    /// or the end.
    @inline(__always)
    func endOfPlainText(from start: Int) -> Int {
        // Most strings are short, and for them words are quicker than a block.
        guard start <= count &- 16 else { return endOfShortPlainText(from: start) }
        let first = load(UInt64.self, at: start).littleEndian.stringMarks
        if first != 0 { return start &+ first.trailingZeroBitCount / 8 }
        let second = load(UInt64.self, at: start &+ 8).littleEndian.stringMarks
        if second != 0 { return start &+ 8 &+ second.trailingZeroBitCount / 8 }
        return endOfLongPlainText(from: start &+ 16)
    }

    @inline(never)
    private func endOfLongPlainText(from start: Int) -> Int {
        var offset = start
        while offset <= count &- 16 {
            let marks = Self.stringMarks(block(at: offset)).bits
            if marks != 0 { return offset &+ marks.trailingZeroBitCount / 4 }
            offset &+= 16
            while offset <= count &- 64 {
                let first = Self.stringMarks(block(at: offset)) .| Self.stringMarks(block(at: offset &+ 16))
                let second = Self.stringMarks(block(at: offset &+ 32)) .| Self.stringMarks(block(at: offset &+ 48))
                guard (first .| second).bits == 0 else { break }
                offset &+= 64
            }
        }
        return endOfShortPlainText(from: offset)
    }

    @inline(never)
    private func endOfShortPlainText(from start: Int) -> Int {
        var offset = start
        while offset <= count &- 8 {
            let marks = load(UInt64.self, at: offset).littleEndian.stringMarks
            if marks != 0 { return offset &+ marks.trailingZeroBitCount / 8 }
            offset &+= 8
        }
        return offset &+ wordAcrossEnd(at: offset).stringMarks.trailingZeroBitCount / 8
    }

    /// The place of the first `byte`, which is not 0, at or after `start`, or the end.
    func firstOffset(of byte: UInt8, from start: Int) -> Int {
        let pattern = 0x0101_0101_0101_0101 &* UInt64(byte)
        var offset = start
        while offset < count {
            let others = word(at: offset) ^ pattern
            // The lowest mark is right: a borrow comes from a byte that is marked itself.
            let marks = (others &- 0x0101_0101_0101_0101) & ~others & 0x8080_8080_8080_8080
            if marks != 0 { return offset &+ marks.trailingZeroBitCount / 8 }
            offset &+= 8
        }
        return count
    }

    @inline(__always)
    private static func stringMarks(_ block: Block) -> Marks {
        (block .== Block(repeating: ASCII.quote)) .| (block .== Block(repeating: ASCII.backslash))
            .| (block .< Block(repeating: ASCII.space))
    }

    @inline(__always)
    private func block(at offset: Int) -> Block {
        load(Block.self, at: offset)
    }
}

// SAFETY: a mask is as many bytes as its vector, all bits of a byte alike. (`any(_:)` becomes a call of a function in
// some places; words do not.)
extension SIMDMask<SIMD16<Int8>> {
    /// Four bits for each byte, since that is cheap.
    @inline(__always)
    fileprivate var bits: UInt64 {
        let pairs = unsafeBitCast(self, to: SIMD8<UInt16>.self)
        return unsafeBitCast(SIMD8<UInt8>(truncatingIfNeeded: pairs &>> 4), to: UInt64.self)
    }
}

extension UInt64 {
    /// The high bit of each byte that cannot stand in a JSON string as it is.
    ///
    /// A subtraction sets the high bit of a byte that is smaller than what is taken away; flipping bit 1 puts the
    /// quote (0x22) next to the control characters, so that one comparison finds both. A borrow can mark bytes
    /// above a marked one wrongly; the lowest mark is always right, and the only one that is used.
    @inline(__always)
    fileprivate var stringMarks: UInt64 {
        let controlOrQuote = (self ^ 0x0202_0202_0202_0202) &- 0x2121_2121_2121_2121
        let backslash = (self ^ 0x5C5C_5C5C_5C5C_5C5C) &- 0x0101_0101_0101_0101
        return (controlOrQuote | backslash) & (~self & 0x8080_8080_8080_8080)
    }

    /// How many of the bytes, from the low end on, are decimal digits.
    @inline(__always)
    var leadingDigits: Int {
        // The sum sets the high bit of a byte from 10 on, and carries over only from one that it has marked.
        let values = self ^ 0x3030_3030_3030_3030
        let others = (values &+ 0x7676_7676_7676_7676 | values) & 0x8080_8080_8080_8080
        return others.trailingZeroBitCount / 8
    }
}
