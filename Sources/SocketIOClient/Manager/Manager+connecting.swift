import EngineIOCore
import SocketIOCore
import SocketIOTransport

/// Connecting, and connecting again, on the loop.
extension Manager {
    /// A socket wants its namespace.
    func activate(_ socket: ClientSocket) {
        guard !isClosing else { return }
        // Who has found it may be quicker than who has made it.
        _ = machine.add(socket.wireNameBytes, as: socket)
        switch machine.activate(socket.wireNameBytes) {
        case .open: if reconnection.wanted() { connect() }
        case .ask: socket.ask()
        case .nothing: break
        }
    }

    private func connect() {
        let connection = ManagerConnection(self)
        self.connection = connection
        openings &+= 1
        guard let ask = shared.withLock({ $0.opening }) else { return open(connection) }
        ticket &+= 1
        ask(OpenRequest(self, attempt: openings, lastReason: lastReason, ticket: ticket))
    }

    private func open(_ connection: ManagerConnection) {
        var engineOptions = options.engine(target.revision, startsWithWebSocket: target.startsWithWebSocket)
        engineOptions.unixPath = target.unixSocket
        engineOptions.headers = target.headers
        engineOptions.session.openTimeout = openTimeout
        if target.staysOnPolling { engineOptions.session.upgrades = false }
        connection.open(makeEngine(loop, target.url, engineOptions, connection))
    }

    /// It is known where to connect; for the attempt that has asked.
    func open(_ answer: OpenRequest.Answer, _ ticket: UInt64) {
        guard let connection = unopened(ticket) else { return }
        target.take(answer)
        open(connection)
    }

    func openingFailed(_ failure: ClientFailure, _ ticket: UInt64) {
        if unopened(ticket) != nil { ended(failure, reason: CloseReason.transportError.rawValue, details: failure) }
    }

    private func unopened(_ ticket: UInt64) -> ManagerConnection? {
        guard ticket == self.ticket, !isClosing, let connection, connection.isUnopened else { return nil }
        return connection
    }

    func opened(_ handshake: ClientHandshake) {
        let attempts = reconnection.opened()
        openings = 0
        lastReason = nil
        let connection = connection
        state.opened(handshake)
        if options.serverVersion == .automatic { target.revision = handshake.revision }
        if handshake.transport == .webSocket { noteWebSocket() }
        let version = handshake.revision == .three ? ProtocolVersion.four : .five
        for socket in machine.opened(version, session: handshake.sid) {
            socket.ask()
            guard self.connection === connection else { return }
        }
        tell(.open)
        if let attempts, self.connection === connection { tell(.reconnect(attempts)) }
    }

    func upgraded() {
        state.upgraded()
        noteWebSocket()
        tell(.upgrade)
    }

    private func noteWebSocket() {
        target.startsWithWebSocket = options.rememberUpgrade
    }

    /// The connection is gone, or did not open.
    func ended(_ end: EngineClientEnd) {
        let failure = ClientFailure(end)
        if reconnection.isOpen { target.staysOnPolling = end.reason == .pingTimeout && end.hadFailedUpgrade }
        ended(failure, reason: end.reason.rawValue, details: end.failure == nil ? nil : failure)
    }

    private func ended(_ failure: ClientFailure, reason: String, details: ClientFailure?) {
        connection = nil
        state.closed()
        let disconnection = Disconnection(reason: reason, details: details)
        let sockets = machine.closed()
        guard let (attempt, next) = reconnection.ended(random: Double.random(in: 0..<1)) else { return }
        lastReason = attempt == nil ? reason : failure.message
        if attempt != nil { target.startsWithWebSocket = false }
        if case .wait(let delay) = next { clientLoop.reconnections.schedule(self, at: loop.now &+ delay) }
        tell(attempt == nil ? .close(disconnection) : .error(failure))
        for (socket, wasConnected) in sockets {
            if wasConnected {
                socket.becomeDisconnected(disconnection)
            } else {
                socket.failed(attempt == nil ? failure.beforeJoining : failure)
            }
        }
        if let attempt, attempt > 0 { tell(.reconnectError(failure)) }
        if case .giveUp = next, !reconnection.isActive { gaveUp() }
    }

    package func deadlineReached(now: Instant) {
        guard !isClosing, let attempt = reconnection.delayPassed() else { return }
        state.attempts(attempt)
        tell(.reconnectAttempt(attempt))
        // The handler may have disconnected, and connected again.
        if connection == nil, reconnection.isActive { connect() }
    }

    /// The server broke a rule: the connection is ended, and another may follow.
    func violated(_ sentence: String) {
        guard let connection else { return }
        let failure = EngineClientFailure(
            .protocolError, transport: connection.engine?.transport, sentence)
        ended(EngineClientEnd(reason: .parseError, failure: failure))
        connection.engine?.abort()
    }

    /// After a socket has left: the connection ends with the last one that wants it.
    func endIfUnwanted() {
        guard !machine.isWanted else { return }
        let wasOpen = reconnection.isOpen
        reconnection.unwanted()
        clientLoop.reconnections.remove(self)
        _ = machine.closed()
        state.attempts(0)
        closeConnection()
        if wasOpen { tell(.close(.byThisSide)) }
    }

    func drained() {
        for socket in machine.sockets { socket.flush() }
        // What had waited in the sockets may wait in the engine now.
        guard let engine = connection?.engine, engine.bufferedBytes == 0,
            machine.sockets.allSatisfy({ !$0.isJoined || $0.buffer.isEmpty })
        else { return }
        tell(.drain)
    }

    // MARK: The options of connecting again

    /// Takes from `options` what they say of connecting again: ``ManagerOptions/reconnection``, the attempts, delays and
    /// factors, and ``ManagerOptions/timeout``. It counts from the next delay and the next attempt on; a new delay, or
    /// factor, begins to grow there. Without reconnection an attempt that is waited for is not made, and one on its way
    /// is the last; both end with ``ManagerEvent/reconnectFailed``, unless there is a connection.
    public func setReconnection(_ options: ManagerOptions) {
        loop.run {
            guard !self.isClosing else { return }
            self.openTimeout = options.openTimeout
            guard self.reconnection.change(reconnects: options.reconnection, options.backoff) else { return }
            self.clientLoop.reconnections.remove(self)
            self.gaveUp()
        }
    }

    private func gaveUp() {
        tell(.reconnectFailed)
        if !reconnection.isActive { state.attempts(0) }
    }
}
