/// Well-formed UTF-8, as table 3-7 of the Unicode standard defines it: no overlong forms, no surrogates, nothing
/// above U+10FFFF.
public enum UTF8Validator {
    public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let bytes = ByteView(bytes)
        return endOfValidText(in: bytes) == bytes.count
    }

    static func check(_ bytes: ByteView) throws(JSONError) {
        let end = endOfValidText(in: bytes)
        guard end == bytes.count else { throw JSONError(.text, at: end) }
    }

    private static func endOfValidText(in bytes: ByteView) -> Int {
        var offset = bytes.endOfASCII(from: 0)
        while offset < bytes.count {
            guard let next = endOfSequence(in: bytes, from: offset) else { break }
            // Texts outside ASCII stay there for a while, so look for ASCII only when some has come.
            offset = bytes.byte(at: next) < 0x80 ? bytes.endOfASCII(from: next) : next
        }
        return offset
    }

    /// Where the multi-byte sequence at `start` ends, or nil when it is ill-formed.
    @inline(__always)
    private static func endOfSequence(in bytes: ByteView, from start: Int) -> Int? {
        let lead = bytes.byte(at: start)
        let second = bytes.byte(at: start &+ 1)
        let isLegal: Bool
        let length: Int
        switch lead {
        case 0xC2...0xDF:
            return isContinuation(second) ? start &+ 2 : nil
        case 0xE0...0xEF:
            // E0 would begin an overlong form below A0, ED a surrogate from A0 on.
            isLegal = isContinuation(second) && (lead != 0xE0 || second >= 0xA0) && (lead != 0xED || second < 0xA0)
            length = 3
        case 0xF0...0xF4:
            // F0 would begin an overlong form below 90, F4 pass U+10FFFF from 90 on.
            isLegal = isContinuation(second) && (lead != 0xF0 || second >= 0x90) && (lead != 0xF4 || second < 0x90)
            length = 4
        default:
            return nil
        }
        guard isLegal, isContinuation(bytes.byte(at: start &+ 2)) else { return nil }
        guard length == 3 || isContinuation(bytes.byte(at: start &+ 3)) else { return nil }
        return start &+ length
    }

    @inline(__always)
    private static func isContinuation(_ byte: UInt8) -> Bool {
        byte & 0xC0 == 0x80
    }
}
