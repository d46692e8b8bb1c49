import Synchronization

/// How a broadcast that asked for replies ended.
public struct BroadcastOutcome: Sendable {
    /// Who has not replied: those that were too slow, and those that left.
    public let silent: [ServerSocket]
    /// Nil if all have replied. `timeout` if somebody was too slow, otherwise `disconnected` or `closed`.
    public let failure: AckFailure?
}

/// Waits for the replies of many sockets, on whatever loops they are; the last one to reply, or not to, ends it.
final class BroadcastReplies: Sendable {
    private struct State {
        var waitingFor: Int
        var silent: [ServerSocket] = []
        var failure: AckFailure?
    }

    private let state: Mutex<State>
    private let sockets: [ServerSocket]
    private let reply: AckHandler
    private let completion: @Sendable (BroadcastOutcome) -> Void

    /// `reply` gets every reply, on the loop of its socket; behind them all `completion` is called.
    init(
        from sockets: [ServerSocket], reply: @escaping AckHandler,
        completion: @escaping @Sendable (BroadcastOutcome) -> Void
    ) {
        state = Mutex(State(waitingFor: sockets.count))
        self.sockets = sockets
        // They may be gone when the program is told about them.
        for socket in sockets { socket.holdHandle() }
        self.reply = reply
        self.completion = completion
    }

    func ended(_ socket: ServerSocket, _ outcome: consuming AckOutcome) {
        switch consume outcome {
        case .success(let answer):
            reply(socket, .success(answer))
            count(nil)
        case .failure(let failure): count((socket, failure))
        }
    }

    private func count(_ silent: (socket: ServerSocket, failure: AckFailure)?) {
        let outcome = state.withLock { state -> BroadcastOutcome? in
            if let (socket, failure) = silent {
                state.silent.append(socket)
                if state.failure == nil || failure == .timeout { state.failure = failure }
            }
            state.waitingFor &-= 1
            guard state.waitingFor == 0 else { return nil }
            return BroadcastOutcome(silent: state.silent, failure: state.failure)
        }
        guard let outcome else { return }
        completion(outcome)
        for socket in sockets { socket.releaseHandle() }
    }
}
