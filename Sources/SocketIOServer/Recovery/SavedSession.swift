import EngineIOCore
import SocketIOTransport

/// A socket whose client may come back.
///
/// SAFETY of `@unchecked Sendable`: what changes has the lock of ``NamespaceRecovery`` while the session is there, and
/// belongs to the one who has taken it afterwards.
final class SavedSession: @unchecked Sendable {
    let privateID: SessionID
    let socketID: SocketID
    let rooms: Set<String>
    /// What the rooms take, about. Nothing if there is but the socket's own.
    let roomBytes: Int
    /// The number of the last packet before the socket was there.
    let since: UInt64
    /// When the client has been away for too long.
    let expires: Instant
    /// The application's, until the client is back or has been away for too long.
    private var data: DataBox?

    /// What a room takes besides its name.
    private static let roomCost = 48

    init(
        privateID: SessionID, socketID: SocketID, rooms: Set<String>, since: UInt64, expires: Instant, data: DataBox?
    ) {
        self.privateID = privateID
        self.socketID = socketID
        self.rooms = rooms
        roomBytes = rooms.count > 1 ? rooms.reduce(0) { $0 &+ $1.utf8.count &+ Self.roomCost } : 0
        self.since = since
        self.expires = expires
        self.data = data
    }

    func takeData() -> DataBox? {
        defer { data = nil }
        return data
    }
}
