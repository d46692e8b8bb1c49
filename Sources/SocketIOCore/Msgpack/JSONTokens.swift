/// The tokens of a text that is known to be JSON, one value or several with commas between them.
///
/// A text that is none gives some tokens, and an end.
struct JSONTokens {
    enum Token {
        case array
        case object
        /// An array or object ends.
        case end
        /// The value begins at the offset.
        case key(JSONLexer.StringToken, value: Int)
        case string(JSONLexer.StringToken)
        case number(Range<Int>)
        case bool(Bool)
        case null
    }

    private let lexer: JSONLexer
    private(set) var offset = 0

    init(_ text: ByteView) {
        lexer = JSONLexer(bytes: text)
    }

    /// Goes on at another place.
    mutating func move(to offset: Int) {
        self.offset = offset
    }

    mutating func next() -> Token? {
        var start = lexer.token(from: offset)
        while start.byte == ASCII.comma {
            start = lexer.token(from: start.offset &+ 1)
        }
        offset = start.offset &+ 1
        switch start.byte {
        case ASCII.openBracket: return .array
        case ASCII.openBrace: return .object
        case ASCII.closeBracket, ASCII.closeBrace: return .end
        case ASCII.quote: return stringOrKey(from: offset)
        case UInt8(ascii: "t"), UInt8(ascii: "n"):
            offset &+= 3
            return start.byte == UInt8(ascii: "t") ? .bool(true) : .null
        case UInt8(ascii: "f"):
            offset &+= 4
            return .bool(false)
        default:
            guard let end = try? lexer.endOfNumberOrLiteral(from: start.offset, firstByte: start.byte) else {
                return nil
            }
            offset = end
            return .number(start.offset..<end)
        }
    }

    private mutating func stringOrKey(from start: Int) -> Token? {
        guard let string = try? lexer.string(from: start) else { return nil }
        let next = lexer.token(from: string.end &+ 1)
        guard next.byte == ASCII.colon else {
            offset = string.end &+ 1
            return .string(string)
        }
        offset = lexer.token(from: next.offset &+ 1).offset
        return .key(string, value: offset)
    }
}
