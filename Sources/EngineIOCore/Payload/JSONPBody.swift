/// The bodies of JSONP polling, which scripts and forms carry: a payload as a string of JavaScript on the way to the
/// client, and as a field of a form on the way from it.
public enum JSONPBody {
    // MARK: To the client

    /// The script that hands `payload`, which is UTF-8, to the client: `___eio[0]("...");`.
    public static func script(calling callback: JSONPCallback, with payload: UnsafeRawBufferPointer) -> [UInt8] {
        var script: [UInt8] = []
        script.reserveCapacity(payload.count &+ payload.count / 8 &+ 32)
        script += "___eio[\(callback.index)](\"".utf8
        var offset = 0
        while offset < payload.count {
            let byte = payload[offset]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): script += [UInt8(ascii: "\\"), byte]
            case 0x08: script += "\\b".utf8
            case 0x09: script += "\\t".utf8
            case 0x0A: script += "\\n".utf8
            case 0x0C: script += "\\f".utf8
            case 0x0D: script += "\\r".utf8
            case ..<0x20:
                script += "\\u00".utf8
                script += [hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
            case 0xE2 where isLineSeparator(payload, at: offset):
                // U+2028 and U+2029 are legal in JSON, and in a script the end of the line.
                script += payload[offset + 2] == 0xA8 ? "\\u2028".utf8 : "\\u2029".utf8
                offset += 2
            default: script.append(byte)
            }
            offset += 1
        }
        script += "\");".utf8
        return script
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    private static func isLineSeparator(_ text: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        text.count &- offset >= 3 && text[offset + 1] == 0x80 && text[offset + 2] & 0xFE == 0xA8
    }

    // MARK: From the client

    /// The payload in a form, `d=...`, decoded in place; nil if there is none. Of several the last counts.
    public static func payload(ofForm body: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawBufferPointer? {
        var fields = QueryFields(query: UnsafeRawBufferPointer(body))
        var found: UnsafeRawBufferPointer?
        while let (name, value) = fields.next() {
            if HTTPSyntax.equals(name, "d") { found = value }
        }
        guard let found else { return nil }
        // SAFETY: it is a part of the body, which may be written to.
        let field = UnsafeMutableRawBufferPointer(mutating: found)
        return unescapeInPlace(PercentEncoding.decodeInPlace(field))
    }

    /// Undoes what clients do so that a newline passes through a form, which would change it: `\n` is a newline, and
    /// `\\n` is `\n`.
    private static func unescapeInPlace(_ text: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawBufferPointer {
        let backslash = UInt8(ascii: "\\")
        var read = 0
        var written = 0
        while read < text.count {
            let rest = text.count &- read
            if rest >= 3, text[read] == backslash, text[read + 1] == backslash, text[read + 2] == UInt8(ascii: "n") {
                text[written] = backslash
                text[written + 1] = UInt8(ascii: "n")
                written += 2
                read += 3
            } else if rest >= 2, text[read] == backslash, text[read + 1] == UInt8(ascii: "n") {
                text[written] = UInt8(ascii: "\n")
                written += 1
                read += 2
            } else {
                text[written] = text[read]
                written += 1
                read += 1
            }
        }
        return UnsafeMutableRawBufferPointer(rebasing: text[..<written])
    }
}
