/// The characters of HTTP, and comparisons of its words.
enum HTTPSyntax {
    // Bit `n` is set if the character `n`, or `n + 64`, may stand in a name.
    private static let lowTokens: UInt64 = 0x03FF_6CFA_0000_0000
    private static let highTokens: UInt64 = 0x57FF_FFFF_C7FF_FFFE

    /// Whether the byte may stand in the name of a field or of a method.
    static func isToken(_ byte: UInt8) -> Bool {
        let set = byte < 64 ? lowTokens : byte < 128 ? highTokens : 0
        return set >> UInt64(byte & 63) & 1 == 1
    }

    static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy(isToken)
    }

    /// Whether all are visible characters of ASCII.
    static func isVisible(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while bytes.count &- offset >= 8 {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            // Nothing is carried from one byte into the next unless one of them is beyond ASCII, which is seen anyhow.
            let isHigh = word | (word &+ 0x0101_0101_0101_0101)
            let isLow = ~((word | 0x8080_8080_8080_8080) &- 0x2121_2121_2121_2121)
            guard (isHigh | isLow) & 0x8080_8080_8080_8080 == 0 else { return false }
            offset &+= 8
        }
        while offset < bytes.count {
            guard bytes[offset] > 0x20, bytes[offset] < 0x7F else { return false }
            offset &+= 1
        }
        return true
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// The offset of the first control character but TAB, at `start` or behind it.
    static func firstControl(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var offset = start
        while bytes.count &- offset >= 8 {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let isLow = (word &- 0x2020_2020_2020_2020) & ~word
            let deleted = word ^ 0x7F7F_7F7F_7F7F_7F7F
            let isDelete = (deleted &- 0x0101_0101_0101_0101) & ~deleted
            // The lowest set bit marks the first one; bits above it may be wrong, and are not read.
            let found = (isLow | isDelete) & 0x8080_8080_8080_8080
            guard found != 0 else {
                offset &+= 8
                continue
            }
            offset &+= found.trailingZeroBitCount / 8
            guard bytes[offset] == UInt8(ascii: "\t") else { return offset }
            offset &+= 1
        }
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte < 0x20 && byte != UInt8(ascii: "\t") || byte == 0x7F { return offset }
            offset &+= 1
        }
        return nil
    }

    /// `range` without the blanks at its ends.
    static func trimmed(_ range: Range<Int>, in bytes: UnsafeRawBufferPointer) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isBlank(bytes[start]) { start &+= 1 }
        while end > start, isBlank(bytes[end &- 1]) { end &-= 1 }
        return start..<end
    }

    static func equals(_ bytes: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
        guard bytes.count == word.utf8CodeUnitCount else { return false }
        let expected = word.utf8Start
        for index in 0..<bytes.count where bytes[index] != expected[index] { return false }
        return true
    }

    /// Whether the bytes are `word`, whatever their case; `word` is letters in lower case and `-`.
    static func equalsIgnoringCase(_ bytes: UnsafeRawBufferPointer, _ word: StaticString) -> Bool {
        guard bytes.count == word.utf8CodeUnitCount else { return false }
        let letters = word.utf8Start
        for index in 0..<bytes.count {
            let expected = letters[index]
            // A letter differs from its capital by this bit. CR differs from `-` by it too.
            guard bytes[index] == expected || (bytes[index] | 0x20 == expected && expected != UInt8(ascii: "-"))
            else { return false }
        }
        return true
    }

    /// Calls `body` with each element of a list, `a, b`, without the blanks around it; empty ones are left out.
    static func forEachElement(of list: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var start = 0
        while start < list.count {
            let rest = UnsafeRawBufferPointer(rebasing: list[start...])
            let end = start &+ (ByteSearch.firstOffset(of: UInt8(ascii: ","), in: rest) ?? rest.count)
            let element = trimmed(start..<end, in: list)
            if !element.isEmpty { body(UnsafeRawBufferPointer(rebasing: list[element])) }
            start = end &+ 1
        }
    }

    /// A number of nothing but digits; nil if it is none, or too large.
    static func number(_ digits: UnsafeRawBufferPointer) -> Int? {
        guard digits.count > 0 else { return nil }
        var number = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(digit &- UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            number = sum
        }
        return number
    }
}
