/// Walks over a value, whatever is nested in it, and checks it in one pass.
///
/// The open arrays and objects are kept in ``JSONFrames``, not in the call stack: a million opening brackets cost
/// nothing, and end with an error at the allowed depth.
struct JSONWalker {
    private let lexer: JSONLexer
    private let depth: Int
    /// How many attachments a placeholder may refer to; nil: placeholders are plain data.
    private let attachments: Int?

    /// The placeholders met so far.
    private(set) var placeholders = 0

    init(_ lexer: JSONLexer, depth: Int, attachments: Int?) {
        self.lexer = lexer
        self.attachments = attachments
        self.depth = depth
    }

    /// Returns the offset behind the value that begins at `start`.
    mutating func endOfValue(from start: Int) throws(JSONError) -> Int {
        try walk(from: start, isElement: false)
    }

    /// Returns the offset behind the array whose next element begins at `start`.
    mutating func endOfArray(fromElementAt start: Int) throws(JSONError) -> Int {
        try walk(from: start, isElement: true)
    }

    /// Walks from the beginning of a value to its end, or to that of the array whose element it is.
    private mutating func walk(from start: Int, isElement: Bool) throws(JSONError) -> Int {
        // The compiler makes two functions of it: the usual one does not look for placeholders.
        if let attachments {
            return try walk(from: start, isElement: isElement, attachments: attachments)
        } else {
            return try walk(from: start, isElement: isElement, attachments: nil)
        }
    }

    @inline(__always)
    private mutating func walk(from start: Int, isElement: Bool, attachments: Int?) throws(JSONError) -> Int {
        let lexer = lexer
        var frames = JSONFrames(depth: depth)
        if isElement, !frames.open(.array) { throw JSONError(.depth, at: start) }
        var next = lexer.token(from: start)
        while true {
            // A value begins.
            var end: Int
            if next.byte == ASCII.quote {
                end = try lexer.string(from: next.offset &+ 1).end &+ 1
            } else if next.byte == ASCII.openBrace || next.byte == ASCII.openBracket {
                guard frames.open(next.byte == ASCII.openBrace ? .object : .array) else {
                    throw JSONError(.depth, at: next.offset)
                }
                next = lexer.token(from: next.offset &+ 1)
                if next.byte != frames.innermost.closingByte {
                    if frames.innermost == .object {
                        next = try value(ofMemberAt: next, in: &frames, attachments: attachments)
                    }
                    continue
                }
                end = next.offset
            } else {
                end = try lexer.endOfNumberOrLiteral(from: next.offset, firstByte: next.byte)
            }

            // It has ended. A comma follows, or the end of what is around it.
            while true {
                if frames.isEmpty { return end }
                next = lexer.token(from: end)
                if next.byte == ASCII.comma { break }
                let frame = frames.innermost
                guard next.byte == frame.closingByte else { throw JSONError(.syntax, at: next.offset) }
                if attachments != nil, frame.contains(.placeholder) {
                    guard frame.contains(.index) else { throw JSONError(.placeholder, at: next.offset) }
                    placeholders &+= 1
                }
                end = next.offset &+ 1
                frames.close()
            }
            next = lexer.token(from: next.offset &+ 1)
            if frames.innermost.contains(.object) {
                next = try value(ofMemberAt: next, in: &frames, attachments: attachments)
            }
        }
    }

    /// Reads the key of a member and returns where its value begins.
    @inline(__always)
    private func value(
        ofMemberAt start: (offset: Int, byte: UInt8), in frames: inout JSONFrames, attachments: Int?
    ) throws(JSONError) -> (offset: Int, byte: UInt8) {
        guard start.byte == ASCII.quote else { throw JSONError(.syntax, at: start.offset) }
        let (key, value) = try lexer.key(from: start.offset)
        if let attachments {
            frames.innermost.note(key, valueAt: value.offset, in: lexer.bytes, attachments: attachments)
        }
        return value
    }
}
