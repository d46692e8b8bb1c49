import SocketIOCore
import SocketIOHandlers

extension ClientSocket {
    // MARK: Events

    /// Calls `handler` for every event of that name.
    @discardableResult
    public func on(
        _ event: String, options: ListenerOptions = [], as registration: Registration = Registration(),
        _ handler: @escaping ClientEventHandler
    ) throws(SocketError) -> Registration {
        try Self.check(event)
        let handler = options.contains(.once) ? once(registration).wrap(handler) : handler
        try changeListeners {
            $0.events = $0.events.adding(
                EventCall(handler: handler), to: event, registration, first: options.contains(.first))
        }
        return registration
    }

    /// Calls `handler` for the next event of that name.
    @discardableResult
    public func once(_ event: String, _ handler: @escaping ClientEventHandler) throws(SocketError) -> Registration {
        try on(event, options: .once, handler)
    }

    /// Calls `handler` for every event.
    @discardableResult
    public func onAny(
        options: ListenerOptions = [], as registration: Registration = Registration(),
        _ handler: @escaping ClientEventHandler
    ) throws(SocketError) -> Registration {
        let handler = options.contains(.once) ? once(registration).wrap(handler) : handler
        try changeListeners {
            $0.events = $0.events.adding(
                any: EventCall(handler: handler), registration, first: options.contains(.first))
        }
        return registration
    }

    /// Calls `handler` for everything that is emitted, when it is; also for what then waits, or is dropped.
    @discardableResult
    public func onAnyOutgoing(
        options: ListenerOptions = [], as registration: Registration = Registration(),
        _ handler: @escaping ClientOutgoingHandler
    ) throws(SocketError) -> Registration {
        let once = options.contains(.once) ? once(registration) : nil
        let handler: ClientOutgoingHandler = { socket, event in if once?.begins() ?? true { handler(socket, event) } }
        try changeListeners { $0.outgoing.add(handler, registration, first: options.contains(.first)) }
        watchesOutgoing.store(true, ordering: .releasing)
        return registration
    }

    private static func check(_ event: String) throws(SocketError) {
        var event = event
        if event.withUTF8({ ReservedName.isReserved(UnsafeRawBufferPointer($0)) }) {
            throw SocketError(
                .reserved,
                "\"\(event)\" is a reserved event name: use onConnect, onConnectError and onDisconnect.")
        }
    }

    private func once(_ registration: Registration) -> Once {
        // Handlers are called with the socket alive.
        Once { [unowned self] in off(registration) }
    }

    // MARK: Its life

    /// Calls `handler` each time the client is in the namespace.
    @discardableResult
    public func onConnect(
        as registration: Registration = Registration(), _ handler: @escaping ClientConnectHandler
    ) throws(SocketError) -> Registration {
        try changeListeners { $0.connect.add(ConnectCall(handler: handler), registration, first: false) }
        return registration
    }

    /// Calls `handler` each time an attempt to get into the namespace has failed.
    @discardableResult
    public func onConnectError(
        as registration: Registration = Registration(), _ handler: @escaping ClientConnectErrorHandler
    ) throws(SocketError) -> Registration {
        try changeListeners { $0.connectError.add(ConnectErrorCall(handler: handler), registration, first: false) }
        return registration
    }

    /// Calls `handler` each time the client has left the namespace.
    @discardableResult
    public func onDisconnect(
        as registration: Registration = Registration(), _ handler: @escaping ClientDisconnectHandler
    ) throws(SocketError) -> Registration {
        try changeListeners { $0.disconnect.add(DisconnectCall(handler: handler), registration, first: false) }
        return registration
    }

    // MARK: Taking back, and asking

    /// Takes a handler back; false if it was before.
    @discardableResult
    public func off(_ registration: Registration) -> Bool { off(of: nil) { $0 === registration } }

    package func off(of event: String?, _ fits: (Registration) -> Bool) -> Bool {
        // Those of a client that is closed are gone.
        (try? changeListeners { $0.remove(of: event, fits) }) ?? false
    }

    /// Takes back all handlers of an event name.
    public func removeAllListeners(_ event: String) {
        _ = try? changeListeners { $0.events = $0.events.removingAll(of: event) }
    }

    /// Takes back all handlers.
    public func removeAllListeners() {
        _ = try? changeListeners { $0 = ClientListeners() }
    }

    /// The names that have handlers.
    public var eventNames: [String] { readListeners { $0.events.names } }

    /// How many handlers an event name has.
    public func listenerCount(_ event: String) -> Int { listenerCount(of: event) }

    package func listenerCount(of event: String?) -> Int {
        readListeners { listeners in event.map { listeners.events.count(of: $0) } ?? listeners.events.any.count }
    }
}
