/// Packets that come, and what they say about the heartbeat.
extension SessionStateMachine {
    public enum ReceiveAction {
        /// It carries a message for the application.
        case deliver
        /// Answer with a pong.
        case pong
        case ignore
        case close(CloseAction)
        /// The client did this side's part of the heartbeat, as one of the other revision would: it is closed.
        case wrongHeartbeat(CloseAction)
    }

    /// A packet came over the session's transport.
    public mutating func received(_ type: PacketType, now: Instant) -> ReceiveAction {
        heard(now: now)
        guard case .open(let link, let heartbeat) = state else { return .ignore }
        switch type {
        case .message: return .deliver
        case .pong:
            if case .listening = heartbeat { return .wrongHeartbeat(close(.transportError)) }
            state = .open(link, .idle(pingAt: now &+ configuration.pingInterval))
            return .ignore
        case .ping:
            guard case .listening(let until, let pong) = heartbeat else {
                return .wrongHeartbeat(close(.transportError))
            }
            if case .queued = pong { return .ignore }
            state = .open(link, .listening(until: until, pong: writesThrough ? .none : .queued))
            return .pong
        case .close:
            return .close(closedByClient())
        case .open, .upgrade, .noop: return .ignore
        }
    }

    /// Something came from the client: of revision 3, any packet counts for the heartbeat. What ``received(_:now:)``
    /// was told it knows.
    public mutating func heard(now: Instant) {
        guard case .open(let link, .listening(_, let pong)) = state else { return }
        state = .open(link, .listening(until: now &+ configuration.patience, pong: pong))
    }

    /// What came is not a packet.
    public mutating func receivedMalformed() -> CloseAction {
        close(.parseError)
    }
}
