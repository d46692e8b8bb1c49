/// What happens to the connection of a manager.
public enum ManagerEvent: Sendable {
    /// The connection is open; the namespaces are asked for now.
    case open
    /// It has moved from polling to WebSocket.
    case upgrade
    /// The server's half of a heartbeat has come: a ping or, from servers of Socket.IO 1 and 2, the answer to one.
    case ping
    /// All that waited for the server, and could be sent, has left: in POSTs that it has answered, or as fast as it has
    /// read. What waits for less than a turn of the event loop is not told of. More may wait again by then.
    case drain
    /// The connection that was open is gone.
    case close(Disconnection)
    /// A connection did not open.
    case error(ClientFailure)
    /// An attempt to connect again begins; the first is 1.
    case reconnectAttempt(Int)
    /// It has succeeded.
    case reconnect(Int)
    /// It has failed.
    case reconnectError(ClientFailure)
    /// There will be no more attempts: see ``ManagerOptions/reconnectionAttempts``.
    case reconnectFailed
}

/// Called for what happens to a connection, on the manager's loop.
public typealias ManagerHandler = @Sendable (Manager, ManagerEvent) -> Void

extension Manager {
    /// Calls `handler` for everything that happens to the connection.
    @discardableResult
    public func on(
        as registration: Registration = Registration(), _ handler: @escaping ManagerHandler
    ) -> Registration {
        changeHandlers { events, _ in events.add(ManagerCall(handler: handler), registration, first: false) }
        return registration
    }

    /// Calls `handler` for every packet from the server, before what it is for. It costs a copy of each.
    @discardableResult
    public func onPacket(
        as registration: Registration = Registration(), _ handler: @escaping ManagerPacketHandler
    ) -> Registration {
        changeHandlers { _, packets in packets.add(PacketCall(handler: handler), registration, first: false) }
        return registration
    }

    /// Calls `handler` when an attempt to connect again begins, with its number.
    @discardableResult
    public func onReconnectAttempt(_ handler: @escaping @Sendable (Int) -> Void) -> Registration {
        on { _, event in if case .reconnectAttempt(let attempt) = event { handler(attempt) } }
    }

    /// Calls `handler` when the client has connected again, with the number of attempts.
    @discardableResult
    public func onReconnect(_ handler: @escaping @Sendable (Int) -> Void) -> Registration {
        on { _, event in if case .reconnect(let attempts) = event { handler(attempts) } }
    }

    /// Calls `handler` when an attempt to connect again has failed.
    @discardableResult
    public func onReconnectError(_ handler: @escaping @Sendable (ClientFailure) -> Void) -> Registration {
        on { _, event in if case .reconnectError(let failure) = event { handler(failure) } }
    }

    /// Calls `handler` when the attempts are used up.
    @discardableResult
    public func onReconnectFailed(_ handler: @escaping @Sendable () -> Void) -> Registration {
        on { _, event in if case .reconnectFailed = event { handler() } }
    }

    /// Calls `handler` when the connection has moved from polling to WebSocket.
    @discardableResult
    public func onUpgrade(_ handler: @escaping @Sendable () -> Void) -> Registration {
        on { _, event in if case .upgrade = event { handler() } }
    }

    /// Calls `handler` when all that waited has left: see ``ManagerEvent/drain``.
    @discardableResult
    public func onDrain(_ handler: @escaping @Sendable () -> Void) -> Registration {
        on { _, event in if case .drain = event { handler() } }
    }

    /// Takes a handler back; false if it was before.
    @discardableResult
    public func off(_ registration: Registration) -> Bool { off { $0 === registration } }

    package func off(_ fits: (Registration) -> Bool) -> Bool {
        changeHandlers { events, packets in events.remove(fits) != nil || packets.remove(fits) != nil }
    }
}
