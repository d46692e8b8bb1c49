import EngineIOCore
import SocketIOHandlers

/// Called when a client has joined.
public typealias ConnectionHandler = @Sendable (ServerSocket) -> Void
/// Called when a client leaves or has left, with the reason in Socket.IO's words.
public typealias DisconnectHandler = @Sendable (ServerSocket, String) -> Void
/// The same with what lies behind the reason, a sentence; empty if there is nothing to say.
public typealias DetailedDisconnectHandler = @Sendable (ServerSocket, String, String) -> Void
/// As it is kept: the sentence is made when somebody asks for it.
typealias EndHandler = @Sendable (ServerSocket, String, CloseDetails) -> Void
/// Called for what is sent to a socket.
public typealias OutgoingHandler = @Sendable (borrowing OutgoingEvent) -> Void
/// Called when a room gets or loses a member.
public typealias RoomHandler = @Sendable (RoomEvent) -> Void
/// Called when all that waited for a client has left.
public typealias DrainHandler = @Sendable (ServerSocket) -> Void
/// Called with what a packet middleware says against an event.
public typealias ErrorHandler = @Sendable (ServerSocket, PacketRefusal) -> Void

/// The handlers of a namespace or of a socket.
struct Listeners: Sendable {
    var events = EventHandlers()
    var outgoing = HandlerList<OutgoingHandler>()
    var connection = HandlerList<ConnectionHandler>()
    var disconnecting = HandlerList<EndHandler>()
    var disconnect = HandlerList<EndHandler>()
    var upgrade = HandlerList<ConnectionHandler>()
    var rooms = HandlerList<RoomHandler>()
    var error = HandlerList<ErrorHandler>()
    var drain = HandlerList<DrainHandler>()
    /// By the name of the event.
    var serverSide: [String: HandlerList<ServerSideHandler>] = [:]

    /// Takes out the one of those that fit that would be called last: for an event, or, with nil, for whatever it is.
    /// False if there is none.
    mutating func remove(of event: String?, _ fits: (Registration) -> Bool) -> Bool {
        if let event { return replace(events.removing(from: event, fits)) }
        return replace(events.removing(from: nil, fits)) || replace(events.removing(any: fits))
            || outgoing.remove(fits) != nil || connection.remove(fits) != nil || disconnecting.remove(fits) != nil
            || disconnect.remove(fits) != nil || upgrade.remove(fits) != nil || rooms.remove(fits) != nil
            || error.remove(fits) != nil || drain.remove(fits) != nil
            || serverSide.keys.contains { serverSide[$0]?.remove(fits) != nil }
    }

    private mutating func replace(_ table: EventHandlers?) -> Bool {
        guard let table else { return false }
        events = table
        return true
    }

    /// How many there are for an event, or, with nil, for every event.
    func count(of event: String?) -> Int { event.map { events.count(of: $0) } ?? events.any.count }
}
