import SocketIOHandlers

extension ServerSocket {
    // MARK: Events

    /// Calls `handler` for every event of that name from this socket, before the namespace's handlers.
    @discardableResult
    public func on(
        _ event: String, options: ListenerOptions = [], as registration: Registration = Registration(),
        _ handler: @escaping EventHandler
    ) throws(SocketError) -> Registration {
        try Namespace.checkEvent(event)
        let handler = options.contains(.once) ? once(registration).wrap(handler) : handler
        try changeListeners {
            $0.listeners.events = $0.listeners.events.adding(
                handler, to: event, registration, first: options.contains(.first))
        }
        return registration
    }

    /// Calls `handler` for the next event of that name from this socket.
    @discardableResult
    public func once(_ event: String, _ handler: @escaping EventHandler) throws(SocketError) -> Registration {
        try on(event, options: .once, handler)
    }

    /// Calls `handler` for every event from this socket.
    @discardableResult
    public func onAny(
        options: ListenerOptions = [], as registration: Registration = Registration(),
        _ handler: @escaping EventHandler
    ) throws(SocketError) -> Registration {
        let handler = options.contains(.once) ? once(registration).wrap(handler) : handler
        try changeListeners {
            $0.listeners.events = $0.listeners.events.adding(
                any: handler, registration, first: options.contains(.first))
        }
        return registration
    }

    /// Calls `handler` for every event that is sent to this socket, broadcasts included; before it is sent, whether
    /// or not it is then dropped for being volatile.
    @discardableResult
    public func onAnyOutgoing(
        options: ListenerOptions = [], as registration: Registration = Registration(),
        _ handler: @escaping OutgoingHandler
    ) throws(SocketError) -> Registration {
        let handler = options.contains(.once) ? once(registration).wrap(handler) : handler
        namespace.watchOutgoing()
        try changeListeners { $0.listeners.outgoing.add(handler, registration, first: options.contains(.first)) }
        return registration
    }

    /// Tells the handlers what is sent; on the loop, or soon.
    func tellOutgoing(_ content: OutgoingContent) {
        guard !isDisconnected else { return }
        let handlers = (own(\.listeners.outgoing.handlers) ?? []) + namespace.handlers(\.outgoing)
        guard !handlers.isEmpty else { return }
        loop.engineLoop.run {
            let event = OutgoingEvent(content, to: self)
            for handler in handlers { handler(event) }
        }
    }

    // MARK: Its life

    /// Calls `handler` when the socket leaves, while it is in its rooms still.
    @discardableResult
    public func onDisconnecting(
        as registration: Registration = Registration(), _ handler: @escaping DisconnectHandler
    ) throws(SocketError) -> Registration {
        try onDisconnecting(as: registration) { socket, reason, _ in handler(socket, reason) }
    }

    @discardableResult
    public func onDisconnecting(
        as registration: Registration = Registration(), _ handler: @escaping DetailedDisconnectHandler
    ) throws(SocketError) -> Registration {
        try changeListeners {
            $0.listeners.disconnecting.add({ handler($0, $1, $2.text) }, registration, first: false)
        }
        return registration
    }

    /// Calls `handler` when the socket has disconnected.
    @discardableResult
    public func onDisconnect(
        as registration: Registration = Registration(), _ handler: @escaping DisconnectHandler
    ) throws(SocketError) -> Registration {
        try onDisconnect(as: registration) { socket, reason, _ in handler(socket, reason) }
    }

    @discardableResult
    public func onDisconnect(
        as registration: Registration = Registration(), _ handler: @escaping DetailedDisconnectHandler
    ) throws(SocketError) -> Registration {
        try changeListeners { $0.listeners.disconnect.add({ handler($0, $1, $2.text) }, registration, first: false) }
        return registration
    }

    /// Calls `handler` when the socket's connection moves from polling to WebSocket; see ``transport``.
    @discardableResult
    public func onUpgrade(
        as registration: Registration = Registration(), _ handler: @escaping ConnectionHandler
    ) throws(SocketError) -> Registration {
        try changeListeners { $0.listeners.upgrade.add(handler, registration, first: false) }
        return registration
    }

    /// On the loop.
    func becomeUpgraded() {
        guard isConnected else { return }
        for handler in own(\.listeners.upgrade.handlers) ?? [] { handler(self) }
        for handler in namespace.handlers(\.upgrade) { handler(self) }
    }

    // MARK: Packet middleware

    /// Asks `middleware` about every event from this socket, before the handlers; several are asked one after the
    /// other.
    public func use(_ middleware: @escaping PacketMiddleware) throws(SocketError) {
        try changeListeners { $0.middlewares.append(middleware) }
    }

    func packetMiddleware(at position: Int) -> PacketMiddleware? {
        own { position < $0.middlewares.count ? $0.middlewares[position] : nil } ?? nil
    }

    private static var packetRequestLimit: Int { 1024 }

    /// Makes an event findable by a handle until it is decided about or the socket ends; nil if too many wait. On the
    /// loop.
    package func hold(_ request: PacketRequest) -> SlotTable<PacketRequest>.Key? {
        let waiting = own(\.packetRequests) ?? []
        let (undecided, key) = loop.packetRequests.withLock { table in
            let undecided = waiting.count < Self.packetRequestLimit ? waiting : waiting.filter { table[$0] != nil }
            return (undecided, undecided.count < Self.packetRequestLimit ? table.insert(request) : nil)
        }
        guard let key else { return nil }
        guard (try? changeListeners { $0.packetRequests = undecided + [key] }) != nil else {
            loop.packetRequests.withLock { _ = $0.remove(key) }
            return nil
        }
        return key
    }

    /// Calls `handler` with what a packet middleware has against an event.
    @discardableResult
    public func onError(
        as registration: Registration = Registration(), _ handler: @escaping ErrorHandler
    ) throws(SocketError) -> Registration {
        try changeListeners { $0.listeners.error.add(handler, registration, first: false) }
        return registration
    }

    /// A packet middleware did not let an event through. On the loop.
    func failed(_ refusal: PacketRefusal) {
        for handler in own(\.listeners.error.handlers) ?? [] { handler(self, refusal) }
    }

    // MARK: Taking back, and asking

    /// Takes a handler back; false if it was before.
    @discardableResult
    public func off(_ registration: Registration) -> Bool { off(of: nil) { $0 === registration } }

    package func off(of event: String?, _ fits: (Registration) -> Bool) -> Bool {
        // Those of a socket that is gone are gone.
        (try? changeListeners { $0.listeners.remove(of: event, fits) }) ?? false
    }

    /// Takes back all handlers of an event name.
    public func removeAllListeners(_ event: String) {
        _ = try? changeListeners { $0.listeners.events = $0.listeners.events.removingAll(of: event) }
    }

    /// Takes back all handlers; middlewares stay.
    public func removeAllListeners() {
        _ = try? changeListeners { $0.listeners = Listeners() }
    }

    /// The names that have handlers of this socket alone.
    public var eventNames: [String] { handlers?.names ?? [] }

    /// How many handlers of this socket alone an event name has.
    public func listenerCount(_ event: String) -> Int { listenerCount(of: event) }

    package func listenerCount(of event: String?) -> Int { own { $0.listeners.count(of: event) } ?? 0 }

    private func once(_ registration: Registration) -> Once {
        // Handlers are called with the socket alive.
        Once { [unowned self] in off(registration) }
    }
}
