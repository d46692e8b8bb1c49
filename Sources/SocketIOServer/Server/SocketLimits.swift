/// How much one socket may have.
struct SocketLimits: Sendable {
    let rooms: Int
    let pendingAcks: Int
    /// What becomes of an event beyond what may wait for its client.
    let overflow: OverflowPolicy

    init(_ options: ServerOptions) {
        rooms = max(1, options.maxRoomsPerSocket)
        pendingAcks = max(0, options.maxPendingAcks)
        overflow = options.overflowPolicy
    }

    var tooManyRooms: SocketError {
        SocketError(
            .limit,
            "The socket is in \(rooms) rooms already, which is the limit: leave some, or raise max_rooms_per_socket.")
    }
}
