import SocketIOHandlers

extension Namespace {
    // MARK: Events of clients

    /// Calls `handler` for every event of that name, from every socket of the namespace.
    @discardableResult
    public func on(
        _ event: String, options: ListenerOptions = [], as registration: Registration = Registration(),
        _ handler: @escaping EventHandler
    ) throws(SocketError) -> Registration {
        try Self.checkEvent(event)
        let handler = options.contains(.once) ? once(registration).wrap(handler) : handler
        changeListeners {
            $0.events = $0.events.adding(handler, to: event, registration, first: options.contains(.first))
        }
        return registration
    }

    /// Calls `handler` for the next event of that name.
    @discardableResult
    public func once(_ event: String, _ handler: @escaping EventHandler) throws(SocketError) -> Registration {
        try on(event, options: .once, handler)
    }

    /// Calls `handler` for every event, before those registered by name.
    @discardableResult
    public func onAny(
        options: ListenerOptions = [], as registration: Registration = Registration(),
        _ handler: @escaping EventHandler
    ) -> Registration {
        let handler = options.contains(.once) ? once(registration).wrap(handler) : handler
        changeListeners { $0.events = $0.events.adding(any: handler, registration, first: options.contains(.first)) }
        return registration
    }

    /// Calls `handler` for every event that is sent to a socket of the namespace, broadcasts included.
    @discardableResult
    public func onAnyOutgoing(
        options: ListenerOptions = [], as registration: Registration = Registration(),
        _ handler: @escaping OutgoingHandler
    ) -> Registration {
        let handler = options.contains(.once) ? once(registration).wrap(handler) : handler
        watchOutgoing()
        changeListeners { $0.outgoing.add(handler, registration, first: options.contains(.first)) }
        return registration
    }

    // MARK: The life of sockets and rooms

    /// Calls `handler` for every client that has joined.
    @discardableResult
    public func onConnection(
        options: ListenerOptions = [], as registration: Registration = Registration(),
        _ handler: @escaping ConnectionHandler
    ) -> Registration {
        let once = once(registration)
        let handler = options.contains(.once) ? { @Sendable socket in if once.begins() { handler(socket) } } : handler
        changeListeners { $0.connection.add(handler, registration, first: options.contains(.first)) }
        return registration
    }

    /// Calls `handler` for every client that leaves, while it is in its rooms still.
    @discardableResult
    public func onDisconnecting(
        as registration: Registration = Registration(), _ handler: @escaping DisconnectHandler
    ) -> Registration {
        changeListeners {
            $0.disconnecting.add({ socket, reason, _ in handler(socket, reason) }, registration, first: false)
        }
        return registration
    }

    @discardableResult
    public func onDisconnecting(
        as registration: Registration = Registration(), _ handler: @escaping DetailedDisconnectHandler
    ) -> Registration {
        changeListeners { $0.disconnecting.add({ handler($0, $1, $2.text) }, registration, first: false) }
        return registration
    }

    /// Calls `handler` for every client that has left.
    @discardableResult
    public func onDisconnect(
        as registration: Registration = Registration(), _ handler: @escaping DisconnectHandler
    ) -> Registration {
        changeListeners {
            $0.disconnect.add({ socket, reason, _ in handler(socket, reason) }, registration, first: false)
        }
        return registration
    }

    @discardableResult
    public func onDisconnect(
        as registration: Registration = Registration(), _ handler: @escaping DetailedDisconnectHandler
    ) -> Registration {
        changeListeners { $0.disconnect.add({ handler($0, $1, $2.text) }, registration, first: false) }
        return registration
    }

    /// Calls `handler` for every socket whose connection has moved from polling to WebSocket.
    @discardableResult
    public func onUpgrade(
        as registration: Registration = Registration(), _ handler: @escaping ConnectionHandler
    ) -> Registration {
        changeListeners { $0.upgrade.add(handler, registration, first: false) }
        return registration
    }

    /// Calls `handler` for every room that is made or deleted, and every socket that joins or leaves one, its own
    /// room included. On the loop of the socket.
    ///
    /// A room's beginning is told once, and so is its end, however many threads change it. The events of one socket come
    /// in their order, as far as one thread makes the changes; those of sockets on different loops in any, so that a
    /// second member's `join` may come before the `create` of the first.
    @discardableResult
    public func onRoom(
        as registration: Registration = Registration(), _ handler: @escaping RoomHandler
    ) -> Registration {
        roomWatch.turnOn()
        changeListeners { $0.rooms.add(handler, registration, first: false) }
        return registration
    }

    /// Calls `handler` when all that waited for a client has left; see ``ServerSocket/onDrain(as:_:)``.
    @discardableResult
    public func onDrain(
        as registration: Registration = Registration(), _ handler: @escaping DrainHandler
    ) -> Registration {
        counters.hearsOfDrains.store(true, ordering: .relaxed)
        changeListeners { $0.drain.add(handler, registration, first: false) }
        return registration
    }

    // MARK: Taking back

    /// Takes a handler back; false if it was before.
    @discardableResult
    public func off(_ registration: Registration) -> Bool { off(of: nil) { $0 === registration } }

    package func off(of event: String?, _ fits: (Registration) -> Bool) -> Bool {
        let isRemoved = changeListeners { $0.remove(of: event, fits) }
        if isRemoved { refreshHandlers() }
        return isRemoved
    }

    /// Takes back all handlers of an event name.
    public func removeAllListeners(_ event: String) {
        changeListeners { $0.events = $0.events.removingAll(of: event) }
        refreshHandlers()
    }

    /// Takes back all handlers; middlewares stay.
    public func removeAllListeners() {
        changeListeners { $0 = Listeners() }
        refreshHandlers()
    }

    // MARK: Asking

    /// The names that have handlers.
    public var eventNames: [String] { listeners.events.names }

    /// How many handlers an event name has.
    public func listenerCount(_ event: String) -> Int { listenerCount(of: event) }

    package func listenerCount(of event: String?) -> Int { listeners.count(of: event) }

    private func once(_ registration: Registration) -> Once {
        // Handlers are called for sockets, which hold their namespace.
        Once { [unowned self] in off(registration) }
    }
}
