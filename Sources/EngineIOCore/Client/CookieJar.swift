/// The cookies that a server has set for a client, which sends them with its later requests.
///
/// Names and values count, and when they expire. Paths and domains do not: all requests go to one path of one host.
/// Sticky load balancers find by it the server that has the session.
public struct CookieJar: Sendable {
    private struct Cookie {
        let name: String
        var value: String
        /// In seconds since 1970; nil: as long as the jar.
        var expiry: Int?
    }

    /// More, or larger ones, are not kept.
    private static let most = 64
    private static let maximumSize = 4096

    private var cookies: [Cookie] = []

    public init() {}

    /// Takes the cookies of a response. `time` is in seconds since 1970.
    public mutating func take(from head: HTTPResponseHead, time: Int) {
        head.text.forEachValue(of: "set-cookie") { value in
            guard value.count <= Self.maximumSize else { return }
            take(String(decoding: value, as: UTF8.self), time: time)
        }
    }

    /// "name=value; attribute; attribute=value".
    mutating func take(_ text: String, time: Int) {
        var parts = text.split(separator: ";", omittingEmptySubsequences: false)[...]
        guard let pair = parts.popFirst(), let equals = pair.utf8.firstIndex(of: UInt8(ascii: "=")) else { return }
        let name = Self.trimmed(pair[..<equals])
        let value = Self.trimmed(pair[pair.utf8.index(after: equals)...])
        guard HTTPSyntax.isToken(Array(name.utf8)), value.utf8.allSatisfy(Self.isValueByte) else { return }
        var expiry: Int?
        var hasMaxAge = false
        for part in parts {
            let end = part.utf8.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let argument = end < part.endIndex ? Self.trimmed(part[part.utf8.index(after: end)...]) : ""
            switch Self.trimmed(part[..<end]).lowercased() {
            case "max-age":
                guard let seconds = Int(argument) else { continue }
                let (sum, overflow) = time.addingReportingOverflow(seconds)
                expiry = overflow ? nil : sum
                hasMaxAge = true
            case "expires" where !hasMaxAge: expiry = HTTPTime.parse(String(argument)) ?? expiry
            default: break
            }
        }
        cookies.removeAll { $0.name == name }
        if let expiry, expiry <= time { return }
        guard cookies.count < Self.most else { return }
        cookies.append(Cookie(name: String(name), value: String(value), expiry: expiry))
    }

    /// The value of the field `Cookie`; nil: there are none.
    public func field(time: Int) -> String? {
        let living = cookies.filter { $0.expiry.map { $0 > time } ?? true }
        return living.isEmpty ? nil : living.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...last]
    }

    private static func isValueByte(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F && byte != UInt8(ascii: ";") }
}
