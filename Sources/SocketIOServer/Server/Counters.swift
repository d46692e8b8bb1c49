import Synchronization

/// What is counted where it happens, for the whole server.
final class Counters: Sendable {
    /// Replies that are awaited from clients.
    let pendingAcks = Atomic<Int>(0)
}
