extension ParsedPacket {
    /// Cuts the name and the arguments out of an event's text, in place: `["name",1,2]` becomes `name` and `[1,2]`, each
    /// followed by a NUL. One byte behind the text is written to. Nil for another packet.
    public func cutEvent(
        in text: UnsafeMutableRawBufferPointer
    ) -> (name: UnsafeRawBufferPointer, arguments: UnsafeRawBufferPointer)? {
        guard let event, let base = text.baseAddress else { return nil }
        let hasArguments = event.next &+ 1 < event.end
        if hasArguments { text[event.next] = ASCII.openBracket }
        (base + event.end).storeBytes(of: 0, as: UInt8.self)
        var name = UnsafeMutableRawBufferPointer(rebasing: text[event.name])
        if event.hasEscapes {
            let size = JSONString.unescape(UnsafeRawBufferPointer(name), into: name)
            name = UnsafeMutableRawBufferPointer(rebasing: name[..<size])
        }
        if !event.isNumber || !hasArguments {
            // The closing quote, or what the unescaped name left of itself.
            (base + event.name.lowerBound + name.count).storeBytes(of: 0, as: UInt8.self)
        }
        let arguments =
            hasArguments
            ? UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[event.next..<event.end])
            : Self.noArguments
        return (UnsafeRawBufferPointer(name), arguments)
    }

    /// The arguments of a reply, followed by a NUL. One byte behind the text is written to.
    public func cutReply(in text: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer {
        let payload = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[header.payload])
        text.baseAddress?.storeBytes(of: 0, toByteOffset: header.payload.upperBound, as: UInt8.self)
        return payload.isEmpty ? Self.noArguments : payload
    }

    // SAFETY: never written to.
    nonisolated(unsafe) private static let noArguments: UnsafeRawBufferPointer = {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 3, alignment: 1)
        bytes.copyBytes(from: [ASCII.openBracket, ASCII.closeBracket, 0])
        return UnsafeRawBufferPointer(rebasing: bytes[..<2])
    }()
}
