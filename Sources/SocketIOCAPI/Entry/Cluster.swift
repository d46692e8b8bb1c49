import CSocketIO
import SocketIOServer

// socketio/cluster.h

@c @implementation
public func sio_server_side_emit(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?, _ args: sio_text,
    _ options: UnsafePointer<sio_emit_options>?
) -> sio_status {
    boundary { () throws(Failure) in
        let namespace = try existing(server, nsp)
        try emitting(bytes(event, "event"), args, options) { (message, _) throws(SocketError) in
            try namespace.serverSideEmit(message)
        }
    }
}

@c @implementation
public func sio_server_side_emit_with_ack(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?, _ args: sio_text,
    _ options: UnsafePointer<sio_emit_options>?, _ timeout_ms: UInt32, _ fn: sio_event_fn?,
    _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.server(server)
        let namespace = try existing(server, nsp)
        let callback = try callback(fn, context, in: object.runtime)
        let events = Events(object)
        try emitting(bytes(event, "event"), args, options) { (message, _) throws(SocketError) in
            // The release belongs to the callback before anything can call it: the end may come at once.
            callback.keep(release)
            do throws(SocketError) {
                try namespace.serverSideEmit(message) { outcome in events.deliver(outcome, to: callback) }
            } catch {
                callback.keep(nil)
                throw error
            }
        }
    }
}

@c @implementation
public func sio_server_on_server_side(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?, _ fn: sio_event_fn?,
    _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    register(server, nsp, fn, context, release) { (namespace, callback, events) throws(Failure) in
        let name = try string(event, "event")
        _ = try translating { () throws(SocketError) in
            try namespace.onServerSide(name, as: Registration(origin: callback)) {
                events.deliver(serverSide: $0, to: callback)
            }
        }
    }
}
