/// Where a server is: the parts of a URL, `https://host:port/path?query`.
public struct EngineURL: Sendable, Hashable {
    /// What is wrong with a URL, in a sentence.
    public struct Mistake: Error, Sendable, Hashable {
        public let sentence: String
    }

    /// Whether it is `https` or `wss`.
    public let isSecure: Bool
    /// A name, or an address; of IPv6 without the brackets.
    public let host: String
    public let port: Int
    /// "/" at least. Socket.IO reads it as the name of a namespace; where the server's requests go is another matter.
    public let path: String
    /// What stands behind "?", encoded as it is there.
    public let query: String
    /// "name:password", decoded; nil if there is none.
    public let userInfo: String?

    /// The longest that is read.
    private static var maximumSize: Int { 8192 }

    public init(_ text: String) throws(Mistake) {
        guard text.utf8.count <= Self.maximumSize, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Mistake(
                "The URL is too long, or has spaces, control characters or characters outside of ASCII in it: encode "
                    + "them with %, and names of hosts in Punycode.")
        }
        guard let (scheme, behind) = Self.split(text[...], at: "://") else { throw Self.noScheme(text) }
        switch scheme.lowercased() {
        case "http", "ws": isSecure = false
        case "https", "wss": isSecure = true
        default: throw Self.noScheme(text)
        }
        let rest = Self.split(behind, at: "#")?.0 ?? behind
        let end = rest.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        var authority = rest[..<end]
        var userInfo: String?
        if let at = authority.utf8.lastIndex(of: UInt8(ascii: "@")) {
            userInfo = Self.decoded(authority[..<at])
            authority = authority[authority.utf8.index(after: at)...]
        }
        self.userInfo = userInfo
        (host, port) = try Self.endpoint(authority, defaultPort: isSecure ? 443 : 80)
        let (path, query) = Self.split(rest[end...], at: "?") ?? (rest[end...], "")
        self.path = path.isEmpty ? "/" : String(path)
        self.query = String(query)
    }

    private static func noScheme(_ text: String) -> Mistake {
        Mistake("\"\(LogText.of(text.utf8))\" does not begin with http://, https://, ws:// or wss://.")
    }

    private static func split(_ text: Substring, at mark: String) -> (Substring, Substring)? {
        let size = mark.utf8.count
        let utf8 = text.utf8
        var index = utf8.startIndex
        while index < utf8.endIndex {
            if utf8[index...].starts(with: mark.utf8) {
                return (text[..<index], text[utf8.index(index, offsetBy: size)...])
            }
            index = utf8.index(after: index)
        }
        return nil
    }

    /// A `+` is one here, and no space.
    private static func decoded(_ text: Substring) -> String {
        let literal = text.utf8.flatMap { $0 == UInt8(ascii: "+") ? Array("%2B".utf8) : [$0] }
        return literal.withUnsafeBytes { PercentEncoding.decode($0) }
    }

    /// "host", "host:port", "[address]:port".
    private static func endpoint(_ text: Substring, defaultPort: Int) throws(Mistake) -> (String, Int) {
        var host = text
        var port = Substring()
        if text.utf8.first == UInt8(ascii: "[") {
            guard let (address, behind) = split(text.dropFirst(), at: "]"),
                behind.isEmpty || behind.utf8.first == UInt8(ascii: ":")
            else { throw Mistake("The URL's address has no \"]\" at its end.") }
            (host, port) = (address, behind.dropFirst())
        } else if let (name, behind) = split(text, at: ":") {
            (host, port) = (name, behind)
        }
        guard !host.isEmpty, host.utf8.count <= 255, host.utf8.allSatisfy(isHostByte) else {
            throw Mistake("The URL names no host, or one with characters that no name has.")
        }
        if port.isEmpty { return (String(host), defaultPort) }
        guard port.utf8.count <= 5, let number = Int(port), (1...65535).contains(number) else {
            throw Mistake("\"\(port)\" is not a port: use 1 to 65535.")
        }
        return (String(host), number)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: ":"), UInt8(ascii: "%"):
            true
        default: false
        }
    }

    /// The value of the field `Host`: without the port that the scheme implies.
    public var hostField: String {
        let name = bracketedHost
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// The host and the port, as a proxy is asked for them.
    public var authority: String { "\(bracketedHost):\(port)" }

    private var bracketedHost: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    }

    /// What all URLs of one server have in common: "https://host:443".
    public var origin: String { "\(isSecure ? "https" : "http")://\(authority)" }
}

extension EngineURL.Mistake {
    init(_ sentence: String) {
        self.sentence = sentence
    }
}
