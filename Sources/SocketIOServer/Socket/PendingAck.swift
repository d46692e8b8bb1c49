import EngineIOCore
import SocketIOCore
import SocketIOTransport
import Synchronization

/// What a client replied; borrowed while the completion runs.
public struct AckReply: ~Copyable {
    package let rawArguments: UnsafeRawBufferPointer
    package let rawAttachments: Attachments

    /// The arguments: the JSON text of an array.
    public var args: String { String(decoding: rawArguments, as: UTF8.self) }

    /// What the placeholders in ``args`` stand for, in order.
    public var attachments: [[UInt8]] { rawAttachments.map { Array($0) } }
}

/// Why there is no reply.
public enum AckFailure: Error, Sendable {
    /// Nothing came in time.
    case timeout
    /// The client went away first.
    case disconnected
    /// The server was closed first.
    case closed
    /// As many replies of the socket are awaited as may be: see ``ServerOptions/maxPendingAcks``. Or the event was
    /// dropped: see ``ServerOptions/overflowPolicy``.
    case limit
}

/// How an emit that asked for a reply ended.
public enum AckOutcome: ~Copyable {
    case success(AckReply)
    case failure(AckFailure)
}

/// Called once, on the socket's loop.
public typealias AckHandler = @Sendable (ServerSocket, consuming AckOutcome) -> Void

/// A reply that is awaited. On the socket's loop.
final class PendingAck: @unchecked Sendable, DeadlineTarget, DropListener {
    // SAFETY: used on the socket's loop only, but for its creation.
    private let socket: ServerSocket
    let acknowledgement: UInt64
    private var completion: AckHandler?

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
        socket.namespace.counters.pendingAcks.wrappingSubtract(1, ordering: .relaxed)
        completion(socket, outcome)
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
