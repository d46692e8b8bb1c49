import SocketIOCore
import SocketIOHandlers

/// A socket's life, on the loop: it asks for its namespace, is in, or is not, and leaves.
extension ClientSocket {
    func activate() {
        guard !manager.isClosing else { return }
        setActive(true)
        manager.activate(self)
    }

    private func setActive(_ isActive: Bool) {
        shared.withLock { $0.active = isActive }
    }

    /// There is a connection: what is there to say?
    func ask() {
        attempts &+= 1
        ticket &+= 1
        switch auth {
        case .none: join([], ticket)
        case .value(let json):
            do throws(SocketError) {
                join(try ClientAuth.checked(json), ticket)
            } catch {
                authFailed(error.description, ticket)
            }
        case .function(let body):
            body(AuthRequest(self, attempt: attempts, lastReason: lastReason, ticket: ticket))
        }
    }

    /// It is known what to say.
    func join(_ auth: [UInt8], _ ticket: UInt64) {
        guard ticket == self.ticket, !manager.isClosing else { return }
        switch manager.machine.ask(for: wireNameBytes) {
        case .connect(.five, let recovery):
            let json = ConnectPayload.json(auth: auth, recovery: recovery)
            json.withUnsafeBytes { sendControl(.connect(namespace: wireName, json: $0)) }
        case .connect(.four, _):
            let name = wireNameBytes + ConnectPayload.query(auth: auth)
            name.withUnsafeBytes {
                sendControl(.connect(namespace: $0, json: UnsafeRawBufferPointer(start: nil, count: 0)))
            }
        case .expect, .nothing: break
        }
    }

    func authFailed(_ message: String, _ ticket: UInt64) {
        guard ticket == self.ticket, !manager.isClosing, manager.machine.isActive(wireNameBytes) else { return }
        _ = manager.machine.leave(wireNameBytes)
        wasRefused(ClientFailure(.auth, message))
    }

    /// The namespace is out of reach, and not asked for again.
    func wasRefused(_ failure: ClientFailure) {
        setActive(false)
        manager.endIfUnwanted()
        failed(failure)
    }

    /// An attempt has failed.
    func failed(_ failure: ClientFailure) {
        lastReason = failure.message
        endWaiting(failure)
        refreshListeners()
        for handler in listeners.connectError.handlers {
            guard !manager.isClosing else { return }
            handler(self, failure)
        }
    }

    /// The server has let the client in.
    func becomeConnected(_ id: String, recovered: Bool) {
        attempts = 0
        lastReason = nil
        isJoined = true
        isEndUntold = true
        let recovers = manager.machine.recovers(wireNameBytes)
        self.recovers = recovers
        shared.withLock {
            $0.id = id
            $0.recovered = recovered
            $0.recoverable = recovers
        }
        for var packet in manager.machine.takeEarly(wireNameBytes) {
            guard isJoined else { return }
            let parsed = packet.packet
            packet.withParts { manager.deliver(parsed, $0, attachments: $1, to: self) }
        }
        flush()
        driveRetries()
        refreshListeners()
        for handler in listeners.connect.handlers {
            guard isJoined, !manager.isClosing else { return }
            handler(self)
        }
        if isJoined { endWaiting(nil) }
    }

    func leave() {
        guard !manager.isClosing else { return }
        if isJoined { sayGoodbye() }
        let was = manager.machine.leave(wireNameBytes)
        ticket &+= 1
        setActive(false)
        manager.endIfUnwanted()
        switch was {
        case .connected: becomeDisconnected(Disconnection(reason: ClientDisconnectReason.client, details: nil))
        case .active: endWaiting(ClientFailure(.lost, "The socket was disconnected while it was connecting."))
        case .inactive: break
        }
    }

    /// Tells those who wait for the outcome of ``connect(completion:)``; nil: the client is in.
    private func endWaiting(_ failure: ClientFailure?) {
        let waiters = waiters
        self.waiters = []
        for waiter in waiters { waiter(failure) }
    }

    /// The client is not in the namespace any more.
    func becomeDisconnected(_ disconnection: Disconnection) {
        setActive(manager.machine.isActive(wireNameBytes))
        guard isJoined else { return failed(ClientFailure(.lost, "The socket was left: \(disconnection.reason).")) }
        lastReason = disconnection.reason
        endJoined(.disconnected)
        // A handler has disconnected before all were told that the client is in.
        endWaiting(ClientFailure(.lost, "The socket was left as it was connected: \(disconnection.reason)."))
        tellEnd(disconnection)
    }

    /// Calls the disconnect handlers, once for each time that the client was in; also while the client is being closed,
    /// which may happen in a handler of what ends before.
    private func tellEnd(_ disconnection: Disconnection) {
        guard isEndUntold else { return }
        isEndUntold = false
        refreshListeners()
        for handler in listeners.disconnect.handlers { handler(self, disconnection) }
    }

    /// Ends the replies that are awaited, and those that are owed.
    private func endJoined(_ failure: AckFailure) {
        isJoined = false
        recovers = false
        shared.withLock { $0.id = nil }
        manager.clientLoop.replies.withLock { $0.removeAll(of: handle) }
        var ended: [PendingReply] = []
        for reply in pending.values where reply.isSent && !reply.isReliable { ended.append(reply) }
        if let given = retries?.disconnected(), let reply = pending[given] { ended.append(reply) }
        // In the order of the emits.
        for reply in ended.sorted(by: { $0.acknowledgement < $1.acknowledgement }) {
            end(reply, .failure(failure))
        }
        // The others are sent again, and wait anew then.
        for reply in pending.values where reply.isReliable { reply.stopTimer() }
    }

    /// The client was closed: the last that happens to the socket.
    func finish() {
        isJoined = false
        shared.withLock {
            $0.id = nil
            $0.active = false
        }
        manager.clientLoop.replies.withLock { $0.removeAll(of: handle) }
        _ = buffer.removeAll()
        _ = retries?.removeAll()
        for reply in pending.values.sorted(by: { $0.acknowledgement < $1.acknowledgement }) {
            end(reply, .failure(.closed))
        }
        noteAmounts()
        endWaiting(.closed)
        tellEnd(Disconnection(reason: ClientDisconnectReason.client, details: nil))
        for handler in listeners.end.handlers { handler() }
        let last = shared.withLock { shared in
            shared.isOver = true
            defer { shared.listeners = ClientListeners() }
            return shared.listeners
        }
        listeners = ClientListeners()
        withExtendedLifetime((last, auth)) {}
        auth = .none
        manager.clientLoop.remove(handle)
    }

    /// More waits than may, and the program wants no more of it then.
    func overflowed() {
        let failure = ClientFailure(
            .overflow,
            "More than \(manager.options.maxBufferedPackets) events or \(manager.options.maxBufferedBytes) bytes wait to be "
                + "sent: emit less, choose another overflowPolicy, or raise maxBufferedPackets and maxBufferedBytes.")
        let wasJoined = isJoined
        if wasJoined { sendDisconnect() }
        _ = manager.machine.leave(wireNameBytes)
        ticket &+= 1
        setActive(false)
        manager.endIfUnwanted()
        if wasJoined {
            becomeDisconnected(Disconnection(reason: ClientDisconnectReason.client, details: failure))
        } else {
            failed(failure)
        }
    }
}
