import EngineIOCore

/// How requests in the path are put to the program, whatever they come over and whatever they want: first to the engine
/// hooks, then, each only if it is their business, to those of origins and handshakes.
extension EngineServer {
    /// Who is to be asked about a request; nil if it goes on at once.
    func hooks(for exchange: HTTPExchange) -> EngineHooks.Table? {
        guard let table = hooks.current, exchange.engineRequest != nil else { return nil }
        return table
    }

    /// Asks; a request that all let pass goes on with ``HTTPExchange/proceed()``. On the connection's loop.
    func ask(_ hooks: EngineHooks.Table, about exchange: HTTPExchange) {
        ask(hooks.engine[...], .engine, about: exchange) {
            self.askAboutOrigin(hooks, exchange)
        }
    }

    private func askAboutOrigin(_ hooks: EngineHooks.Table, _ exchange: HTTPExchange) {
        guard case .refused = exchange.origin, !hooks.origin.isEmpty else {
            return askAboutHandshake(hooks, exchange)
        }
        ask(hooks.origin[...], .origin, about: exchange) {
            exchange.add(HookOutcome(admitsOrigin: true))
            self.askAboutHandshake(hooks, exchange)
        }
    }

    private func askAboutHandshake(_ hooks: EngineHooks.Table, _ exchange: HTTPExchange) {
        guard !hooks.handshake.isEmpty, opensSession(exchange) else { return exchange.proceed() }
        ask(hooks.handshake[...], .handshake, about: exchange) { exchange.proceed() }
    }

    /// Asks one after the other, each once the one before has let the request pass.
    private func ask(
        _ hooks: ArraySlice<EngineHooks.Hook>, _ kind: EngineHooks.Kind, about exchange: HTTPExchange,
        _ proceed: @escaping @Sendable () -> Void
    ) {
        guard let hook = hooks.first else { return proceed() }
        hook(
            HookedRequest(exchange, kind) { answer in
                switch answer {
                case .next: self.ask(hooks.dropFirst(), kind, about: exchange, proceed)
                case .refuse(let message): self.refuse(exchange, by: kind, message)
                case .respond(let response): self.respond(to: exchange, response)
                }
            })
    }

    /// A request was not let pass in the time that one may take.
    func hooksAreLate(_ exchange: HTTPExchange) {
        log(.warning, .slowHook, on: exchange.loop) {
            "A request from \(exchange.peer.host) waited for the word of a hook for too long."
        }
    }

    private func refuse(_ exchange: HTTPExchange, by kind: EngineHooks.Kind, _ message: String?) {
        switch kind {
        case .engine: refuseAny(exchange, .badRequest, message ?? "a hook refused it")
        case .origin: refuseAny(exchange, .forbidden, message ?? "a hook refused its origin")
        case .handshake: refuseAny(exchange, .forbidden, "a hook refused the handshake", message: message)
        }
    }
}
