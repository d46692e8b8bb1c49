/// The end.
extension SessionStateMachine {
    /// What the end of a session asks for. Each case but `none` is the end for the application.
    public enum CloseAction: Equatable {
        /// It had ended before.
        case none
        /// Close the WebSocket, in order: what was written before leaves first.
        case closeWebSocket(CloseReason)
        /// Complete the pending poll with a close packet (`withNoop`: with a noop, the client knows); close a
        /// probing WebSocket.
        case completePoll(CloseReason, withNoop: Bool)
        /// Close a probing WebSocket; no one else is there to be told.
        case end(CloseReason)
        /// Keep the session: the next poll is to be told, or the WebSocket if one ``awaitsUpgrade``.
        case awaitPoll(CloseReason)

        public var reason: CloseReason? {
            switch self {
            case .none: return nil
            case .closeWebSocket(let reason), .completePoll(let reason, _), .end(let reason), .awaitPoll(let reason):
                return reason
            }
        }
    }

    /// This side ends the session. Queued packets are discarded, a pending poll is completed.
    public mutating func close(_ reason: CloseReason) -> CloseAction {
        guard case .open(let link, _) = state else { return .none }
        discardQueue()
        state = .closed
        switch link {
        case .webSocket: return .closeWebSocket(reason)
        case .polling(let polling), .probing(let polling, _):
            return polling.isPollPending ? .completePoll(reason, withNoop: false) : .end(reason)
        }
    }

    /// This side ends the session in order: what is queued leaves first, and a polling client is told.
    ///
    /// Call ``flush()`` before, so that a pending poll takes what waits, and write ``takeQueue()`` to a WebSocket.
    public mutating func closeOrderly(_ reason: CloseReason, now: Instant) -> CloseAction {
        guard case .open(let link, _) = state else { return .none }
        switch link {
        case .webSocket: return close(reason)
        case .polling(let polling), .probing(let polling, _):
            if polling.isPollPending && queue.isEmpty { return close(reason) }
            var awaitsUpgrade = false
            if case .probing = link { awaitsUpgrade = true }
            state = .closing(
                Farewell(
                    deadline: now &+ configuration.closeWait, isPostPending: polling.isPostPending,
                    awaitsUpgrade: awaitsUpgrade))
            return .awaitPoll(reason)
        }
    }

    /// The client said that it closes.
    mutating func closedByClient() -> CloseAction {
        switch close(.transportClose) {
        case .completePoll(let reason, _): return .completePoll(reason, withNoop: true)
        case let other: return other
        }
    }

    /// The WebSocket that carried the packets is gone, or broke a rule.
    public mutating func webSocketClosed(_ reason: CloseReason) -> CloseAction {
        guard case .open(.webSocket, _) = state else { return .none }
        discardQueue()
        state = .closed
        return .end(reason)
    }

    /// All that waits, to be written before a WebSocket is closed in order.
    public mutating func takeQueue() -> [Packet] {
        dequeue(.max)
    }

    /// Ends a session that is closing, though its client has not been told, and has not got all that waits for it.
    /// False if it is not closing.
    public mutating func abandon() -> Bool {
        guard case .closing = state else { return false }
        discardQueue()
        state = .closed
        return true
    }

    private mutating func discardQueue() {
        queue = OutboundQueue()
        heldBytes = 0
    }
}
