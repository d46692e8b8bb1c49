/// Recognises the tokens of JSON.
///
/// Every function takes the offset where the token begins and returns the offset behind it. The lexer holds no
/// position itself: the caller's stays in a register. The text is UTF-8: that is found out before.
struct JSONLexer {
    let bytes: ByteView

    /// A string's place: `start` is behind the opening quote, `end` at the closing one.
    struct StringToken {
        var start: Int
        var end: Int
        var hasEscapes: Bool
    }

    /// Where the next token begins, and its first byte; 0 at the end.
    @inline(__always)
    func token(from start: Int) -> (offset: Int, byte: UInt8) {
        let byte = bytes.byte(at: start)
        // Programs write JSON without whitespace.
        guard byte <= ASCII.space else { return (start, byte) }
        let offset = endOfWhitespace(from: start)
        return (offset, bytes.byte(at: offset))
    }

    @inline(never)
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
    @inline(__always)
    func expectEnd(at start: Int) throws(JSONError) {
        if start == bytes.count { return }
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

    /// The rest of a string that holds escapes, or is in error.
    @inline(never)
    private func unusualString(from start: Int, plainUntil end: Int) throws(JSONError) -> StringToken {
        var offset = end
        var byte = bytes.byte(at: offset)
        while byte == ASCII.backslash {
            offset = try endOfEscape(from: offset)
            byte = bytes.byte(at: offset)
            // Escapes come in groups, and strings end with one.
            if byte != ASCII.backslash, byte != ASCII.quote {
                offset = bytes.endOfPlainText(from: offset)
                byte = bytes.byte(at: offset)
            }
        }
        guard byte == ASCII.quote else { throw JSONError(.syntax, at: offset) }
        return StringToken(start: start, end: offset, hasEscapes: true)
    }

    /// The letters of escapes with one letter, as bits: those below 64, and the others.
    private static let lowEscapes: UInt64 = bit(ASCII.quote) | bit(ASCII.slash)
    private static let highEscapes: UInt64 =
        bit(ASCII.backslash) | bit(UInt8(ascii: "b")) | bit(UInt8(ascii: "f")) | bit(UInt8(ascii: "n"))
        | bit(UInt8(ascii: "r")) | bit(UInt8(ascii: "t"))

    private static func bit(_ letter: UInt8) -> UInt64 { 1 &<< UInt64(letter & 63) }

    @inline(__always)
    private func endOfEscape(from start: Int) throws(JSONError) -> Int {
        let letter = bytes.byte(at: start &+ 1)
        if letter == UInt8(ascii: "u"), JSONString.codeUnit(in: bytes, at: start &+ 2) != nil { return start &+ 6 }
        let escapes = letter < 64 ? Self.lowEscapes : Self.highEscapes
        guard letter < 128, escapes & Self.bit(letter) != 0 else { throw JSONError(.syntax, at: start) }
        return start &+ 2
    }

    /// Reads the key of a member, from its opening quote on, and the colon; finds the token behind that.
    @inline(__always)
    func key(from start: Int) throws(JSONError) -> (key: StringToken, value: (offset: Int, byte: UInt8)) {
        let end = bytes.endOfPlainText(from: start &+ 1)
        // Programs put the colon and the value right behind the key, which has no escapes.
        let next = bytes.halfWord(at: end)
        let byte = UInt8(truncatingIfNeeded: next >> 16)
        if UInt16(truncatingIfNeeded: next) == UInt16(ASCII.colon) << 8 | UInt16(ASCII.quote), byte > ASCII.space {
            return (StringToken(start: start &+ 1, end: end, hasEscapes: false), (end &+ 2, byte))
        }
        return try unusualKey(from: start)
    }

    @inline(never)
    private func unusualKey(from start: Int) throws(JSONError) -> (key: StringToken, value: (offset: Int, byte: UInt8))
    {
        let key = try string(from: start &+ 1)
        let colon = token(from: key.end &+ 1)
        guard colon.byte == ASCII.colon else { throw JSONError(.syntax, at: colon.offset) }
        return (key, token(from: colon.offset &+ 1))
    }

    /// `start` is at a digit.
    @inline(__always)
    func endOfNumber(from start: Int, firstByte: UInt8) throws(JSONError) -> Int {
        var offset = start &+ 1
        // A number has one leading zero only if it is the whole integer part.
        if firstByte != ASCII.zero { offset = endOfDigits(from: offset) }
        let next = bytes.byte(at: offset)
        guard next == ASCII.dot || next | 0x20 == UInt8(ascii: "e") else { return offset }
        return try endOfFraction(from: offset, firstByte: next)
    }

    /// `start` is behind the sign.
    @inline(never)
    func endOfNegativeNumber(from start: Int) throws(JSONError) -> Int {
        let byte = bytes.byte(at: start)
        guard ASCII.isDigit(byte) else { throw JSONError(.syntax, at: start) }
        return try endOfNumber(from: start, firstByte: byte)
    }

    @inline(never)
    private func endOfFraction(from start: Int, firstByte: UInt8) throws(JSONError) -> Int {
        var offset = start
        if firstByte == ASCII.dot {
            offset = try endOfSomeDigits(from: offset &+ 1)
        }
        if bytes.byte(at: offset) | 0x20 == UInt8(ascii: "e") {
            let sign = bytes.byte(at: offset &+ 1)
            let isSigned = sign == ASCII.plus || sign == ASCII.minus
            offset = try endOfSomeDigits(from: isSigned ? offset &+ 2 : offset &+ 1)
        }
        return offset
    }

    @inline(__always)
    private func endOfDigits(from start: Int) -> Int {
        var offset = start
        while ASCII.isDigit(bytes.byte(at: offset)) {
            offset &+= 1
        }
        return offset
    }

    @inline(__always)
    private func endOfSomeDigits(from start: Int) throws(JSONError) -> Int {
        let end = endOfDigits(from: start)
        guard end > start else { throw JSONError(.syntax, at: start) }
        return end
    }

    /// A value that is neither a string nor an array nor an object.
    @inline(__always)
    func endOfNumberOrLiteral(from start: Int, firstByte: UInt8) throws(JSONError) -> Int {
        if ASCII.isDigit(firstByte) { return try endOfNumber(from: start, firstByte: firstByte) }
        if firstByte == ASCII.minus { return try endOfNegativeNumber(from: start &+ 1) }
        return try endOfLiteral(from: start)
    }

    @inline(never)
    private func endOfLiteral(from start: Int) throws(JSONError) -> Int {
        if bytes.hasPrefix("true", at: start) || bytes.hasPrefix("null", at: start) {
            return start &+ 4
        }
        if bytes.hasPrefix("false", at: start) {
            return start &+ 5
        }
        throw JSONError(.syntax, at: start)
    }
}
