/// How the body of a response is compressed (RFC 9110, section 8.4.1).
public enum ContentCoding: CaseIterable, Sendable {
    case gzip
    /// The format of zlib, whatever the name says.
    case deflate

    /// As `Content-Encoding` has it.
    public var name: String {
        switch self {
        case .gzip: "gzip"
        case .deflate: "deflate"
        }
    }

    /// What the client wants most of these, by its `Accept-Encoding`; nil: nothing, or the body as it is.
    public static func preferred(by head: HTTPRequestHead) -> ContentCoding? {
        var wishes = Wishes()
        head.text.forEachValue(of: "accept-encoding") { list in
            HTTPSyntax.forEachElement(of: list) { wishes.note($0) }
        }
        return wishes.preferred
    }

    /// The weights that a request gives, in thousandths; nil for what it does not name.
    private struct Wishes {
        private var gzip: Int?
        private var deflate: Int?
        private var identity: Int?
        private var others: Int?

        mutating func note(_ element: UnsafeRawBufferPointer) {
            let nameSize = ByteSearch.firstOffset(of: UInt8(ascii: ";"), in: element) ?? element.count
            let name = UnsafeRawBufferPointer(rebasing: element[HTTPSyntax.trimmed(0..<nameSize, in: element)])
            let parameters = UnsafeRawBufferPointer(rebasing: element[min(nameSize &+ 1, element.count)...])
            guard let weight = nameSize == element.count ? 1000 : Self.weight(parameters) else { return }
            if HTTPSyntax.equalsIgnoringCase(name, "gzip") || HTTPSyntax.equalsIgnoringCase(name, "x-gzip") {
                gzip = weight
            } else if HTTPSyntax.equalsIgnoringCase(name, "deflate") {
                deflate = weight
            } else if HTTPSyntax.equalsIgnoringCase(name, "identity") {
                identity = weight
            } else if HTTPSyntax.equals(name, "*") {
                others = weight
            }
        }

        var preferred: ContentCoding? {
            let gzip = gzip ?? others ?? 0
            let deflate = deflate ?? others ?? 0
            let best = max(gzip, deflate)
            guard best > 0, best >= identity ?? 0 else { return nil }
            return best == gzip ? .gzip : .deflate
        }

        /// "q=0.5"; nil for what is not a weight.
        private static func weight(_ parameters: UnsafeRawBufferPointer) -> Int? {
            let text = UnsafeRawBufferPointer(
                rebasing: parameters[HTTPSyntax.trimmed(0..<parameters.count, in: parameters)])
            guard text.count >= 3, text.count <= 7, text[0] | 0x20 == UInt8(ascii: "q"), text[1] == UInt8(ascii: "="),
                let whole = digit(text[2]), whole <= 1
            else { return nil }
            var weight = whole
            for position in 4..<7 {
                weight *= 10
                guard position < text.count else { continue }
                guard text[3] == UInt8(ascii: "."), let digit = digit(text[position]) else { return nil }
                weight += digit
            }
            guard text.count <= 3 || text[3] == UInt8(ascii: ".") else { return nil }
            return weight <= 1000 ? weight : nil
        }

        private static func digit(_ byte: UInt8) -> Int? {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte &- UInt8(ascii: "0")) : nil
        }
    }
}
