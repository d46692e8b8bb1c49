/// Validation of text from the wire.
///
/// Both transports owe their peer this check: RFC 6455 demands it of text messages, and a polling body is UTF-8 by
/// definition. Code above this module may therefore take text for valid.
public enum UTF8Text {
    /// Whether `bytes` is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
    public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset < bytes.count {
            if bytes[offset] < 0x80 {
                offset = endOfASCII(in: bytes, from: offset)
            } else if let length = scalarLength(in: bytes, at: offset) {
                offset += length
            } else {
                return false
            }
        }
        return true
    }

    /// The offset of the first byte at or after `start` that is not ASCII, or the end.
    private static func endOfASCII(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var offset = start
        while bytes.count - offset >= 32 {
            let union =
                word(in: bytes, at: offset) | word(in: bytes, at: offset + 8)
                | word(in: bytes, at: offset + 16) | word(in: bytes, at: offset + 24)
            if union & highBits != 0 { break }
            offset += 32
        }
        while bytes.count - offset >= 8 {
            let high = word(in: bytes, at: offset) & highBits
            if high != 0 { return offset + high.trailingZeroBitCount / 8 }
            offset += 8
        }
        while offset < bytes.count, bytes[offset] < 0x80 {
            offset += 1
        }
        return offset
    }

    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    private static func word(in bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The length of the multi-byte sequence at `offset`, or nil if it is ill-formed (table 3-7 of Unicode).
    private static func scalarLength(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        let lead = bytes[offset]
        let length: Int
        // Only the second byte has limits of its own: they exclude overlong forms, surrogates and U+110000 on.
        let second: ClosedRange<UInt8>
        switch lead {
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
