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
    @inline(__always)
    init(
        reading bytes: ByteView,
        from start: Int,
        depth: Int,
        attachments: Int?
    ) throws(JSONError) {
        let lexer = JSONLexer(bytes: bytes)
        guard bytes.byte(at: start) == ASCII.openBracket else { throw JSONError(.shape, at: start) }
        guard depth > 0 else { throw JSONError(.depth, at: start) }
        let first = lexer.token(from: start &+ 1)
        let isNumber = first.byte != ASCII.quote
        let name: JSONLexer.StringToken
        if !isNumber {
            name = try lexer.string(from: first.offset &+ 1)
        } else {
            guard first.byte == ASCII.minus || ASCII.isDigit(first.byte) else {
                throw JSONError(.shape, at: first.offset)
            }
            let end = try lexer.endOfNumberOrLiteral(from: first.offset, firstByte: first.byte)
            name = JSONLexer.StringToken(start: first.offset, end: end, hasEscapes: false)
        }
        let next = lexer.token(from: isNumber ? name.end : name.end &+ 1)
        let end: Int
        if next.byte == ASCII.comma {
            var walker = JSONWalker(lexer, depth: depth, attachments: attachments)
            end = try walker.endOfArray(fromElementAt: next.offset &+ 1)
        } else {
            guard next.byte == ASCII.closeBracket else { throw JSONError(.syntax, at: next.offset) }
            end = next.offset &+ 1
        }
        try lexer.expectEnd(at: end)
        self.init(
            name: Range(uncheckedBounds: (name.start, name.end)),
            hasEscapes: name.hasEscapes,
            isNumber: isNumber,
            next: next.offset,
            end: end
        )
    }
}
