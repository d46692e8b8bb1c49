/// What is to be done.
extension ClientSessionMachine {
    public enum Step {
        /// Send a GET.
        case poll
        /// Send a POST with these packets, and with a close packet behind them if `closes`.
        case post([Packet], closes: Bool)
        /// Open a WebSocket for the session, to take over.
        case openProbe
        /// Send the probe on it.
        case askProbe
        /// Close it, if it is there: the session goes on over polling.
        case dropProbe
        /// The WebSocket of the probe carries the session: send the upgrade packet there, and these behind it. The
        /// connections of polling have served their time.
        case upgrade(write: [Packet])
        /// Write them to the WebSocket.
        case write([Packet])
        /// Close the WebSocket in order.
        case closeWebSocket
        /// All that waited has left.
        case drained
        /// The session is over: close whatever is open. The last step.
        case end(CloseReason)
    }

    /// What to do next; nil: nothing, until something happens.
    public mutating func nextStep(now: Instant) -> Step? {
        switch state {
        case .opening: return nil
        case .open(.polling(var polling), let heartbeat, let intent):
            if case .stay = intent {
                if mayUpgrade {
                    mayUpgrade = false
                    let until = now &+ configuration.upgradeTimeout
                    state = .open(.probing(polling, .opening, until: until), heartbeat, intent)
                    return .openProbe
                }
            }
            guard let step = request(&polling, intent, now) else { return drain(if: polling.post == .none) }
            state = .open(.polling(polling), heartbeat, intent)
            return step
        case .open(.probing(var polling, let probe, let until), let heartbeat, let intent):
            switch probe {
            case .opening, .asked:
                if case .leave = intent {
                    state = .open(.polling(polling), heartbeat, intent)
                    return .dropProbe
                }
            case .ready:
                state = .open(.probing(polling, .asked, until: until), heartbeat, intent)
                return .askProbe
            case .pausing:
                guard !polling.isPolling, polling.post == .none else { return nil }
                state = .open(.webSocket(isWritable: true), heartbeat, intent)
                return .upgrade(write: dequeueAll())
            }
            guard let step = request(&polling, intent, now) else { return drain(if: polling.post == .none) }
            state = .open(.probing(polling, probe, until: until), heartbeat, intent)
            return step
        case .open(.webSocket(let isWritable), _, let intent):
            guard isWritable else { return nil }
            if !queue.isEmpty { return .write(dequeueAll()) }
            if let step = drain(if: true) { return step }
            guard case .leave = intent else { return nil }
            end(.forcedClose)
            return .closeWebSocket
        case .closed:
            guard let reason = untoldEnd else { return nil }
            untoldEnd = nil
            return .end(reason)
        }
    }

    /// The next request of polling.
    private mutating func request(_ polling: inout Polling, _ intent: Intent, _ now: Instant) -> Step? {
        if !polling.isPolling, case .stay = intent, polling.pausesUntil <= now {
            polling.isPolling = true
            polling.polledAt = now
            polling.pausesUntil = 0
            return .poll
        }
        guard polling.post == .none else { return nil }
        switch intent {
        case .stay:
            guard !queue.isEmpty else { return nil }
            polling.post = .inFlight
            return .post(dequeueBatch(), closes: false)
        case .leave:
            // The close packet is one more.
            let batch = queue.count < max(2, configuration.packetsPerPost) ? dequeueBatch() : dequeueBatch(leaving: 1)
            polling.post = queue.isEmpty ? .farewell : .inFlight
            return .post(batch, closes: queue.isEmpty)
        }
    }

    private mutating func drain(if hasLeft: Bool) -> Step? {
        guard isDrainUntold, hasLeft, queue.isEmpty else { return nil }
        isDrainUntold = false
        return .drained
    }

    // MARK: The queue

    private mutating func dequeueAll() -> [Packet] {
        defer {
            queue = []
            bufferedBytes = 0
        }
        return queue
    }

    /// As many as may be in one POST: the first, however large it is, and those that fit behind it.
    private mutating func dequeueBatch(leaving spare: Int = 0) -> [Packet] {
        let form: PayloadForm = handshake?.revision == .three ? .counted : .separated
        let limit = handshake?.maxPayload ?? .max
        let most = max(1, configuration.packetsPerPost &- spare)
        var (count, size) = (0, 0)
        for packet in queue.prefix(most) {
            // The separator.
            let more = packet.size(in: form) &+ 1
            guard count == 0 || (more <= limit && size <= limit &- more) else { break }
            size &+= more
            count &+= 1
        }
        guard count < queue.count else { return dequeueAll() }
        let batch = Array(queue[..<count])
        queue.removeFirst(count)
        for packet in batch { bufferedBytes &-= packet.byteCount }
        return batch
    }
}
