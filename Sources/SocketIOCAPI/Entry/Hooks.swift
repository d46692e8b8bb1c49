import CSocketIO
import SocketIOHandlers
import SocketIOServer

// socketio/hooks.h

/// Registers a function that is asked; `body` tells about what.
private func register(
    _ server: sio_server, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?,
    asking kind: Int, _ body: (SocketServer) -> (@escaping @Sendable (HTTPRequest) -> Void) -> Void
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.server(server)
        let callback = try callback(fn, context, in: object.runtime)
        let events = Events(object)
        callback.keep(release)
        body(object.server)({ request in events.deliver(http: request, as: kind, to: callback) })
    }
}

@c @implementation
public func sio_server_use_engine(
    _ server: sio_server, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    register(server, fn, context, release, asking: SIO_EVENT_ENGINE_REQUEST) { $0.use(engine:) }
}

@c @implementation
public func sio_server_on_origin(
    _ server: sio_server, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    register(server, fn, context, release, asking: SIO_EVENT_ORIGIN_REQUEST) { $0.onOrigin }
}

@c @implementation
public func sio_server_on_handshake(
    _ server: sio_server, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    register(server, fn, context, release, asking: SIO_EVENT_HANDSHAKE_REQUEST) { $0.onHandshake }
}

@c @implementation
public func sio_server_on_connection_error(
    _ server: sio_server, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    register(server, fn, context, release) { server, callback, events in
        server.onConnectionError(as: Registration(origin: callback)) { events.deliver(refused: $0, to: callback) }
    }
}

// MARK: Answers

/// Calls `body` with the request of a handle, which it ends if `body` has `answered`.
private func with(
    _ handle: sio_http_request, answered: Bool, _ body: (HTTPRequest) throws(SocketError) -> Void
) throws(Failure) {
    let handle = Handle(rawValue: handle.id)
    guard let key: SlotTable<HTTPRequest>.Key = handle.key(of: .httpRequest),
        let loop = SocketLoop.at(handle.loop), let request = loop.httpRequests.withLock({ $0[key] })
    else { throw .handle("HTTP request") }
    try translating { () throws(SocketError) in try body(request) }
    if answered { loop.httpRequests.withLock { _ = $0.remove(key) } }
}

@c @implementation
public func sio_http_next(_ request: sio_http_request) -> sio_status {
    boundary { () throws(Failure) in
        try with(request, answered: true) { (request) throws(SocketError) in try request.next() }
    }
}

@c @implementation
public func sio_http_refuse(_ request: sio_http_request, _ message: UnsafePointer<CChar>?) -> sio_status {
    boundary { () throws(Failure) in
        let message = message == nil ? nil : try string(message, "message")
        try with(request, answered: true) { (request) throws(SocketError) in try request.refuse(message) }
    }
}

@c @implementation
public func sio_http_set_header(
    _ request: sio_http_request, _ name: UnsafePointer<CChar>?, _ value: UnsafePointer<CChar>?
) -> sio_status {
    boundary { () throws(Failure) in
        let name = try string(name, "name")
        let value = try string(value, "value")
        try with(request, answered: false) { (request) throws(SocketError) in try request.setHeader(name, value) }
    }
}

@c @implementation
public func sio_http_set_sid(_ request: sio_http_request, _ sid: UnsafePointer<CChar>?) -> sio_status {
    boundary { () throws(Failure) in
        let sid = try string(sid, "sid")
        try with(request, answered: false) { (request) throws(SocketError) in try request.setSessionID(sid) }
    }
}
