/// Checks that text is JSON as RFC 8259 defines it, without building anything from it.
///
/// That the text is UTF-8 is for the caller to know: a transport checks what it receives, the server what an application
/// gives. Lone surrogates in escapes (`"\ud800"`) are accepted, as `JSON.parse` does.
public enum JSONValidator {
    /// How deep arrays and objects may be nested unless something else is said.
    public static let defaultDepth = 512

    /// Returns where the value stands, without the whitespace around it.
    @discardableResult
    public static func validate(
        _ bytes: UnsafeRawBufferPointer,
        expecting shape: JSONShape,
        depth: Int = defaultDepth
    ) throws(JSONError) -> Range<Int> {
        try document(in: ByteView(bytes), from: 0, expecting: shape, depth: depth, attachments: nil).value
    }

    /// Checks the arguments that an application emits: a JSON array.
    ///
    /// With attachments, every placeholder must refer to one of them. Without, there are no placeholders: the packet
    /// will be a text packet, where an object that looks like one is plain data.
    public static func validateArguments(
        _ bytes: UnsafeRawBufferPointer,
        attachments: Int,
        depth: Int = defaultDepth
    ) throws(JSONError) -> ArgumentArray {
        let bytes = ByteView(bytes)
        let document = try document(
            in: bytes,
            from: 0,
            expecting: .array,
            depth: depth,
            attachments: attachments > 0 ? attachments : nil
        )
        let (open, close) = (document.value.lowerBound, document.value.upperBound &- 1)
        let lexer = JSONLexer(bytes: bytes)
        let start = lexer.endOfWhitespace(from: open &+ 1)
        let end = max(start, lexer.startOfWhitespace(until: close))
        return ArgumentArray(inner: start..<end, placeholders: document.placeholders)
    }

    /// Checks that one value of the expected shape, and nothing else, follows `start`.
    static func document(
        in bytes: ByteView,
        from start: Int,
        expecting shape: JSONShape,
        depth: Int,
        attachments: Int?
    ) throws(JSONError) -> (value: Range<Int>, placeholders: Int) {
        let lexer = JSONLexer(bytes: bytes)
        let valueStart = lexer.endOfWhitespace(from: start)
        guard shape.allows(bytes.byte(at: valueStart)) else { throw JSONError(.shape, at: valueStart) }
        var walker = JSONWalker(lexer, depth: depth, attachments: attachments)
        let valueEnd = try walker.endOfValue(from: valueStart)
        try lexer.expectEnd(at: valueEnd)
        return (valueStart..<valueEnd, walker.placeholders)
    }
}

/// The arguments of an event, found in the array that an application emits.
public struct ArgumentArray: Equatable, Sendable {
    /// What stands between `[` and `]`, without the whitespace around it; empty if there are no arguments.
    public var inner: Range<Int>
    /// How many placeholders refer to an attachment; several may refer to the same one.
    public var placeholders: Int
}
