/// Where the name of an event stands, and where its arguments go on.
///
/// Whoever wants the arguments as an array takes the bytes from `next` to `end` and puts `[` in the place of the `,`.
public struct EventName: Equatable, Sendable {
    /// The bytes between the quotes; for a number, its text.
    public var name: Range<Int>
    /// The bytes between the quotes contain a backslash.
    public var hasEscapes: Bool
    public var isNumber: Bool
    /// The `,` behind the name, or the closing `]` if there are no arguments.
    public var next: Int
    /// The offset behind the closing `]`.
    public var end: Int
}

extension EventName {
    /// Reads and validates `["name",argument,...]` from `start` to the end of the packet, in one pass.
    ///
    /// `attachments` is how many a placeholder may refer to; nil: placeholders are plain data.
    init(
        reading bytes: ByteView,
        from start: Int,
        depth: Int,
        attachments: Int?
    ) throws(JSONError) {
        let lexer = JSONLexer(bytes: bytes)
        guard bytes.byte(at: start) == ASCII.openBracket else { throw JSONError(.shape, at: start) }
        let first = lexer.endOfWhitespace(from: start &+ 1)
        let afterName: Int
        switch bytes.byte(at: first) {
        case ASCII.quote:
            let token = try lexer.string(from: first &+ 1)
            (name, hasEscapes, isNumber) = (token.start..<token.end, token.hasEscapes, false)
            afterName = token.end &+ 1
        case ASCII.minus, ASCII.zero...ASCII.nine:
            afterName = try lexer.endOfNumber(from: first)
            (name, hasEscapes, isNumber) = (first..<afterName, false, true)
        default:
            throw JSONError(.shape, at: first)
        }
        next = lexer.endOfWhitespace(from: afterName)
        var walker = JSONWalker(lexer, depth: depth, attachments: attachments)
        end = try walker.endOfArray(afterElement: next)
        try lexer.expectEnd(at: end)
    }
}
