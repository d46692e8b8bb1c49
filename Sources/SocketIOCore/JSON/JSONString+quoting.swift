extension JSONString {
    /// `text` as a JSON string.
    public static func quoted(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: quotedSize(text)) { memory, count in
            count = writeQuoted(text, into: UnsafeMutableRawBufferPointer(memory))
        }
    }

    /// How long `text` is as a JSON string, quotes and escapes included.
    public static func quotedSize(_ text: UnsafeRawBufferPointer) -> Int {
        var counter = ByteCounter()
        quote(ByteView(text), to: &counter)
        return counter.count
    }

    /// Writes `text` as a JSON string; returns its size, or 0 when `output` is too small.
    public static func writeQuoted(
        _ text: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        var writer = ByteWriter(output)
        quote(ByteView(text), to: &writer)
        return writer.count
    }

    /// Escapes what `JSON.stringify` escapes and nothing else. `text` is valid UTF-8; what is not ASCII stays as it is.
    static func quote(_ text: ByteView, to sink: inout some ByteSink) {
        sink.write(ASCII.quote)
        var written = 0
        var offset = 0
        while true {
            offset = text.endOfPlainText(from: offset)
            guard offset < text.count else { break }
            let byte = text.byte(at: offset)
            if byte < 0x80 {
                sink.write(text.slice(written..<offset))
                escape(byte, to: &sink)
                written = offset &+ 1
            }
            offset &+= 1
        }
        sink.write(text.slice(written..<text.count))
        sink.write(ASCII.quote)
    }

    private static func escape(_ byte: UInt8, to sink: inout some ByteSink) {
        sink.write(ASCII.backslash)
        switch byte {
        case 0x08: sink.write(UInt8(ascii: "b"))
        case 0x09: sink.write(UInt8(ascii: "t"))
        case 0x0A: sink.write(UInt8(ascii: "n"))
        case 0x0C: sink.write(UInt8(ascii: "f"))
        case 0x0D: sink.write(UInt8(ascii: "r"))
        case ASCII.space...: sink.write(byte)
        default:
            sink.write(UInt8(ascii: "u"))
            sink.write(ASCII.zero)
            sink.write(ASCII.zero)
            sink.write(hexDigit(byte >> 4))
            sink.write(hexDigit(byte & 0x0F))
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? ASCII.zero &+ value : UInt8(ascii: "a") &+ value &- 10
    }
}
