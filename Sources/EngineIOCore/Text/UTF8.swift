/// Validation of text from the wire.
///
/// Both transports owe their peer this check: RFC 6455 demands it of text messages, and a polling body is UTF-8 by
/// definition. Code above this module may therefore take text for valid.
public enum UTF8Text {
    /// Whether `bytes` is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
    public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var offset = endOfASCII(in: bytes, from: 0)
        // A block is looked at together with the three bytes before it, and what is shorter than a block by itself.
        while offset < bytes.count, offset < 3 || bytes.count - offset < UTF8Block.size {
            guard let length = scalarLength(in: bytes, at: offset) else { return false }
            offset += length
        }
        guard offset < bytes.count else { return true }

        var faults = UTF8Block.noFaults
        while bytes.count - offset >= UTF8Block.size {
            let block = UTF8Block(bytes, at: offset)
            faults .|= block.faults
            offset += UTF8Block.size
            // ASCII behind ASCII is looked at in larger steps.
            if block.isASCII { offset = endOfASCIIBlocks(in: bytes, from: offset) }
        }
        if offset < bytes.count {
            faults .|= UTF8Block(bytes, at: bytes.count - UTF8Block.size).faults
        }
        return !UTF8Block.any(faults) && !isCutOff(bytes)
    }

    /// The offset of the first byte at or after `start` that is not ASCII, or the end.
    @inline(__always)
    private static func endOfASCII(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var offset = endOfASCIIBlocks(in: bytes, from: start)
        while bytes.count - offset >= 8 {
            let high = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) & highBits
            if high != 0 { return offset + high.trailingZeroBitCount / 8 }
            offset += 8
        }
        if bytes.count - offset >= 4,
            bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self) & UInt32(truncatingIfNeeded: highBits) == 0
        {
            offset += 4
        }
        while offset < bytes.count, bytes[offset] < 0x80 {
            offset += 1
        }
        return offset
    }

    /// The offset of the first 64 bytes, counted from `start`, that are not all ASCII or reach behind the end.
    @inline(__always)
    private static func endOfASCIIBlocks(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var offset = start
        while bytes.count - offset >= 64 {
            let union = block(in: bytes, at: offset) | block(in: bytes, at: offset + 32)
            let half = union.lowHalf | union.highHalf
            if (half[0] | half[1]) & highBits != 0 { break }
            offset += 64
        }
        return offset
    }

    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    private static func block(in bytes: UnsafeRawBufferPointer, at offset: Int) -> SIMD4<UInt64> {
        bytes.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self)
    }

    /// Whether the last sequence of a text with three bytes or more wants to go on.
    private static func isCutOff(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes[bytes.count - 1] >= 0xC0 || bytes[bytes.count - 2] >= 0xE0 || bytes[bytes.count - 3] >= 0xF0
    }

    /// The length of the multi-byte sequence at `offset`, or nil if it is ill-formed (table 3-7 of Unicode).
    private static func scalarLength(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        let lead = bytes[offset]
        let length: Int
        // Only the second byte has limits of its own: they exclude overlong forms, surrogates and U+110000 on.
        let second: ClosedRange<UInt8>
        switch lead {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard bytes.count - offset >= length, second.contains(bytes[offset + 1]) else { return nil }
        for next in 2..<4 where next < length {
            guard bytes[offset + next] & 0xC0 == 0x80 else { return nil }
        }
        return length
    }
}
