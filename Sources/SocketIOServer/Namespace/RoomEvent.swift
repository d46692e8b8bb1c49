/// A room of a namespace got or lost a member.
public struct RoomEvent: Sendable {
    public enum Change: Sendable, Equatable {
        /// It has its first member; `join` follows.
        case create
        case join
        case leave
        /// It has lost its last member.
        case delete
    }

    public let change: Change
    public let room: String
    /// Who joined or left.
    public let socket: ServerSocket
}

extension RoomEvent.Change {
    /// The name of the event in Node.
    package var name: String {
        switch self {
        case .create: "create-room"
        case .join: "join-room"
        case .leave: "leave-room"
        case .delete: "delete-room"
        }
    }
}
