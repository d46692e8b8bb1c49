import SocketIOTransport

/// Functions that are asked about Socket.IO's own requests, before anything is done for them. Several of a kind are
/// asked in their order, each once the one before has let the request go on; see ``HTTPRequest/next()``.
extension SocketServer {
    /// Asks about every request: polls, posts, preflights, and those of WebSockets.
    public func use(engine middleware: @escaping @Sendable (HTTPRequest) -> Void) {
        hook(.engine, middleware)
    }

    /// Asks about requests of pages whose origin is neither the server's own nor among those that are allowed.
    public func onOrigin(_ handler: @escaping @Sendable (HTTPRequest) -> Void) {
        hook(.origin, handler)
    }

    /// Asks about requests that are about to open a session. Those of a session that exists are not asked about.
    public func onHandshake(_ handler: @escaping @Sendable (HTTPRequest) -> Void) {
        hook(.handshake, handler)
    }

    private func hook(_ kind: EngineHooks.Kind, _ handler: @escaping @Sendable (HTTPRequest) -> Void) {
        hooks.add(kind) { request in handler(HTTPRequest(request, loop: SocketLoop.of(request.exchange.loop))) }
    }
}
