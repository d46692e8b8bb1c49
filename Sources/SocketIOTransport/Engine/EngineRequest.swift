import EngineIOCore

/// What Engine.IO reads of a request in its path, once for each.
struct EngineRequest: Sendable {
    let query: RequestQuery
    let origin: OriginDecision

    /// Nil for a request outside of the path.
    init?(_ head: HTTPRequestHead, from source: RequestSource, _ options: EngineOptions) {
        let query = head.text.withTarget { target in
            options.path.matches(target) ? RequestQuery(target: target) : nil
        }
        guard let query else { return nil }
        self.query = query
        if head.has(.origin) {
            origin = options.originPolicy.decide(
                origin: head.value(of: .origin), host: source.host ?? head.value(of: .host), secure: source.isSecure)
        } else if query.callback != nil {
            let referer = head.text.fields.first { $0.name.lowercased() == "referer" }
            origin = options.originPolicy.decideJSONP(
                referer: referer?.value, host: source.host ?? head.value(of: .host), secure: source.isSecure)
        } else {
            origin = .noOrigin
        }
    }
}
