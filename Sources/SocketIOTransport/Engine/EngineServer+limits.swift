import EngineIOCore
import NIOCore

/// Why a handshake is put off: the client may come back.
struct Busy {
    /// For the client and the log.
    let sentence: String
    let retryAfterSeconds: Int
}

/// What keeps clients from having more of the server than they may.
extension EngineServer {
    // MARK: Connections

    /// Throws if there are as many connections as may be. Loops accept at the same time: there may be one more for each.
    func admit(from peer: PeerAddress, on loop: EngineLoop) throws {
        let limit = options.limits.connections
        guard connectionCount < limit else {
            log(.warning, .tooManyConnections, on: loop) {
                "A connection from \(peer.host) is closed: there are \(limit) already, which is the limit: raise "
                    + "max_connections."
            }
            throw ChannelError.ioOnClosedChannel
        }
        metrics.connectionAccepted()
    }

    /// Counts a connection for its address until it ends; throws if that has as many as one may have. Proxies that are
    /// trusted may have any number: they are many clients.
    func count(_ channel: any Channel, from peer: PeerAddress, on loop: EngineLoop) throws {
        guard let addressTable, let network = countedNetwork(of: peer) else { return }
        guard addressTable.enter(network) else {
            log(.warning, .tooManyOfAddress, on: loop) {
                "A connection from \(peer.host) is closed: the address has \(addressTable.limit) already, which is the "
                    + "limit: raise max_connections_per_address, or name the proxy there in trusted_proxies."
            }
            throw ChannelError.ioOnClosedChannel
        }
        channel.closeFuture.whenComplete { _ in addressTable.leave(network) }
    }

    /// Goes on counting a connection that becomes another channel; that it was has ended, or is about to.
    func countAgain(_ channel: any Channel, from peer: PeerAddress) {
        guard let addressTable, let network = countedNetwork(of: peer) else { return }
        addressTable.enterAgain(network)
        channel.closeFuture.whenComplete { _ in addressTable.leave(network) }
    }

    private func countedNetwork(of peer: PeerAddress) -> IPAddress? {
        guard case .ip(let address, _) = peer.hop, !options.trustedProxies.contains(peer.hop) else { return nil }
        return address.network
    }

    // MARK: Handshakes

    /// Why a request that is about to open a session is put off; nil if it is none, or may go on. Before the hooks are
    /// asked, which may cost much.
    func busy(for exchange: HTTPExchange) -> Busy? {
        guard !isDraining else {
            guard opensSession(exchange) else { return nil }
            return Busy(sentence: "The server is about to end, and opens no more sessions.", retryAfterSeconds: 1)
        }
        guard let handshakeLimit, opensSession(exchange), !handshakeLimit.take() else { return nil }
        return Busy(
            sentence: "The server opens \(handshakeLimit.perSecond) sessions a second at the most.",
            retryAfterSeconds: 1)
    }

    /// Answers 503, whether it is a WebSocket that is asked for or not: load balancers know it.
    func refuse(_ exchange: HTTPExchange, _ busy: Busy) {
        log(.warning, .busy, on: exchange.loop) {
            "A handshake from \(exchange.peer.host) is put off. \(busy.sentence)"
        }
        var response = HTTPResponse(
            status: 503, contentType: "application/json", text: EngineError.forbidden.json(message: busy.sentence))
        response.headers.append(("Retry-After", String(busy.retryAfterSeconds)))
        response.closes = exchange.head.isWebSocketUpgrade
        respond(to: exchange, response)
        tell(exchange, .forbidden, "", busy.sentence)
    }

    // MARK: What waits for clients

    /// Bytes that may wait for one client, for the sake of all: with those for the others no more than the server may
    /// have, but its share of that all the same, so that the others do not suffer for one that has more. The shares of
    /// earlier clients, when there were fewer, may be too much together: twice as much as the server may have is the
    /// end.
    func room(beside own: Int) -> Int {
        let others = max(0, bufferedBytes &- own)
        let limit = options.limits.bufferedBytes
        let room = limit &- others
        guard room < options.session.bufferedBytes else { return .max }
        let (twice, overflows) = limit.multipliedReportingOverflow(by: 2)
        return min(max(room, limit / max(1, sessionCount)), max(0, (overflows ? .max : twice) &- others))
    }
}
