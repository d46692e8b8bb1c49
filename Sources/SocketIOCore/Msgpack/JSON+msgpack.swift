// JSON text as MessagePack.
extension MsgpackWriter {
    /// Writes the values of a text that is known to be JSON; those at the top have commas between them, and are as many
    /// as the outline says. Placeholders become what they stand for.
    ///
    /// Integers are written as such while they fit 64 bits, other numbers as 64-bit floats. A lone surrogate becomes
    /// U+FFFD.
    mutating func write(json text: ByteView, _ outline: JSONOutline, attachments: [UnsafeRawBufferPointer]) {
        var tokens = JSONTokens(text)
        var position = 0
        while let token = tokens.next() {
            switch token {
            case .array, .object:
                guard outline.containers.indices.contains(position) else { return }
                switch outline.containers[position] {
                case .count(let count):
                    if case .array = token { beginArray(count) } else { beginMap(count) }
                    position &+= 1
                case .attachment(let index, let end, let next):
                    guard attachments.indices.contains(index) else { return }
                    write(binary: ByteView(attachments[index]))
                    tokens.move(to: end)
                    position = next
                }
            case .end: break
            case .key(let string, _), .string(let string): write(string, of: text)
            case .number(let range): write(number: text.slice(range))
            case .bool(let value): write(value)
            case .null: writeNull()
            }
        }
    }

    private mutating func write(_ string: JSONLexer.StringToken, of text: ByteView) {
        let contents = text.slice(string.start..<string.end)
        guard string.hasEscapes else { return write(contents) }
        withUnsafeTemporaryAllocation(byteCount: contents.count, alignment: 1) { output in
            let count = JSONString.unescape(contents.buffer, into: output)
            write(ByteView(UnsafeRawBufferPointer(rebasing: output[..<count])))
        }
    }

    private mutating func write(number text: ByteView) {
        let number = String(decoding: text.buffer, as: UTF8.self)
        if let value = UInt64(number) {
            write(value)
        } else if let value = Int64(number) {
            write(value)
        } else if let value = Double(number) {
            write(value)
        } else {
            writeNull()
        }
    }
}
