import Synchronization

/// A client's reply to an event.
public struct Reply: Sendable {
    public let socket: ServerSocket
    /// The arguments: the JSON text of an array.
    public let args: String
    /// What the placeholders in ``args`` stand for, in order.
    public let attachments: [[UInt8]]
}

extension ServerSocket {
    /// Sends an event, and waits for the client's reply. Without a `timeout` it waits as long as the client stays.
    ///
    /// Throws an ``AckFailure`` if there is none, and a ``SocketError`` if the event cannot be sent.
    public func emitWithAck(
        _ event: String, _ args: String = "[]", attachments: [[UInt8]] = [], volatile: Bool = false,
        compress: Bool = true, coalesceKey: String? = nil, overflow: OverflowPolicy? = nil, timeout: Duration? = nil
    ) async throws -> Reply {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try emit(
                    event, args, attachments: attachments, volatile: volatile, compress: compress,
                    coalesceKey: coalesceKey, overflow: overflow, timeout: timeout
                ) { socket, outcome in
                    switch consume outcome {
                    case .success(let reply):
                        continuation.resume(
                            returning: Reply(socket: socket, args: reply.args, attachments: reply.attachments))
                    case .failure(let failure): continuation.resume(throwing: failure)
                    }
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

/// What clients replied to a broadcast.
public struct Replies: Sendable {
    /// In the order in which they came.
    public let replies: [Reply]
    public let outcome: BroadcastOutcome
}

extension BroadcastOperator {
    /// Broadcasts an event, and waits for the replies of all clients, or for as many as came before the `timeout`.
    public func emitWithAck(
        _ event: String, _ args: String = "[]", attachments: [[UInt8]] = [], timeout: Duration? = nil
    ) async throws(SocketError) -> Replies {
        let replies = Collected()
        let outcome: Result<BroadcastOutcome, SocketError> = await withCheckedContinuation { continuation in
            do throws(SocketError) {
                try emit(
                    event, args, attachments: attachments, timeout: timeout,
                    reply: { socket, outcome in
                        guard case .success(let reply) = consume outcome else { return }
                        replies.add(Reply(socket: socket, args: reply.args, attachments: reply.attachments))
                    }, completion: { continuation.resume(returning: .success($0)) })
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return Replies(replies: replies.all, outcome: try outcome.get())
    }
}

/// Replies that come on several loops.
private final class Collected: Sendable {
    private let replies = Mutex<[Reply]>([])

    func add(_ reply: Reply) { replies.withLock { $0.append(reply) } }

    var all: [Reply] { replies.withLock { $0 } }
}
