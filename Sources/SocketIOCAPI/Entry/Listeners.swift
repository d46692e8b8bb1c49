import CSocketIO
import SocketIOServer

// socketio/listeners.h

extension ListenerOptions {
    init(_ flags: UInt32, allowed: ListenerOptions) throws(Failure) {
        self.init(rawValue: flags)
        guard isSubset(of: allowed) else {
            throw Failure(SIO_E_ARGUMENT, "flags has bits that this function does not know.")
        }
    }
}

/// The event that a call names; nil if it is NULL.
func named(_ event: UnsafePointer<CChar>?) throws(Failure) -> String? {
    event == nil ? nil : try string(event, "event")
}

extension Registration {
    /// Whether it is of this function, with this context.
    func isOf(_ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?) -> Bool {
        (origin as? Callback)?.isOf(fn, context) ?? false
    }
}

func noSuchListener(_ event: UnsafePointer<CChar>?) -> Failure {
    Failure(
        SIO_E_ARGUMENT,
        "No function is registered here with this fn and this context\(event == nil ? "" : ", for this event").")
}

// MARK: Of a namespace

@c @implementation
public func sio_server_add_listener(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?, _ flags: UInt32,
    _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    register(server, nsp, fn, context, release) { (namespace, callback, events) throws(Failure) in
        let options = try ListenerOptions(flags, allowed: [.once, .first])
        let registration = Registration(origin: callback)
        guard event != nil else {
            namespace.onAny(options: options, as: registration) { events.deliver(message: $0, to: callback) }
            return
        }
        let name = try string(event, "event")
        _ = try translating { () throws(SocketError) in
            try namespace.on(name, options: options, as: registration) { events.deliver(message: $0, to: callback) }
        }
    }
}

@c @implementation
public func sio_server_on_any_outgoing(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ flags: UInt32, _ fn: sio_event_fn?,
    _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    register(server, nsp, fn, context, release) { (namespace, callback, events) throws(Failure) in
        let options = try ListenerOptions(flags, allowed: .first)
        namespace.onAnyOutgoing(options: options, as: Registration(origin: callback)) {
            events.deliver(outgoing: $0, to: callback)
        }
    }
}

@c @implementation
public func sio_server_on_disconnecting(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    register(server, nsp, fn, context, release) { namespace, callback, events in
        namespace.onDisconnecting(as: Registration(origin: callback)) {
            events.deliver(disconnecting: $0, $1, $2, to: callback)
        }
    }
}

@c @implementation
public func sio_server_on_upgrade(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    register(server, nsp, fn, context, release) { namespace, callback, events in
        namespace.onUpgrade(as: Registration(origin: callback)) { events.deliver(upgrade: $0, to: callback) }
    }
}

@c @implementation
public func sio_server_on_room(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    register(server, nsp, fn, context, release) { namespace, callback, events in
        namespace.onRoom(as: Registration(origin: callback)) { events.deliver(room: $0, to: callback) }
    }
}

@c @implementation
public func sio_server_on_drain(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    register(server, nsp, fn, context, release) { namespace, callback, events in
        namespace.onDrain(as: Registration(origin: callback)) { events.deliver(drain: $0, to: callback) }
    }
}

@c @implementation
public func sio_server_off(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?, _ fn: sio_event_fn?,
    _ context: UnsafeMutableRawPointer?
) -> sio_status {
    boundary { () throws(Failure) in
        let namespace = try existing(server, nsp)
        let name = try named(event)
        // What belongs to the server is taken back in "/".
        let isRemoved =
            namespace.name == "/"
            ? try Registry.server(server).server.off(of: name) { $0.isOf(fn, context) }
            : namespace.off(of: name) { $0.isOf(fn, context) }
        guard isRemoved else { throw noSuchListener(event) }
    }
}

@c @implementation
public func sio_server_remove_all_listeners(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?
) -> sio_status {
    boundary { () throws(Failure) in
        let namespace = try existing(server, nsp)
        if event == nil {
            namespace.removeAllListeners()
        } else {
            namespace.removeAllListeners(try string(event, "event"))
        }
    }
}

@c @implementation
public func sio_server_listener_count(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?,
    _ out_count: UnsafeMutablePointer<Int>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_count else { throw .null("out_count") }
        out_count.pointee = try existing(server, nsp).listenerCount(of: named(event))
    }
}

@c @implementation
public func sio_server_event_names(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?,
    _ out_names: UnsafeMutablePointer<UnsafeMutablePointer<sio_text>?>?, _ out_count: UnsafeMutablePointer<Int>?
) -> sio_status {
    boundary { () throws(Failure) in
        try give(existing(server, nsp).eventNames, to: out_names, out_count, "out_names")
    }
}

// MARK: Of a socket

@c @implementation
public func sio_socket_add_listener(
    _ socket: sio_socket, _ event: UnsafePointer<CChar>?, _ flags: UInt32, _ fn: sio_event_fn?,
    _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    register(socket, fn, context, release) { (socket, callback, events) throws(Failure) in
        let options = try ListenerOptions(flags, allowed: [.once, .first])
        let registration = Registration(origin: callback)
        let name = try named(event)
        _ = try translating { () throws(SocketError) in
            guard let name else {
                return try socket.onAny(options: options, as: registration) {
                    events.deliver(message: $0, to: callback)
                }
            }
            return try socket.on(name, options: options, as: registration) { events.deliver(message: $0, to: callback) }
        }
    }
}

@c @implementation
public func sio_socket_on_any_outgoing(
    _ socket: sio_socket, _ flags: UInt32, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    register(socket, fn, context, release) { (socket, callback, events) throws(Failure) in
        let options = try ListenerOptions(flags, allowed: .first)
        _ = try translating { () throws(SocketError) in
            try socket.onAnyOutgoing(options: options, as: Registration(origin: callback)) {
                events.deliver(outgoing: $0, to: callback)
            }
        }
    }
}

@c @implementation
public func sio_socket_on_disconnecting(
    _ socket: sio_socket, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    listen(socket, fn, context, release) { (socket, registration, callback, events) throws(SocketError) in
        try socket.onDisconnecting(as: registration) {
            events.deliver(disconnecting: $0, $1, $2, to: callback)
        }
    }
}

@c @implementation
public func sio_socket_on_upgrade(
    _ socket: sio_socket, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    listen(socket, fn, context, release) { (socket, registration, callback, events) throws(SocketError) in
        try socket.onUpgrade(as: registration) { events.deliver(upgrade: $0, to: callback) }
    }
}

@c @implementation
public func sio_socket_on_drain(
    _ socket: sio_socket, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    listen(socket, fn, context, release) { (socket, registration, callback, events) throws(SocketError) in
        try socket.onDrain(as: registration) { events.deliver(drain: $0, to: callback) }
    }
}

@c @implementation
public func sio_socket_off(
    _ socket: sio_socket, _ event: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?
) -> sio_status {
    boundary { () throws(Failure) in
        let socket = try SocketIOCAPI.socket(socket)
        let name = try named(event)
        guard socket.off(of: name, { $0.isOf(fn, context) }) else { throw noSuchListener(event) }
    }
}

@c @implementation
public func sio_socket_remove_all_listeners(_ socket: sio_socket, _ event: UnsafePointer<CChar>?) -> sio_status {
    boundary { () throws(Failure) in
        let socket = try SocketIOCAPI.socket(socket)
        if event == nil { socket.removeAllListeners() } else { socket.removeAllListeners(try string(event, "event")) }
    }
}

@c @implementation
public func sio_socket_listener_count(
    _ socket: sio_socket, _ event: UnsafePointer<CChar>?, _ out_count: UnsafeMutablePointer<Int>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_count else { throw .null("out_count") }
        out_count.pointee = try SocketIOCAPI.socket(socket).listenerCount(of: named(event))
    }
}

@c @implementation
public func sio_socket_event_names(
    _ socket: sio_socket, _ out_names: UnsafeMutablePointer<UnsafeMutablePointer<sio_text>?>?,
    _ out_count: UnsafeMutablePointer<Int>?
) -> sio_status {
    boundary { () throws(Failure) in
        try give(SocketIOCAPI.socket(socket).eventNames, to: out_names, out_count, "out_names")
    }
}

// MARK: Packet middleware

@c @implementation
public func sio_socket_use(
    _ socket: sio_socket, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    register(socket, fn, context, release) { (socket, callback, events) throws(Failure) in
        try translating { () throws(SocketError) in
            try socket.use { request in events.deliver(packet: request, to: callback) }
        }
    }
}

@c @implementation
public func sio_socket_on_error(
    _ socket: sio_socket, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    listen(socket, fn, context, release) { (socket, registration, callback, events) throws(SocketError) in
        try socket.onError(as: registration) { events.deliver(error: $1, of: $0, to: callback) }
    }
}
