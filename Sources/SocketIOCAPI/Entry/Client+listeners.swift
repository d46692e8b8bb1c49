import CSocketIO
import SocketIOClient

// socketio/client.h: the handlers

/// Registers a function in a namespace; `body` tells what for. In a client that is closed nothing happens.
private func register(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?,
    _ body: (ClientSocket, Callback, ClientEvents) throws(SocketError) -> Void
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.client(client)
        let callback = try callback(fn, context, in: object.runtime)
        let socket = try object.socket(nsp)
        callback.keep(release)
        do throws(SocketError) {
            if let socket { try body(socket, callback, ClientEvents(object)) }
        } catch {
            guard error.kind != .closed else { return }
            callback.keep(nil)
            throw Failure(error)
        }
    }
}

@c @implementation
public func sio_client_on(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?, _ fn: sio_event_fn?,
    _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    listen(client, nsp, event, isNamed: true, 0, fn, context, release)
}

@c @implementation
public func sio_client_on_any(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    listen(client, nsp, nil, isNamed: false, 0, fn, context, release)
}

@c @implementation
public func sio_client_add_listener(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?, _ flags: UInt32,
    _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    listen(client, nsp, event, isNamed: event != nil, flags, fn, context, release)
}

/// For an event or, if it is not named, for every event.
private func listen(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?, isNamed: Bool,
    _ flags: UInt32, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    var name: String?
    var options = ListenerOptions()
    let status = boundary { () throws(Failure) in
        // The handle first: a call with one that is stale says so, whatever else is wrong with it.
        _ = try Registry.client(client)
        if isNamed { name = try string(event, "event") }
        options = try ListenerOptions(flags, allowed: [.once, .first])
    }
    guard status == sio_status(SIO_OK) else { return status }
    return register(client, nsp, fn, context, release) { (socket, callback, events) throws(SocketError) in
        let registration = Registration(origin: callback)
        if let name {
            try socket.on(name, options: options, as: registration) { events.deliver(message: $0, to: callback) }
        } else {
            try socket.onAny(options: options, as: registration) { events.deliver(message: $0, to: callback) }
        }
    }
}

@c @implementation
public func sio_client_on_any_outgoing(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ flags: UInt32, _ fn: sio_event_fn?,
    _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    var options = ListenerOptions()
    let status = boundary { () throws(Failure) in
        _ = try Registry.client(client)
        options = try ListenerOptions(flags, allowed: .first)
    }
    guard status == sio_status(SIO_OK) else { return status }
    return register(client, nsp, fn, context, release) { (socket, callback, events) throws(SocketError) in
        try socket.onAnyOutgoing(options: options, as: Registration(origin: callback)) {
            events.deliver(outgoing: $1, of: $0, to: callback)
        }
    }
}

@c @implementation
public func sio_client_on_connect(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    register(client, nsp, fn, context, release) { (socket, callback, events) throws(SocketError) in
        try socket.onConnect(as: Registration(origin: callback)) { events.deliver(connect: $0, to: callback) }
    }
}

@c @implementation
public func sio_client_on_connect_error(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    register(client, nsp, fn, context, release) { (socket, callback, events) throws(SocketError) in
        try socket.onConnectError(as: Registration(origin: callback)) {
            events.deliver(connectError: $1, of: $0, to: callback)
        }
    }
}

@c @implementation
public func sio_client_on_disconnect(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    register(client, nsp, fn, context, release) { (socket, callback, events) throws(SocketError) in
        try socket.onDisconnect(as: Registration(origin: callback)) {
            events.deliver(disconnect: $1, of: $0, to: callback)
        }
    }
}

/// Registers a function for what does not belong to a namespace; `body` tells for what.
private func register(
    _ client: sio_client, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?,
    _ body: (Manager, Callback, ClientEvents) -> Void
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.client(client)
        let callback = try callback(fn, context, in: object.runtime)
        callback.keep(release)
        body(object.manager, callback, ClientEvents(object))
    }
}

/// Registers a function for what happens to the connection; `body` turns that into an event.
private func hear(
    _ client: sio_client, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?,
    _ body: @escaping @Sendable (Manager, ManagerEvent, Callback, ClientEvents) -> Void
) -> sio_status {
    register(client, fn, context, release) { manager, callback, events in
        manager.on(as: Registration(origin: callback)) { body($0, $1, callback, events) }
    }
}

@c @implementation
public func sio_client_on_reconnect(
    _ client: sio_client, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    hear(client, fn, context, release) { manager, event, callback, events in
        events.deliver(reconnection: event, of: manager, to: callback)
    }
}

@c @implementation
public func sio_client_on_connection(
    _ client: sio_client, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    hear(client, fn, context, release) { manager, event, callback, events in
        events.deliver(connection: event, of: manager, to: callback)
    }
}

@c @implementation
public func sio_client_on_packet(
    _ client: sio_client, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    register(client, fn, context, release) { manager, callback, events in
        manager.onPacket(as: Registration(origin: callback)) { events.deliver(packet: $1, to: callback) }
    }
}

@c @implementation
public func sio_client_on_upgrade(
    _ client: sio_client, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    hear(client, fn, context, release) { _, event, callback, events in
        if case .upgrade = event { events.deliverUpgrade(to: callback) }
    }
}

@c @implementation
public func sio_client_on_drain(
    _ client: sio_client, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    hear(client, fn, context, release) { _, event, callback, events in
        if case .drain = event { events.deliverDrain(to: callback) }
    }
}

@c @implementation
public func sio_client_on_close(
    _ client: sio_client, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    register(client, fn, context, release) { manager, callback, events in
        manager.onClose { events.deliverClosed(to: callback) }
    }
}

// MARK: Taking back, and asking

@c @implementation
public func sio_client_off(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?, _ fn: sio_event_fn?,
    _ context: UnsafeMutableRawPointer?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.client(client)
        let name = try named(event)
        if try object.existingSocket(nsp)?.off(of: name, { $0.isOf(fn, context) }) ?? false { return }
        // In "/" also what belongs to the connection.
        guard name == nil, try bytes(nsp, "nsp").elementsEqual([UInt8(ascii: "/")]),
            object.manager.off({ $0.isOf(fn, context) })
        else { throw noSuchListener(event) }
    }
}

@c @implementation
public func sio_client_remove_all_listeners(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.client(client)
        let name = try named(event)
        guard let socket = try object.existingSocket(nsp) else { return }
        if let name { socket.removeAllListeners(name) } else { socket.removeAllListeners() }
    }
}

@c @implementation
public func sio_client_listener_count(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?,
    _ out_count: UnsafeMutablePointer<Int>?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.client(client)
        guard let out_count else { throw .null("out_count") }
        let name = try named(event)
        out_count.pointee = try object.existingSocket(nsp)?.listenerCount(of: name) ?? 0
    }
}

@c @implementation
public func sio_client_event_names(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?,
    _ out_names: UnsafeMutablePointer<UnsafeMutablePointer<sio_text>?>?, _ out_count: UnsafeMutablePointer<Int>?
) -> sio_status {
    boundary { () throws(Failure) in
        try give(Registry.client(client).existingSocket(nsp)?.eventNames ?? [], to: out_names, out_count, "out_names")
    }
}
