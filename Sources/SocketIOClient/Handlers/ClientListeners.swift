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

// Handlers as lists keep them. The lists are generic: of a function by itself they would keep another one, that calls it,
// in memory of its own.

struct EventCall: Sendable {
    let handler: ClientEventHandler
    func callAsFunction(_ event: borrowing ClientEvent) { handler(event) }
}

struct ConnectCall: Sendable {
    let handler: ClientConnectHandler
    func callAsFunction(_ socket: ClientSocket) { handler(socket) }
}

struct ConnectErrorCall: Sendable {
    let handler: ClientConnectErrorHandler
    func callAsFunction(_ socket: ClientSocket, _ failure: ClientFailure) { handler(socket, failure) }
}

struct DisconnectCall: Sendable {
    let handler: ClientDisconnectHandler
    func callAsFunction(_ socket: ClientSocket, _ disconnection: Disconnection) { handler(socket, disconnection) }
}

struct ManagerCall: Sendable {
    let handler: ManagerHandler
    func callAsFunction(_ manager: Manager, _ event: ManagerEvent) { handler(manager, event) }
}

struct PacketCall: Sendable {
    let handler: ManagerPacketHandler
    func callAsFunction(_ manager: Manager, _ packet: ManagerPacket) { handler(manager, packet) }
}

/// The handlers of a socket.
struct ClientListeners: Sendable {
    var events = HandlerTable<EventCall>()
    var outgoing = HandlerList<ClientOutgoingHandler>()
    var connect = HandlerList<ConnectCall>()
    var connectError = HandlerList<ConnectErrorCall>()
    var disconnect = HandlerList<DisconnectCall>()
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

    private mutating func replace(_ table: HandlerTable<EventCall>?) -> Bool {
        guard let table else { return false }
        events = table
        return true
    }
}
