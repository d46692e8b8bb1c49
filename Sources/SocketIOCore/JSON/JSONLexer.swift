/// Recognises the tokens of JSON.
///
/// Every function takes the offset where the token begins and returns the offset behind it. The lexer holds no
/// position itself: the caller's stays in a register.
struct JSONLexer {
    let bytes: ByteView

    /// A string's place: `start` is behind the opening quote, `end` at the closing one.
    struct StringToken {
        var start: Int
        var end: Int
        var hasEscapes: Bool
    }

    @inline(__always)
    func endOfWhitespace(from start: Int) -> Int {
        var offset = start
        while isWhitespace(bytes.byte(at: offset)) {
            offset &+= 1
        }
        return offset
    }

    /// Where the whitespace that ends at `end` begins.
    func startOfWhitespace(until end: Int) -> Int {
        var offset = end
        while offset > 0, isWhitespace(bytes.byte(at: offset &- 1)) {
            offset &-= 1
        }
        return offset
    }

    /// Refuses anything but whitespace behind the outermost value.
    func expectEnd(at start: Int) throws(JSONError) {
        let end = endOfWhitespace(from: start)
        guard end == bytes.count else { throw JSONError(.syntax, at: end) }
    }

    @inline(__always)
    private func isWhitespace(_ byte: UInt8) -> Bool {
        // Bits 9, 10, 13 and 32: tab, line feed, carriage return, space.
        byte <= ASCII.space && (1 as UInt64) << UInt64(byte) & 0x1_0000_2600 != 0
    }

    /// `start` is the offset behind the opening quote.
    @inline(__always)
    func string(from start: Int) throws(JSONError) -> StringToken {
        let end = bytes.endOfPlainText(from: start)
        if bytes.byte(at: end) == ASCII.quote {
            return StringToken(start: start, end: end, hasEscapes: false)
        }
        return try unusualString(from: start, plainUntil: end)
    }

    /// The rest of a string that holds escapes or characters outside ASCII, or is in error.
    @inline(never)
    private func unusualString(from start: Int, plainUntil end: Int) throws(JSONError) -> StringToken {
        var offset = end
        var hasEscapes = false
        while true {
            let byte = bytes.byte(at: offset)
            if byte >= 0x80 {
                guard let next = UTF8Validator.endOfSequence(in: bytes, from: offset) else {
                    throw JSONError(.text, at: offset)
                }
                offset = next
            } else if byte == ASCII.backslash {
                hasEscapes = true
                offset = try endOfEscape(from: offset)
            } else if byte == ASCII.quote {
                return StringToken(start: start, end: offset, hasEscapes: hasEscapes)
            } else if byte < ASCII.space {
                throw JSONError(.syntax, at: offset)
            } else {
                offset = bytes.endOfPlainText(from: offset)
            }
        }
    }

    private func endOfEscape(from start: Int) throws(JSONError) -> Int {
        switch bytes.byte(at: start &+ 1) {
        case ASCII.quote, ASCII.backslash, ASCII.slash,
            UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start &+ 2
        case UInt8(ascii: "u") where JSONString.codeUnit(in: bytes, at: start &+ 2) != nil:
            return start &+ 6
        default:
            throw JSONError(.syntax, at: start)
        }
    }

    /// Reads the key of a member and its colon; `value` is where the member's value begins.
    @inline(__always)
    func key(from start: Int) throws(JSONError) -> (key: StringToken, value: Int) {
        guard bytes.byte(at: start) == ASCII.quote else { throw JSONError(.syntax, at: start) }
        let key = try string(from: start &+ 1)
        let colon = endOfWhitespace(from: key.end &+ 1)
        guard bytes.byte(at: colon) == ASCII.colon else { throw JSONError(.syntax, at: colon) }
        return (key, endOfWhitespace(from: colon &+ 1))
    }

    @inline(__always)
    func endOfNumber(from start: Int) throws(JSONError) -> Int {
        var offset = bytes.byte(at: start) == ASCII.minus ? start &+ 1 : start
        // A number has one leading zero only if it is the whole integer part.
        if bytes.byte(at: offset) == ASCII.zero {
            offset &+= 1
        } else {
            offset = try endOfDigits(from: offset)
        }
        if bytes.byte(at: offset) == ASCII.dot {
            offset = try endOfDigits(from: offset &+ 1)
        }
        if bytes.byte(at: offset) | 0x20 == UInt8(ascii: "e") {
            let sign = bytes.byte(at: offset &+ 1)
            let isSigned = sign == ASCII.plus || sign == ASCII.minus
            offset = try endOfDigits(from: isSigned ? offset &+ 2 : offset &+ 1)
        }
        return offset
    }

    @inline(__always)
    private func endOfDigits(from start: Int) throws(JSONError) -> Int {
        var offset = start
        while ASCII.isDigit(bytes.byte(at: offset)) {
            offset &+= 1
        }
        guard offset > start else { throw JSONError(.syntax, at: start) }
        return offset
    }

    /// A value that is neither a string nor an array nor an object.
    @inline(__always)
    func endOfNumberOrLiteral(from start: Int) throws(JSONError) -> Int {
        let byte = bytes.byte(at: start)
        if ASCII.isDigit(byte) || byte == ASCII.minus {
            return try endOfNumber(from: start)
        }
        if bytes.hasPrefix("true", at: start) || bytes.hasPrefix("null", at: start) {
            return start &+ 4
        }
        if bytes.hasPrefix("false", at: start) {
            return start &+ 5
        }
        throw JSONError(.syntax, at: start)
    }
}
