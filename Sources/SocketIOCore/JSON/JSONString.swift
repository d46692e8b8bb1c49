/// The two ways between a text and the JSON string that holds it.
public enum JSONString {}

extension JSONString {
    /// Decodes the bytes between the quotes of a valid string, and returns how many bytes that made.
    ///
    /// A lone surrogate becomes U+FFFD. The result is never longer than the input, and `output` may be the same memory;
    /// when it is too small, the result is 0. In a string that was not validated, a malformed escape stays as it is.
    public static func unescape(
        _ contents: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        unescape(ByteView(contents), into: output)
    }

    private static func unescape(_ contents: ByteView, into output: UnsafeMutableRawBufferPointer) -> Int {
        var writer = ByteWriter(output)
        var written = 0
        var offset = 0
        while offset < contents.count {
            offset = contents.endOfPlainText(from: offset)
            guard let escape = escape(in: contents, at: offset) else {
                offset &+= 1
                continue
            }
            writer.write(contents.slice(written..<offset))
            writer.write(scalar: escape.scalar)
            offset = escape.end
            written = offset
        }
        writer.write(contents.slice(written..<contents.count))
        return writer.count
    }

    /// Calls `body` with the decoded text if it is at most `limit` bytes long; returns false if it is longer.
    ///
    /// Meant for short names: their unescaped form fits on the stack.
    static func withUnescaped(
        _ contents: ByteView,
        hasEscapes: Bool,
        limit: Int,
        _ body: (ByteView) -> Bool
    ) -> Bool {
        guard hasEscapes else { return contents.count <= limit && body(contents) }
        // No escape is more than six times as long as what it stands for.
        guard contents.count <= limit &* 6 else { return false }
        return withUnsafeTemporaryAllocation(byteCount: contents.count, alignment: 1) { output in
            let count = unescape(contents, into: output)
            return count <= limit && body(ByteView(UnsafeRawBufferPointer(output)).slice(0..<count))
        }
    }

    /// The four hexadecimal digits behind `\u`; nil when they are not.
    static func codeUnit(in bytes: ByteView, at start: Int) -> UInt32? {
        var unit: UInt32 = 0
        for offset in start..<(start &+ 4) {
            let byte = bytes.byte(at: offset)
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- UInt8(ascii: "a") &+ 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte &- UInt8(ascii: "A") &+ 10
            default: return nil
            }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    /// The character that the escape at `start` stands for; nil when there is no well-formed one.
    private static func escape(
        in bytes: ByteView,
        at start: Int
    ) -> (scalar: UInt32, end: Int)? {
        guard bytes.byte(at: start) == ASCII.backslash else { return nil }
        let letter = bytes.byte(at: start &+ 1)
        switch letter {
        case ASCII.quote, ASCII.backslash, ASCII.slash: return (UInt32(letter), start &+ 2)
        case UInt8(ascii: "b"): return (0x08, start &+ 2)
        case UInt8(ascii: "t"): return (0x09, start &+ 2)
        case UInt8(ascii: "n"): return (0x0A, start &+ 2)
        case UInt8(ascii: "f"): return (0x0C, start &+ 2)
        case UInt8(ascii: "r"): return (0x0D, start &+ 2)
        case UInt8(ascii: "u"): return unicodeEscape(in: bytes, at: start)
        default: return nil
        }
    }

    /// A `\u` escape, or the two that make a surrogate pair.
    private static func unicodeEscape(
        in bytes: ByteView,
        at start: Int
    ) -> (scalar: UInt32, end: Int)? {
        guard let unit = codeUnit(in: bytes, at: start &+ 2) else { return nil }
        guard 0xD800..<0xE000 ~= unit else { return (unit, start &+ 6) }
        if unit < 0xDC00,
            bytes.hasPrefix("\\u", at: start &+ 6),
            let low = codeUnit(in: bytes, at: start &+ 8),
            0xDC00..<0xE000 ~= low
        {
            return (0x10000 &+ (unit & 0x3FF) << 10 | low & 0x3FF, start &+ 12)
        }
        return (0xFFFD, start &+ 6)
    }
}
