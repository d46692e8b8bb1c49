/// Called when a client has joined.
public typealias ConnectionHandler = @Sendable (ServerSocket) -> Void
/// Called when a client leaves or has left, with the reason in Socket.IO's words.
public typealias DisconnectHandler = @Sendable (ServerSocket, String) -> Void
/// Called for what is sent to a socket.
public typealias OutgoingHandler = @Sendable (borrowing OutgoingEvent) -> Void
/// Called when a room gets or loses a member.
public typealias RoomHandler = @Sendable (RoomEvent) -> Void
/// Called with what a packet middleware says against an event.
public typealias ErrorHandler = @Sendable (ServerSocket, PacketRefusal) -> Void

/// What can be listened to, by what happens.
package enum Listened: Sendable, Equatable {
    /// Events of a name from clients.
    case event(String)
    /// Every event from clients.
    case any
    /// Every event to clients.
    case outgoing
    case connection
    /// A socket leaves, and is in its rooms still.
    case disconnecting
    case disconnect
    case rooms
    case error
}

/// The handlers of a namespace or of a socket.
struct Listeners: Sendable {
    var events = HandlerTable.empty
    var outgoing = HandlerList<OutgoingHandler>()
    var connection = HandlerList<ConnectionHandler>()
    var disconnecting = HandlerList<DisconnectHandler>()
    var disconnect = HandlerList<DisconnectHandler>()
    var rooms = HandlerList<RoomHandler>()
    var error = HandlerList<ErrorHandler>()

    /// Takes out the one that was registered last of those that fit, for `listened` or for whatever it is; false if
    /// there is none.
    mutating func remove(_ listened: Listened?, _ fits: (Registration) -> Bool) -> Bool {
        switch listened {
        case .event(let name): replace(events.removing(from: name, fits))
        case .any: replace(events.removing(any: fits))
        case .outgoing: outgoing.remove(fits) != nil
        case .connection: connection.remove(fits) != nil
        case .disconnecting: disconnecting.remove(fits) != nil
        case .disconnect: disconnect.remove(fits) != nil
        case .rooms: rooms.remove(fits) != nil
        case .error: error.remove(fits) != nil
        case nil:
            replace(events.removing(from: nil, fits)) || remove(.any, fits) || remove(.outgoing, fits)
                || remove(.connection, fits) || remove(.disconnecting, fits) || remove(.disconnect, fits)
                || remove(.rooms, fits) || remove(.error, fits)
        }
    }

    private mutating func replace(_ table: HandlerTable?) -> Bool {
        guard let table else { return false }
        events = table
        return true
    }

    mutating func removeAll(_ listened: Listened) {
        switch listened {
        case .event(let name): events = events.removingAll(of: name)
        case .any: events = events.removingAny()
        case .outgoing: outgoing = HandlerList()
        case .connection: connection = HandlerList()
        case .disconnecting: disconnecting = HandlerList()
        case .disconnect: disconnect = HandlerList()
        case .rooms: rooms = HandlerList()
        case .error: error = HandlerList()
        }
    }

    func count(_ listened: Listened) -> Int {
        switch listened {
        case .event(let name): events.count(of: name)
        case .any: events.any.count
        case .outgoing: outgoing.count
        case .connection: connection.count
        case .disconnecting: disconnecting.count
        case .disconnect: disconnect.count
        case .rooms: rooms.count
        case .error: error.count
        }
    }
}
