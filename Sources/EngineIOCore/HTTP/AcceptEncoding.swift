/// Which codings of a body a client takes: the field `Accept-Encoding` (RFC 9110, section 12.5.3).
public struct AcceptEncoding: Sendable {
    private let field: String

    /// - Parameter field: nil if the request has none.
    public init(_ field: String?) {
        self.field = field ?? ""
    }

    /// The coding that the client likes best; of equal ones the first. Nil if it would rather have the body as it is.
    public func best(of codings: [String]) -> String? {
        let qualities = qualities
        // Not named, the body as it is comes behind everything that is.
        let asItIs = qualities["identity"] ?? 0
        var best: (coding: String, quality: Int)?
        for coding in codings {
            let quality = qualities[coding] ?? qualities["*"] ?? 0
            if quality > (best?.quality ?? 0), quality >= asItIs { best = (coding, quality) }
        }
        return best?.coding
    }

    /// From 0, not at all, to 1000.
    private var qualities: [String: Int] {
        var qualities: [String: Int] = [:]
        for element in field.utf8.split(separator: UInt8(ascii: ",")) {
            let parts = element.split(separator: UInt8(ascii: ";"))
            guard let name = parts.first else { continue }
            var quality = 1000
            for parameter in parts.dropFirst() {
                let text = String(decoding: Self.trimmed(parameter), as: UTF8.self).lowercased()
                if text.hasPrefix("q=") { quality = Self.thousandths(text.utf8.dropFirst(2)) }
            }
            qualities[String(decoding: Self.trimmed(name), as: UTF8.self).lowercased()] = quality
        }
        return qualities
    }

    private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
        var text = text.drop(while: HTTPSyntax.isBlank)
        while let last = text.last, HTTPSyntax.isBlank(last) { text.removeLast() }
        return text
    }

    /// "0.5" is 500. What is no quality is 0: who cannot say what it takes gets the body as it is.
    private static func thousandths(_ text: Substring.UTF8View) -> Int {
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, let number = Int(Substring(whole)), (0...1).contains(number) else { return 0 }
        guard parts.count == 2 else { return number &* 1000 }
        var fraction = 0
        guard parts[1].count <= 3 else { return 0 }
        for index in 0..<3 {
            let digit = parts[1].dropFirst(index).first ?? UInt8(ascii: "0")
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return 0 }
            fraction = fraction &* 10 &+ Int(digit &- UInt8(ascii: "0"))
        }
        return min(1000, number &* 1000 &+ fraction)
    }
}
