/// One proxy's part of `Forwarded`: `for="[2001:db8::1]:4711";proto=https;host=example.com`.
struct ForwardedElement {
    private(set) var client: ProxyHop?
    private(set) var isSecure: Bool?
    private(set) var host: String?

    /// The elements of a field. Of one whose quotes do not match up nothing is known, one element without a client: in
    /// quotes that a client has left open, what its proxies have added behind would vanish.
    static func list(_ value: UnsafeRawBufferPointer) -> [ForwardedElement] {
        guard let elements = split(Array(value)[...], at: UInt8(ascii: ",")) else { return [ForwardedElement([])] }
        return elements.map(ForwardedElement.init)
    }

    private init(_ text: ArraySlice<UInt8>) {
        for pair in Self.split(text, at: UInt8(ascii: ";")) ?? [] {
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let value = Self.unquoted(pair[(equals &+ 1)...])
            switch String(decoding: pair[..<equals], as: UTF8.self).lowercased() {
            case "for": client = ProxyHop(value)
            case "proto": isSecure = ForwardedHeaders.isSecure(value)
            case "host": host = String(decoding: value, as: UTF8.self)
            default: break
            }
        }
    }

    /// The parts, without the blanks around them and without empty ones; a separator in quotes is none. Nil if a quote
    /// has no end.
    private static func split(_ text: ArraySlice<UInt8>, at separator: UInt8) -> [ArraySlice<UInt8>]? {
        var parts: [ArraySlice<UInt8>] = []
        var start = text.startIndex
        var isQuoted = false
        var isEscaped = false
        func add(_ part: ArraySlice<UInt8>) {
            let trimmed = part.drop(while: HTTPSyntax.isBlank)
            guard let end = trimmed.lastIndex(where: { !HTTPSyntax.isBlank($0) }) else { return }
            parts.append(trimmed[...end])
        }
        for (index, byte) in zip(text.indices, text) {
            if isEscaped {
                isEscaped = false
            } else if isQuoted && byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == separator && !isQuoted {
                add(text[start..<index])
                start = index &+ 1
            }
        }
        guard !isQuoted else { return nil }
        add(text[start...])
        return parts
    }

    /// What a quoted string says; what is not quoted, as it is.
    private static func unquoted(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard text.count >= 2, text.first == UInt8(ascii: "\""), text.last == UInt8(ascii: "\"") else { return text }
        var result: [UInt8] = []
        var isEscaped = false
        for byte in text.dropFirst().dropLast() {
            if !isEscaped && byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                result.append(byte)
                isEscaped = false
            }
        }
        return result[...]
    }
}
