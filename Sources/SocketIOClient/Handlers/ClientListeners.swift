import SocketIOHandlers

/// Called for an event from the server.
public typealias ClientEventHandler = @Sendable (borrowing ClientEvent) -> Void
/// Called when the client is in the namespace.
public typealias ClientConnectHandler = @Sendable (ClientSocket) -> Void
/// Called when an attempt to get into the namespace has failed. Whether another follows: ``ClientSocket/active``.
public typealias ClientConnectErrorHandler = @Sendable (ClientSocket, ClientFailure) -> Void
/// Called when the client has left the namespace.
public typealias ClientDisconnectHandler = @Sendable (ClientSocket, Disconnection) -> Void
/// Called for what is emitted.
public typealias ClientOutgoingHandler = @Sendable (ClientSocket, ClientOutgoingEvent) -> Void

/// The handlers of a socket.
struct ClientListeners: Sendable {
    var events = HandlerTable<ClientEventHandler>()
    var outgoing = HandlerList<ClientOutgoingHandler>()
    var connect = HandlerList<ClientConnectHandler>()
    var connectError = HandlerList<ClientConnectErrorHandler>()
    var disconnect = HandlerList<ClientDisconnectHandler>()
    /// Called last of all, when the client was closed.
    var end = HandlerList<@Sendable () -> Void>()

    /// Takes out the one of those that fit that would be called last: for an event, or, with nil, for whatever it is.
    /// False if there is none.
    mutating func remove(of event: String?, _ fits: (Registration) -> Bool) -> Bool {
        if let event { return replace(events.removing(from: event, fits)) }
        return replace(events.removing(from: nil, fits)) || replace(events.removing(any: fits))
            || outgoing.remove(fits) != nil || connect.remove(fits) != nil || connectError.remove(fits) != nil
            || disconnect.remove(fits) != nil || end.remove(fits) != nil
    }

    private mutating func replace(_ table: HandlerTable<ClientEventHandler>?) -> Bool {
        guard let table else { return false }
        events = table
        return true
    }
}
