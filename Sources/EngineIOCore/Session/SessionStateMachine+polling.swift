/// The requests of polling.
extension SessionStateMachine {
    public enum PollAction {
        /// Hold the request until packets come.
        case wait
        /// Answer with these packets.
        case respond([Packet])
        /// Answer with a noop and a close packet; the session is over.
        case farewell
        /// A second poll while one waits: refuse it, and close the session.
        case overlap(CloseAction)
        /// The session has another transport.
        case refuse
    }

    public mutating func poll() -> PollAction {
        switch state {
        case .open(.webSocket, _), .closed: return .refuse
        case .closing:
            if queue.isEmpty {
                state = .closed
                return .farewell
            }
            return .respond(dequeue(configuration.packetsPerPoll))
        case .open(var link, let heartbeat):
            if isPollPending { return .overlap(close(.transportError)) }
            if queue.isEmpty {
                link.setPollPending(true)
                state = .open(link, heartbeat)
                return .wait
            }
            return .respond(dequeue(configuration.packetsPerPoll))
        }
    }

    /// The client gave up a pending poll.
    public mutating func pollAborted() -> CloseAction {
        guard case .open(var link, let heartbeat) = state, isPollPending else { return .none }
        link.setPollPending(false)
        state = .open(link, heartbeat)
        return close(.transportError)
    }

    public enum PostAction {
        case read
        /// A second POST while one is being read: refuse it, and close the session.
        case overlap(CloseAction)
        case refuse
    }

    /// The head of a POST arrived.
    public mutating func postStarted() -> PostAction {
        switch state {
        case .open(.webSocket, _), .closed: return .refuse
        case .closing(var farewell):
            if farewell.isPostPending { return .refuse }
            farewell.isPostPending = true
            state = .closing(farewell)
            return .read
        case .open(var link, let heartbeat):
            if link.isPostPending { return .overlap(close(.transportError)) }
            link.setPostPending(true)
            state = .open(link, heartbeat)
            return .read
        }
    }

    /// The whole body was read, or turned out to be too large: another POST may come.
    public mutating func postEnded() {
        switch state {
        case .open(var link, let heartbeat):
            link.setPostPending(false)
            state = .open(link, heartbeat)
        case .closing(var farewell):
            farewell.isPostPending = false
            state = .closing(farewell)
        case .closed: break
        }
    }

    /// The client gave up a POST half-way, or sent what cannot be one.
    public mutating func postFailed() -> CloseAction {
        postEnded()
        // A POST that began before the upgrade belongs to a transport that the session has left.
        if case .open(.webSocket, _) = state { return .none }
        return close(.transportError)
    }
}
