/// What happens: packets in both directions, requests that end, probes, time, the end.
extension ClientSessionMachine {
    // MARK: Sending

    public enum SendAction {
        /// Write it to the WebSocket.
        case write(Packet)
        case queued
        /// The session is ending.
        case dropped
        /// More waits than may: the session is over.
        case overflow
    }

    public mutating func send(_ packet: Packet) -> SendAction {
        guard !isLeaving else { return .dropped }
        if writesThrough { return .write(packet) }
        let (sum, overflow) = bufferedBytes.addingReportingOverflow(packet.byteCount)
        guard !overflow, sum <= configuration.bufferedBytes else {
            end(.transportError)
            return .overflow
        }
        bufferedBytes = sum
        queue.append(packet)
        isDrainUntold = true
        return .queued
    }

    /// The WebSocket takes more, or has been given more than it should be.
    public mutating func writabilityChanged(_ isWritable: Bool) {
        guard case .open(.webSocket, let heartbeat, let intent) = state else { return }
        state = .open(.webSocket(isWritable: isWritable), heartbeat, intent)
        if !isWritable { isDrainUntold = true }
    }

    // MARK: Receiving

    public enum ReceiveAction {
        /// It carries a message for the application.
        case deliver
        /// The server asks whether this side is there: send a pong.
        case pong
        /// The server has answered a ping of this side.
        case answered
        case ignore
    }

    /// A packet came over the session's transport.
    public mutating func received(_ type: PacketType, now: Instant) -> ReceiveAction {
        guard case .open(let link, let heartbeat, let intent) = state, let handshake else { return .ignore }
        let patience = handshake.pingInterval &+ handshake.pingTimeout
        switch (type, heartbeat) {
        case (.close, _):
            end(isLeaving ? .forcedClose : .transportClose)
            return .ignore
        case (.ping, .listening):
            state = .open(link, .listening(until: now &+ patience), intent)
            return .pong
        case (.pong, .pinging(nil, _)):
            state = .open(link, .pinging(at: now &+ handshake.pingInterval, until: now &+ patience), intent)
            return .answered
        case (.message, _):
            heard(now: now)
            return isLeaving ? .ignore : .deliver
        case (.open, _), (.ping, .pinging), (.pong, _), (.upgrade, _), (.noop, _):
            heard(now: now)
            return .ignore
        }
    }

    /// Something came: of revision 3, any packet counts for the heartbeat. What ``received(_:now:)`` was told it knows.
    public mutating func heard(now: Instant) {
        guard case .open(let link, .pinging(let at, _), let intent) = state, let handshake else { return }
        let patience = handshake.pingInterval &+ handshake.pingTimeout
        state = .open(link, .pinging(at: at, until: now &+ patience), intent)
    }

    // MARK: Polling

    /// The GET was answered, and its packets have been received. `isVain`: there were none but noops.
    ///
    /// python-engineio answers all GETs so once a probe has been lost on the way, for as long as the session lives: it
    /// is not asked as fast as it answers.
    public mutating func pollEnded(isVain: Bool, now: Instant) {
        changePolling { polling in
            polling.isPolling = false
            let isAtOnce = isVain && now &- polling.polledAt < Self.pollPause
            polling.vainPolls = isAtOnce ? min(polling.vainPolls &+ 1, Self.freeVainPolls) : 0
            polling.pausesUntil = polling.vainPolls == Self.freeVainPolls ? now &+ Self.pollPause : 0
        }
    }

    /// An upgrade ends a GET with a noop, and so may a server's housekeeping: not so many in a row.
    private static var freeVainPolls: UInt8 { 4 }
    private static var pollPause: Instant { 100 }

    /// The POST was answered.
    public mutating func postEnded() {
        var isOver = false
        changePolling { polling in
            if case .farewell = polling.post { isOver = true }
            polling.post = .none
        }
        if isOver { end(.forcedClose) }
    }

    private mutating func changePolling(_ change: (inout Polling) -> Void) {
        guard case .open(let link, let heartbeat, let intent) = state else { return }
        switch link {
        case .polling(var polling):
            change(&polling)
            state = .open(.polling(polling), heartbeat, intent)
        case .probing(var polling, let probe, let until):
            change(&polling)
            state = .open(.probing(polling, probe, until: until), heartbeat, intent)
        case .webSocket: break
        }
    }

    // MARK: The upgrade

    /// The probe's WebSocket is open.
    public mutating func probeOpened() { changeProbe(from: .opening, to: .ready) }

    /// It answered the probe.
    public mutating func probeAnswered() { changeProbe(from: .asked, to: .pausing) }

    private mutating func changeProbe(from old: Probe, to new: Probe) {
        guard case .open(.probing(let polling, old, let until), let heartbeat, let intent) = state else { return }
        state = .open(.probing(polling, new, until: until), heartbeat, intent)
    }

    /// It could not be opened, was closed, or sent something else than the answer: the session stays on polling.
    public mutating func probeFailed() {
        guard case .open(.probing(let polling, _, _), let heartbeat, let intent) = state else { return }
        state = .open(.polling(polling), heartbeat, intent)
        hasFailedUpgrade = true
    }

    // MARK: Time

    public enum DeadlineAction {
        case none
        /// Send a ping: revision 3.
        case ping
        /// The probe took too long: close it.
        case dropProbe
        /// The session did not open in time, and is over.
        case lateOpening
    }

    /// Call until it returns `none`, then ``nextStep(now:)``.
    public mutating func deadlineReached(now: Instant) -> DeadlineAction {
        switch state {
        case .closed: return .none
        case .opening(let until, let intent):
            if intent.deadline <= now {
                end(.forcedClose)
            } else if until <= now {
                end(.transportError)
                return .lateOpening
            }
            return .none
        case .open(let link, let heartbeat, let intent):
            if intent.deadline <= now {
                end(.forcedClose)
                return .none
            }
            switch heartbeat {
            case .listening(let until) where until <= now, .pinging(_, let until) where until <= now:
                end(.pingTimeout)
                return .none
            case .pinging(let at?, _) where at <= now:
                let timeout = handshake?.pingTimeout ?? 1
                state = .open(link, .pinging(at: nil, until: now &+ timeout), intent)
                return .ping
            case .listening, .pinging: break
            }
            guard case .probing(let polling, _, let until) = link, until <= now else { return .none }
            state = .open(.polling(polling), heartbeat, intent)
            hasFailedUpgrade = true
            return .dropProbe
        }
    }

    // MARK: The end

    /// Ends the session in order. `isAsked`: whether the server may know of the session; before, there is nobody to be
    /// told.
    public mutating func close(isAsked: Bool, now: Instant) {
        let until = now &+ configuration.closeTimeout
        switch state {
        case .opening(let opening, .stay):
            guard isAsked else { return end(.forcedClose) }
            state = .opening(until: opening, .leave(until: until))
        case .open(let link, let heartbeat, .stay): state = .open(link, heartbeat, .leave(until: until))
        case .opening(_, .leave), .open(_, _, .leave), .closed: break
        }
    }

    /// Ends the session at once; ``nextStep(now:)`` tells. What waits is discarded.
    public mutating func end(_ reason: CloseReason) {
        if case .closed = state { return }
        state = .closed
        untoldEnd = reason
        queue = []
        bufferedBytes = 0
    }

    /// The transport failed, or was closed: the end, and no matter for one that leaves anyhow.
    public mutating func transportEnded(_ reason: CloseReason) {
        end(isLeaving ? .forcedClose : reason)
    }
}
