import EngineIOCore

/// What Engine.IO reads of a request in its path, once for each.
struct EngineRequest: Sendable {
    let query: RequestQuery
    let origin: OriginDecision

    /// Nil for a request outside of the path, or for one of the client's files in it.
    init?(_ head: HTTPRequestHead, from source: RequestSource, _ options: EngineOptions) {
        let query = head.text.withTarget { target -> RequestQuery? in
            guard options.path.matches(target), options.client.bundle(options.path.rest(of: target)) == nil else {
                return nil
            }
            return RequestQuery(target: target)
        }
        guard let query else { return nil }
        self.query = query
        origin = Self.origin(of: head, from: source, options)
    }

    /// Whether the page that a request comes from is admitted.
    static func origin(
        of head: HTTPRequestHead, from source: RequestSource, _ options: EngineOptions
    ) -> OriginDecision {
        guard head.has(.origin) else { return .noOrigin }
        return options.originPolicy.decide(
            origin: head.value(of: .origin), host: source.host ?? head.value(of: .host), secure: source.isSecure)
    }
}
