/// What happens when nothing does.
extension SessionStateMachine {
    public enum DeadlineAction {
        case none
        /// Send a ping.
        case ping
        /// Answer the pending poll with a noop.
        case noop
        /// Close the probing WebSocket.
        case abortProbe
        case close(CloseAction)
        /// A closed polling session has waited long enough for a last poll.
        case forget
    }

    /// Call until it returns `none`, then again when ``deadline`` has come.
    public mutating func deadlineReached(now: Instant) -> DeadlineAction {
        switch state {
        case .closed: return .none
        case .closing(let farewell):
            guard farewell.deadline <= now else { return .none }
            return abandon() ? .forget : .none
        case .open(let link, let heartbeat):
            switch heartbeat {
            case .pinged(let pongBy) where pongBy <= now: return .close(close(.pingTimeout))
            case .listening(let until, _) where until <= now: return .close(close(.pingTimeout))
            case .idle(let pingAt) where pingAt <= now:
                state = .open(link, .pinged(pongBy: now &+ configuration.pingTimeout))
                return .ping
            case .pinged, .idle, .listening: break
            }
            guard case .probing(var polling, var probe) = link else { return .none }
            if probe.deadline <= now {
                state = .open(.polling(polling), heartbeat)
                return .abortProbe
            }
            guard let nextNoop = probe.nextNoop, nextNoop <= now, polling.isPollPending else { return .none }
            polling.isPollPending = false
            probe.nextNoop = now &+ configuration.noopInterval
            state = .open(.probing(polling, probe), heartbeat)
            return .noop
        }
    }
}
