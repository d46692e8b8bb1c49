/// A host and, where it is given, a port: the `Host` header, or the end of an origin.
struct Authority: Equatable {
    /// In lower case; an IPv6 address keeps its brackets.
    let host: String
    let port: UInt16?

    init?(_ text: Substring) {
        let hostEnd: Substring.Index
        if text.utf8.first == UInt8(ascii: "[") {
            guard let bracket = text.utf8.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            hostEnd = text.utf8.index(after: bracket)
            let address = text[text.utf8.index(after: text.startIndex)..<bracket]
            guard !address.isEmpty, address.utf8.allSatisfy(Self.isLegalInAddress) else { return nil }
        } else {
            hostEnd = text.utf8.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
            let name = text[..<hostEnd]
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isLegalInName) else { return nil }
        }
        host = text[..<hostEnd].lowercased()

        let suffix = text[hostEnd...]
        guard let colon = suffix.utf8.first else {
            port = nil
            return
        }
        let digits = suffix.utf8.dropFirst()
        guard colon == UInt8(ascii: ":"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        if digits.isEmpty {
            port = nil
        } else if let number = UInt16(Substring(digits)) {
            port = number
        } else {
            return nil
        }
    }

    /// Narrow on purpose: what passes may be quoted in a header or a log.
    private static func isLegalInName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isLegalInAddress(_ byte: UInt8) -> Bool {
        isLegalInName(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "%")
    }
}

/// The origin of a web page (RFC 6454). Two are equal if a browser would call them the same.
struct Origin: Equatable {
    /// In lower case.
    let scheme: String
    let host: String
    /// The port of the page, given or the scheme's own; nil for a scheme that has none, such as `capacitor`.
    let port: UInt16?

    /// Reads `scheme://host[:port]`. A slash at the end is allowed, since people configure origins that way.
    init?(_ text: String) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), colon > text.startIndex,
            text[..<colon].utf8.allSatisfy(Self.isLegalInScheme)
        else { return nil }
        var rest = text[text.utf8.index(after: colon)...]
        guard rest.utf8.starts(with: "//".utf8) else { return nil }
        rest = Substring(rest.utf8.dropFirst(2))
        if rest.utf8.last == UInt8(ascii: "/") {
            rest = Substring(rest.utf8.dropLast())
        }
        guard let authority = Authority(rest) else { return nil }
        scheme = text[..<colon].lowercased()
        host = authority.host
        port = authority.port ?? Self.defaultPort(of: scheme)
    }

    private static func defaultPort(of scheme: String) -> UInt16? {
        switch scheme {
        case "http": 80
        case "https": 443
        default: nil
        }
    }

    private static func isLegalInScheme(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
