/// The namespace "/", for short: see ``Namespace`` for each.
extension SocketServer {
    @discardableResult
    public func on(
        _ event: String, options: ListenerOptions = [], _ handler: @escaping EventHandler
    ) throws(SocketError) -> Registration {
        try sockets.on(event, options: options, handler)
    }

    @discardableResult
    public func once(_ event: String, _ handler: @escaping EventHandler) throws(SocketError) -> Registration {
        try sockets.once(event, handler)
    }

    @discardableResult
    public func onAny(options: ListenerOptions = [], _ handler: @escaping EventHandler) -> Registration {
        sockets.onAny(options: options, handler)
    }

    @discardableResult
    public func onConnection(options: ListenerOptions = [], _ handler: @escaping ConnectionHandler) -> Registration {
        sockets.onConnection(options: options, handler)
    }

    @discardableResult
    public func onDisconnect(_ handler: @escaping DisconnectHandler) -> Registration {
        sockets.onDisconnect(handler)
    }

    @discardableResult
    public func onDisconnect(_ handler: @escaping DetailedDisconnectHandler) -> Registration {
        sockets.onDisconnect(handler)
    }

    /// Takes back what was registered for "/" or with ``onNewNamespace(as:_:)`` or ``onConnectionError(as:_:)``.
    @discardableResult
    public func off(_ registration: Registration) -> Bool { off(of: nil) { $0 === registration } }

    /// The same: for an event, or, with nil, for whatever it is.
    package func off(of event: String?, _ fits: (Registration) -> Bool) -> Bool {
        sockets.off(of: event, fits) || event == nil && (namespaces.off(fits) || connectionErrors.off(fits))
    }

    public func serverSideEmit(_ event: String, _ args: String = "[]", attachments: [[UInt8]] = []) throws(SocketError)
    {
        try sockets.serverSideEmit(event, args, attachments: attachments)
    }

    @discardableResult
    public func onServerSide(
        _ event: String, _ handler: @escaping ServerSideHandler
    ) throws(SocketError) -> Registration {
        try sockets.onServerSide(event, handler)
    }

    public func use(_ middleware: @escaping Middleware) { sockets.use(middleware) }

    public func to(_ room: String) -> BroadcastOperator { sockets.to(room) }

    public func except(_ room: String) -> BroadcastOperator { sockets.except(room) }

    public func emit(_ event: String, _ args: String = "[]", attachments: [[UInt8]] = []) throws(SocketError) {
        try sockets.emit(event, args, attachments: attachments)
    }
}
