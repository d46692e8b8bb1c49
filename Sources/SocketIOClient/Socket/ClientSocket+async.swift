/// The server's reply to an event.
public struct ServerReply: Sendable {
    /// The arguments: the JSON text of an array.
    public let args: String
    /// What the placeholders in ``args`` stand for, in order.
    public let attachments: [[UInt8]]
}

/// For tasks.
extension ClientSocket {
    /// Connects, and waits until the client is in the namespace. Throws the ``ClientFailure`` of the attempt if it fails;
    /// whether others follow: ``active``.
    public func connectAndWait() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            connect { failure in
                if let failure { continuation.resume(throwing: failure) } else { continuation.resume() }
            }
        }
    }

    /// Sends an event, and waits for the server's reply.
    ///
    /// Throws an ``AckFailure`` if there is none, and a ``SocketError`` if the event cannot be sent.
    public func emitWithAck(
        _ event: String, _ args: String = "[]", attachments: [[UInt8]] = [], timeout: Duration? = nil
    ) async throws -> ServerReply {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try emit(event, args, attachments: attachments, timeout: timeout) { _, outcome in
                    switch consume outcome {
                    case .success(let reply):
                        continuation.resume(returning: ServerReply(args: reply.args, attachments: reply.attachments))
                    case .failure(let failure): continuation.resume(throwing: failure)
                    }
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// The events from now on, of one name or all; it ends when the client is closed. Of those that nobody has taken,
    /// the oldest are dropped beyond `limit`.
    public func events(_ name: String? = nil, limit: Int = 1024) throws(SocketError) -> AsyncStream<ReceivedEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ReceivedEvent.self, bufferingPolicy: .bufferingNewest(max(1, limit)))
        let handler: ClientEventHandler = { event in continuation.yield(ReceivedEvent(event)) }
        let registration = if let name { try on(name, handler) } else { try onAny(handler) }
        try changeListeners { $0.end.add({ continuation.finish() }, registration, first: false) }
        continuation.onTermination = { [weak self] _ in
            // The handler, and what tells of the end.
            for _ in 0..<2 { self?.off(registration) }
        }
        return stream
    }
}
