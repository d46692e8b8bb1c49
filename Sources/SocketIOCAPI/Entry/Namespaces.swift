import CSocketIO
import SocketIOServer

// socketio/namespaces.h

@c @implementation
public func sio_server_namespace_pattern(_ server: sio_server, _ pattern: UnsafePointer<CChar>?) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.server(server)
        let pattern = try string(pattern, "pattern")
        _ = try translating { () throws(SocketError) in try object.server.of(matching: pattern) }
    }
}

/// Registers a function for something of the server's.
func register(
    _ server: sio_server, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?,
    _ body: (SocketServer, Callback, Events) throws(Failure) -> Void
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.server(server)
        let callback = try callback(fn, context, in: object.runtime)
        callback.keep(release)
        do throws(Failure) {
            try body(object.server, callback, Events(object))
        } catch {
            callback.keep(nil)
            throw error
        }
    }
}

@c @implementation
public func sio_server_namespace_matcher(
    _ server: sio_server, _ parent: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    register(server, fn, context, release) { (server, callback, events) throws(Failure) in
        let name = try string(parent, "parent")
        _ = try translating { () throws(SocketError) in
            try server.of(name) { request in events.deliver(namespace: request, to: callback) }
        }
    }
}

@c @implementation
public func sio_server_on_new_namespace(
    _ server: sio_server, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    register(server, fn, context, release) { server, callback, events in
        server.onNewNamespace(as: Registration(origin: callback)) { events.deliver(new: $0, to: callback) }
    }
}
