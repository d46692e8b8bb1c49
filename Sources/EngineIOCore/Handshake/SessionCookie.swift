/// The cookie with the session's id that polling handshakes set, by which load balancers send the client's requests to
/// one server (section 1.8 of the protocol reference, the npm package `cookie`).
public struct SessionCookie: Equatable, Sendable {
    public enum Priority: String, Sendable {
        case low = "Low"
        case medium = "Medium"
        case high = "High"
    }

    public enum SameSite: String, Sendable {
        case lax = "Lax"
        case strict = "Strict"
        case none = "None"
    }

    public var name: String
    public var path: String
    public var domain: String?
    /// "Wed, 21 Oct 2026 07:28:00 GMT".
    public var expires: String?
    /// In seconds; nil for as long as the browser runs.
    public var maxAge: Int?
    /// Whether scripts of the page do not see it.
    public var isHTTPOnly = true
    /// Whether it goes over TLS only.
    public var isSecure = false
    /// Whether there is one for each top-level site.
    public var isPartitioned = false
    public var priority: Priority?
    public var sameSite: SameSite?

    public init(name: String = "io", path: String = "/", sameSite: SameSite? = .lax) {
        self.name = name
        self.path = path
        self.sameSite = sameSite
    }

    /// What is behind the id, in the order of the reference's serializer.
    var attributes: String {
        var text = ""
        if let maxAge { text += "; Max-Age=\(maxAge)" }
        if let domain { text += "; Domain=\(domain)" }
        text += "; Path=\(path)"
        if let expires { text += "; Expires=\(expires)" }
        if isHTTPOnly { text += "; HttpOnly" }
        if isSecure { text += "; Secure" }
        if isPartitioned { text += "; Partitioned" }
        if let priority { text += "; Priority=\(priority.rawValue)" }
        if let sameSite { text += "; SameSite=\(sameSite.rawValue)" }
        return text
    }

    /// The value of `Set-Cookie`. Nothing in an id needs to be encoded.
    public func value(for sid: String) -> String { "\(name)=\(sid)\(attributes)" }

    /// What is wrong with it, as a sentence; nil if nothing is. A cookie is one line, and `;` separates its parts: what
    /// has other characters than those of its place would say something else than it was to say (CVE-2024-47764).
    public var problem: String? {
        if !HTTPSyntax.isToken(name.utf8) {
            return "The name of a cookie has letters, digits and any of !#$%&'*+-.^_`|~, and is not empty."
        }
        if path.utf8.first != UInt8(ascii: "/") || !path.utf8.allSatisfy(Self.isLegalInPath) {
            return "The path of a cookie begins with \"/\" and has printable ASCII without \";\" and \"<\" only."
        }
        if let domain, !Self.isDomain(domain) {
            return "The domain of a cookie is a host's name, \"example.com\"."
        }
        if let expires, !Self.isDate(expires) {
            return "A cookie expires at a date like \"Wed, 21 Oct 2026 07:28:00 GMT\"."
        }
        if sameSite == SameSite.none && !isSecure {
            return "Browsers refuse a cookie with SameSite=None that is not Secure: set both."
        }
        if isPartitioned && !isSecure {
            return "Browsers refuse a cookie that is Partitioned and not Secure: set both."
        }
        return nil
    }

    private static func isLegalInPath(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: ";") && byte != UInt8(ascii: "<")
    }

    /// Labels of letters, digits and hyphens, a dot before the first one allowed.
    private static func isDomain(_ text: String) -> Bool {
        let name = text.utf8.first == UInt8(ascii: ".") ? text.utf8.dropFirst() : text.utf8[...]
        guard name.count <= 253 else { return false }
        return name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            let hyphen = UInt8(ascii: "-")
            guard (1...63).contains(label.count), label.first != hyphen, label.last != hyphen else { return false }
            return label.allSatisfy { isDigit($0) || isLetter($0) || $0 == hyphen }
        }
    }

    /// The form that HTTP gives dates, each letter and digit in its place.
    private static func isDate(_ text: String) -> Bool {
        let form = "Aaa, 00 Aaa 0000 00:00:00 GMT"
        guard text.utf8.count == form.utf8.count, text.hasSuffix(" GMT") else { return false }
        return zip(text.utf8, form.utf8).dropLast(4).allSatisfy { byte, expected in
            switch expected {
            case UInt8(ascii: "0"): isDigit(byte)
            case UInt8(ascii: "A"), UInt8(ascii: "a"): isLetter(byte)
            default: byte == expected
            }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
