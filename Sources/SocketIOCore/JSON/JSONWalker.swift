/// Walks over a value, whatever is nested in it, and checks it in one pass.
///
/// The open arrays and objects are kept in a stack of one byte each, not in the call stack: a million opening brackets
/// cost nothing, and end with an error at the allowed depth.
struct JSONWalker {
    private let lexer: JSONLexer
    private let depthLimit: Int
    /// How many attachments a placeholder may refer to; nil: placeholders are plain data.
    private let attachments: Int?

    /// The placeholders met so far.
    private(set) var placeholders = 0

    init(_ lexer: JSONLexer, depth: Int, attachments: Int?) {
        self.lexer = lexer
        self.attachments = attachments
        // Each level takes a byte to open, so the text's own length is a limit too.
        depthLimit = min(max(depth, 0), lexer.bytes.count)
    }

    /// Returns the offset behind the value that begins at `start`.
    mutating func endOfValue(from start: Int) throws(JSONError) -> Int {
        try walk(from: start, insideArray: false)
    }

    /// Returns the offset behind the array whose element has ended at `start`.
    mutating func endOfArray(afterElement start: Int) throws(JSONError) -> Int {
        guard depthLimit > 0 else { throw JSONError(.depth, at: start) }
        return try walk(from: start, insideArray: true)
    }

    private mutating func walk(from start: Int, insideArray: Bool) throws(JSONError) -> Int {
        // Up to a kilobyte this is on the stack.
        try withUnsafeTemporaryAllocation(byteCount: depthLimit, alignment: 1) { enclosing throws(JSONError) in
            try walk(from: start, insideArray: insideArray, enclosing: enclosing)
        }
    }

    /// What may stand where the walker stands.
    private enum Expectation {
        case member
        case value
        /// What may follow a value: a comma, or the end of the array or object around it.
        case continuation
    }

    /// `enclosing` has room for the frames around the innermost one, which is in `frame`.
    private mutating func walk(
        from start: Int,
        insideArray: Bool,
        enclosing: UnsafeMutableRawBufferPointer
    ) throws(JSONError) -> Int {
        let bytes = lexer.bytes
        var offset = start
        var frame = JSONFrame.array
        var depth = 0
        var expectation = Expectation.value
        if insideArray {
            enclosing[0] = frame.rawValue
            depth = 1
            expectation = .continuation
        }

        while true {
            if expectation == .member {
                let (key, value) = try lexer.key(from: offset)
                if let attachments {
                    frame.note(key, valueAt: value, in: bytes, attachments: attachments)
                }
                offset = value
            }
            if expectation != .continuation {
                let byte = bytes.byte(at: offset)
                if byte == ASCII.quote {
                    offset = try lexer.string(from: offset &+ 1).end &+ 1
                } else if byte == ASCII.openBrace || byte == ASCII.openBracket {
                    guard depth < enclosing.count else { throw JSONError(.depth, at: offset) }
                    enclosing[depth] = frame.rawValue
                    depth &+= 1
                    frame = byte == ASCII.openBrace ? .object : .array
                    offset = lexer.endOfWhitespace(from: offset &+ 1)
                    if bytes.byte(at: offset) != frame.closingByte {
                        expectation = frame.contains(.object) ? .member : .value
                        continue
                    }
                } else {
                    offset = try lexer.endOfNumberOrLiteral(from: offset)
                }
            }

            if depth == 0 { return offset }
            offset = lexer.endOfWhitespace(from: offset)
            let byte = bytes.byte(at: offset)
            if byte == ASCII.comma {
                offset = lexer.endOfWhitespace(from: offset &+ 1)
                expectation = frame.contains(.object) ? .member : .value
            } else if byte == frame.closingByte {
                if frame.contains(.placeholder) {
                    guard frame.contains(.index) else { throw JSONError(.placeholder, at: offset) }
                    placeholders &+= 1
                }
                offset &+= 1
                depth &-= 1
                frame = JSONFrame(rawValue: enclosing[depth])
                expectation = .continuation
            } else {
                throw JSONError(.syntax, at: offset)
            }
        }
    }
}
