import EngineIOCore

/// What Engine.IO reads of a request in its path, once for each.
struct EngineRequest: Sendable {
    let query: RequestQuery
    private(set) var origin: OriginDecision
    /// One of the client's files, if the request asks for that, whatever its query and its method.
    let bundle: ClientBundle?

    /// Nil for a request outside of the path.
    init?(_ head: HTTPRequestHead, from source: RequestSource, _ options: EngineOptions) {
        let parts = head.text.withTarget { target in
            options.path.matches(target)
                ? (RequestQuery(target: target), options.client.bundle(options.path.rest(of: target))) : nil
        }
        guard let parts else { return nil }
        (query, bundle) = parts
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

    /// The program admits the origin that is not allowed otherwise.
    mutating func admitOrigin(of head: HTTPRequestHead) {
        // The page of a JSONP request is told nothing.
        origin = head.value(of: .origin).map { .allowed($0, varies: true) } ?? .noOrigin
    }
}
