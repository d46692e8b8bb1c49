import EngineIOCore
import SocketIOTransport

/// A socket whose client may come back.
///
/// SAFETY of `@unchecked Sendable`: what the deadline queue changes is used on one loop; the rest has the lock of
/// ``NamespaceRecovery``.
final class SavedSession: @unchecked Sendable, DeadlineTarget {
    let privateID: SessionID
    let socketID: SocketID
    let rooms: Set<String>
    /// The number of the last packet before the socket was there.
    let since: UInt64
    /// The application's, until the client is back or has been away for too long.
    private var data: DataBox?
    private let recovery: NamespaceRecovery

    var deadlinePosition: Int32 = -1
    var scheduledDeadline: Instant = 0

    init(
        privateID: SessionID, socketID: SocketID, rooms: Set<String>, since: UInt64, data: DataBox?,
        recovery: NamespaceRecovery
    ) {
        self.privateID = privateID
        self.socketID = socketID
        self.rooms = rooms
        self.since = since
        self.data = data
        self.recovery = recovery
    }

    func takeData() -> DataBox? {
        defer { data = nil }
        return data
    }

    func deadlineReached(now: Instant) { recovery.expire(self, now: now) }
}
