import EngineIOCore
import SocketIOTransport

/// Called once, on the manager's loop: with the reply, or with why there is none.
public typealias ClientAckHandler = @Sendable (ClientSocket, consuming AckOutcome) -> Void

/// A reply that is awaited. On the loop, but for its creation.
final class PendingReply: @unchecked Sendable, DeadlineTarget {
    // SAFETY: used on the loop only, but for its creation.
    private let socket: ClientSocket
    let acknowledgement: UInt64
    /// In milliseconds, from the moment of the emit or, with retries, of each try.
    let timeout: Int64?
    /// Whether the event is sent until it is acknowledged.
    let isReliable: Bool
    /// Whether the event has left: one that waits for a connection survives the end of another.
    var isSent = false
    private var completion: ClientAckHandler?

    var deadlinePosition: Int32 = -1
    var scheduledDeadline: Instant = 0

    init(
        socket: ClientSocket, acknowledgement: UInt64, timeout: Int64?, isReliable: Bool,
        completion: ClientAckHandler?
    ) {
        self.socket = socket
        self.acknowledgement = acknowledgement
        self.timeout = timeout
        self.isReliable = isReliable
        self.completion = completion
    }

    func startTimer() {
        guard let timeout else { return }
        let loop = socket.manager.clientLoop
        loop.ackDeadlines.schedule(self, at: loop.engineLoop.now &+ min(timeout, 1_000_000_000_000))
    }

    func stopTimer() {
        socket.manager.clientLoop.ackDeadlines.remove(self)
    }

    func end(_ outcome: consuming AckOutcome) {
        guard let completion else { return }
        self.completion = nil
        completion(socket, outcome)
    }

    func deadlineReached(now: Instant) {
        socket.timedOut(self)
    }
}
