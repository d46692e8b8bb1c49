/// The tag of a version of a file, as `ETag` says it: `"3x-1a"`, or `W/"3x-1a"`.
public enum EntityTag {
    enum Comparison {
        /// Both have to be exact.
        case strong
        /// `W/` makes no difference.
        case weak
    }

    /// Whether a list of tags, or `*`, has `tag`. What is malformed ends the list.
    static func list(_ list: String, has tag: String, _ comparison: Comparison) -> Bool {
        if list == "*" { return true }
        let wanted = Substring(tag).utf8
        var rest = Substring(list).utf8
        while true {
            rest = rest.drop { HTTPSyntax.isBlank($0) || $0 == UInt8(ascii: ",") }
            let isWeak = rest.starts(with: "W/".utf8)
            let opaque = isWeak ? rest.dropFirst(2) : rest
            guard opaque.first == UInt8(ascii: "\""),
                let end = opaque.dropFirst().firstIndex(of: UInt8(ascii: "\""))
            else { return false }
            if opaque[...end].elementsEqual(wanted), !isWeak || comparison == .weak { return true }
            rest = opaque[opaque.index(after: end)...]
        }
    }

    /// The tag of a file. A hash, since numbers of inodes are nobody's business (CVE-2003-1418).
    public static func of(size: UInt64, seconds: UInt64, nanoseconds: UInt64, inode: UInt64) -> String {
        let state: InlineArray<4, UInt64> = [size, seconds, nanoseconds, inode]
        return hash(state.span.bytes)
    }

    /// The tag of a content.
    public static func of(_ content: RawSpan) -> String { hash(content) }

    private static func hash(_ bytes: RawSpan) -> String {
        let hash = bytes.withUnsafeBytes { SHA1.hash($0) }
        var text = "\""
        for index in 0..<10 {
            text.unicodeScalars.append(Unicode.Scalar(hexadecimal(hash[index] >> 4)))
            text.unicodeScalars.append(Unicode.Scalar(hexadecimal(hash[index] & 15)))
        }
        return text + "\""
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "a") &+ digit &- 10
    }
}
