import EngineIOCore

/// What Engine.IO reads of a request in its path, once for each.
struct EngineRequest: Sendable {
    // In this order they take least memory: every poll that waits has them.
    let origin: OriginDecision
    /// What decides whether the request is served.
    let handshake: HandshakeRequest
    /// One of the client's files, if the request asks for that, whatever its query and its method.
    let bundle: ClientBundle?
    let query: RequestQuery

    /// Nil for a request outside of the path.
    init?(_ head: HTTPRequestHead, from source: RequestSource, to engine: EngineServer) {
        guard head.text.withTarget({ engine.options.path.matches($0) }) else { return nil }
        query = head.text.withTarget { RequestQuery(target: $0) }
        bundle = head.text.withTarget { engine.options.client.bundle(engine.options.path.rest(of: $0)) }
        let method: HandshakeRequest.Method =
            switch head.method {
            case .get: .get
            case .post: .post
            case .options: .options
            case .head, .other: .other
            }
        handshake = HandshakeRequest(method: method, isUpgrade: head.isWebSocketUpgrade, query: query)
        if head.has(.origin) {
            origin = engine.options.originPolicy.decide(
                origin: head.value(of: .origin), host: source.host ?? head.value(of: .host), secure: source.isSecure)
        } else if query.callback != nil {
            let referer = head.text.fields.first { $0.name.lowercased() == "referer" }
            origin = engine.options.originPolicy.decideJSONP(
                referer: referer?.value, host: source.host ?? head.value(of: .host), secure: source.isSecure)
        } else {
            origin = .noOrigin
        }
    }
}
