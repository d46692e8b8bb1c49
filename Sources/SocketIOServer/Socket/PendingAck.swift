import EngineIOCore
import SocketIOCore
import SocketIOTransport
import Synchronization

/// Called once, on the socket's loop.
public typealias AckHandler = @Sendable (ServerSocket, consuming AckOutcome) -> Void

/// A reply that is awaited. On the socket's loop.
final class PendingAck: @unchecked Sendable, DeadlineTarget, DropListener {
    // SAFETY: used on the socket's loop only, but for its creation.
    private let socket: ServerSocket
    let acknowledgement: UInt64
    private var completion: AckHandler?
    /// When it was sent, by the ``CoarseClock``.
    var sent: UInt64 = 0

    var deadlinePosition: Int32 = -1
    var scheduledDeadline: Instant = 0

    init(socket: ServerSocket, acknowledgement: UInt64, completion: @escaping AckHandler) {
        self.socket = socket
        self.acknowledgement = acknowledgement
        self.completion = completion
    }

    func end(_ outcome: consuming AckOutcome) {
        guard let completion else { return }
        self.completion = nil
        let counters = socket.namespace.counters
        counters.pendingAcks.wrappingSubtract(1, ordering: .relaxed)
        switch consume outcome {
        case .success(let reply): completion(socket, .success(reply))
        case .failure(let failure):
            counters.metrics.count(failure)
            completion(socket, .failure(failure))
        }
    }

    /// The event did not leave. Not at once: whoever emits is not called back from within.
    func dropped() {
        socket.loop.engineLoop.post { self.socket.endDropped(self) }
    }

    func deadlineReached(now: Instant) {
        socket.forget(self)
        end(.failure(.timeout))
    }
}
