/// Which web pages may use the server.
///
/// Browsers send WebSocket handshakes to any server, from any page, cookies included, and leave the decision to the
/// server. So the default admits the server's own pages only. Clients that are not browsers mostly send no origin, or
/// the server's own, and are not concerned.
public enum OriginPolicy: Equatable, Sendable {
    /// Pages that came from this host and port.
    case sameOrigin
    /// Every page, without credentials.
    case any
    /// Pages of these origins, such as `https://example.com`, beside the server's own; `*` among them admits every
    /// page.
    case list([String])
    /// Every page, without a look at its origin and without a word about it: browsers let other pages open WebSockets
    /// then, and keep responses from them.
    case unchecked

    /// Decides about a request.
    ///
    /// - Parameters:
    ///   - origin: the `Origin` header.
    ///   - host: the `Host` header.
    ///   - secure: whether the request came over TLS.
    public func decide(origin: String?, host: String?, secure: Bool) -> OriginDecision {
        guard let origin else { return .noOrigin }
        switch self {
        case .unchecked:
            return .noOrigin
        case .any:
            return .allowed("*", varies: false)
        case .list(let origins) where origins.contains("*"):
            return .allowed("*", varies: false)
        case .list(let origins):
            if Self.isListed(origin, in: origins) || Self.isSameOrigin(origin, host: host, secure: secure) {
                return .allowed(origin, varies: true)
            }
            let allowed = origins.isEmpty ? "none is" : "allowed are " + origins.joined(separator: ", ")
            return .refused(
                "the origin \(Self.quoted(origin)) is not allowed, \(allowed); to accept its pages, add it to the "
                    + "allowed origins")
        case .sameOrigin:
            if Self.isSameOrigin(origin, host: host, secure: secure) {
                return .allowed(origin, varies: true)
            }
            let own = host.map { "the server's own, \(Self.quoted($0))" } ?? "the server's own"
            return .refused(
                "the origin \(Self.quoted(origin)) is not allowed, only \(own), is; to accept its pages, add it to "
                    + "the allowed origins, or allow every origin with *")
        }
    }

    /// Decides about a JSONP request, which browsers send for any page, without an `Origin`, and whose answer any page
    /// can read: where origins are restricted, it has to come with a `Referer`, and that decides.
    ///
    /// - Parameters:
    ///   - referer: the `Referer` header.
    ///   - host: the `Host` header.
    ///   - secure: whether the request came over TLS.
    public func decideJSONP(referer: String?, host: String?, secure: Bool) -> OriginDecision {
        switch self {
        case .unchecked, .any: return .noOrigin
        case .list(let origins) where origins.contains("*"): return .noOrigin
        case .sameOrigin, .list: break
        }
        guard let referer else {
            return .refused(
                "a JSONP request has neither Origin nor Referer, so that it may come from any page; to accept it "
                    + "anyway, allow every origin with *")
        }
        switch decide(origin: Self.origin(ofPage: referer), host: host, secure: secure) {
        case .refused(let sentence): return .refused(sentence)
        // A script is not subject to CORS: its answer needs no headers.
        case .allowed, .noOrigin: return .noOrigin
        }
    }

    /// The origin of an address, `https://example.com/page`: what stands before the path.
    private static func origin(ofPage address: String) -> String {
        var slashes = 0
        let end = address.utf8.firstIndex { byte in
            if byte == UInt8(ascii: "/") { slashes += 1 }
            return slashes == 3 || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
        }
        return String(address[..<(end ?? address.endIndex)])
    }

    /// The first of the listed origins that no browser could send, if there is one.
    public var illegalOrigin: String? {
        guard case .list(let origins) = self else { return nil }
        return origins.first { $0 != "*" && $0 != "null" && Origin($0) == nil }
    }

    private static func isListed(_ text: String, in origins: [String]) -> Bool {
        // Most origins are configured just as browsers write them. `null` and its like have no other form.
        if origins.contains(where: { $0.utf8.elementsEqual(text.utf8) }) { return true }
        guard let origin = Origin(text) else { return false }
        return origins.contains { Origin($0) == origin }
    }

    /// Compares host and port. A `Host` without a port stands for the default one of the page's scheme.
    ///
    /// The scheme of the connection decides in one direction only. Over TLS a page from plain HTTP is a stranger:
    /// anyone on its network may have written it. A page from HTTPS on a plain connection is how every server behind
    /// a proxy that ends TLS sees its own pages.
    private static func isSameOrigin(_ text: String, host: String?, secure: Bool) -> Bool {
        guard let origin = Origin(text), let host, let authority = Authority(Substring(host)) else { return false }
        guard origin.scheme == "https" || (origin.scheme == "http" && !secure) else { return false }
        return origin.host == authority.host && (authority.port == nil || authority.port == origin.port)
    }

    private static func quoted(_ text: String) -> String { "'\(LogText.of(text.utf8))'" }
}

/// What an ``OriginPolicy`` says about a request.
public enum OriginDecision: Equatable, Sendable {
    /// The request came from no web page, or nobody looks where it came from.
    case noOrigin
    /// Allowed, with this value for `Access-Control-Allow-Origin`; `varies` if other origins get other answers.
    case allowed(String, varies: Bool)
    /// Refused, with a sentence for the log: which origin, what is allowed, what to do.
    case refused(String)
}
