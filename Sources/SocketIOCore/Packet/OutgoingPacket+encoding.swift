extension OutgoingPacket {
    public var encodedSize: Int {
        var counter = ByteCounter()
        encode(to: &counter)
        return counter.count
    }

    /// Writes the packet; returns its size, or 0 when `output` is too small.
    public func write(into output: UnsafeMutableRawBufferPointer) -> Int {
        var writer = ByteWriter(output)
        encode(to: &writer)
        return writer.count
    }

    private func encode(to sink: inout some ByteSink) {
        sink.write(ASCII.zero &+ type.rawValue)
        if type.isBinary {
            sink.write(decimal: UInt64(clamping: attachments))
            sink.write(ASCII.minus)
        }
        if namespace.count > 1 {
            sink.write(ByteView(namespace))
            sink.write(ASCII.comma)
        }
        if let acknowledgement {
            sink.write(decimal: acknowledgement)
        }
        encodePayload(to: &sink)
    }

    private func encodePayload(to sink: inout some ByteSink) {
        switch payload {
        case .json(let text):
            sink.write(ByteView(text))
        case .event(let name, let arguments):
            sink.write(ASCII.openBracket)
            JSONString.quote(ByteView(name), to: &sink)
            if !arguments.isEmpty {
                sink.write(ASCII.comma)
                sink.write(ByteView(arguments))
            }
            sink.write(ASCII.closeBracket)
        case .arguments(let arguments):
            sink.write(ASCII.openBracket)
            sink.write(ByteView(arguments))
            sink.write(ASCII.closeBracket)
        }
    }
}
