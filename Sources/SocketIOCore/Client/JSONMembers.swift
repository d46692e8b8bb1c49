/// The members of a JSON object, one after the other, found in text that need not be valid: it ends where that is not.
struct JSONMembers {
    private let bytes: ByteView
    private let lexer: JSONLexer
    private let depth: Int
    private var offset: Int
    private var isAtEnd: Bool

    /// Nil if the text is none.
    init?(_ text: UnsafeRawBufferPointer, depth: Int = JSONValidator.defaultDepth) {
        bytes = ByteView(text)
        lexer = JSONLexer(bytes: bytes)
        self.depth = depth
        let open = lexer.token(from: 0)
        guard open.byte == ASCII.openBrace else { return nil }
        let first = lexer.token(from: open.offset &+ 1)
        offset = first.offset
        isAtEnd = first.byte != ASCII.quote
    }

    /// The key as it stands between its quotes, and the text of the value.
    mutating func next() -> (key: JSONLexer.StringToken, value: UnsafeRawBufferPointer)? {
        guard !isAtEnd else { return nil }
        isAtEnd = true
        guard let (key, start) = try? lexer.key(from: offset) else { return nil }
        var walker = JSONWalker(lexer, depth: depth, attachments: nil)
        guard let end = try? walker.endOfValue(from: start.offset) else { return nil }
        let next = lexer.token(from: end)
        if next.byte == ASCII.comma {
            let key = lexer.token(from: next.offset &+ 1)
            isAtEnd = key.byte != ASCII.quote
            offset = key.offset
        }
        return (key, bytes.slice(start.offset..<end).buffer)
    }

    /// The text of a string's contents.
    func text(of string: JSONLexer.StringToken) -> String {
        JSONString.text(ofContents: bytes.slice(string.start..<string.end).buffer)
    }
}

extension JSONString {
    /// What stands between the quotes of a string, decoded.
    static func text(ofContents contents: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: contents.count) { memory in
            unescape(contents, into: UnsafeMutableRawBufferPointer(memory))
        }
    }

    /// The text of a JSON string; nil for another value.
    static func text(ofValue value: UnsafeRawBufferPointer) -> String? {
        guard value.count >= 2, value.first == ASCII.quote, value.last == ASCII.quote else { return nil }
        return text(ofContents: UnsafeRawBufferPointer(rebasing: value[1..<(value.count &- 1)]))
    }
}
