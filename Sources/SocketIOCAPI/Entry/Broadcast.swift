import CSocketIO
import SocketIOServer

// socketio/broadcast.h

/// Broadcasts what asks for replies.
private func emit(
    _ broadcast: BroadcastOperator, of object: ServerObject, _ event: UnsafePointer<CChar>?, _ args: sio_text,
    _ options: UnsafePointer<sio_emit_options>?, _ timeout_ms: UInt32, _ fn: sio_event_fn?,
    _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) throws(Failure) {
    let callback = try callback(fn, context, in: object.runtime)
    let events = Events(object)
    try emitting(bytes(event, "event"), args, options) { (message, isVolatile) throws(SocketError) in
        // The release belongs to the callback before anything can call it: the end may come at once.
        callback.keep(release)
        do throws(SocketError) {
            try (isVolatile ? broadcast.volatile : broadcast).emit(
                message, timeout: timeout_ms > 0 ? Int64(timeout_ms) : nil,
                reply: { socket, outcome in events.deliver(outcome, of: socket, to: callback) },
                completion: { outcome in events.deliver(outcome, to: callback) })
        } catch {
            callback.keep(nil)
            throw error
        }
    }
}

@c @implementation
public func sio_server_emit_with_ack(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ target: UnsafePointer<sio_target>?,
    _ event: UnsafePointer<CChar>?, _ args: sio_text, _ options: UnsafePointer<sio_emit_options>?,
    _ timeout_ms: UInt32, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.server(server)
        try emit(
            existing(server, nsp).everyone.to(target), of: object, event, args, options, timeout_ms, fn, context,
            release)
    }
}

@c @implementation
public func sio_broadcast_with_ack(
    _ socket: sio_socket, _ target: UnsafePointer<sio_target>?, _ event: UnsafePointer<CChar>?, _ args: sio_text,
    _ options: UnsafePointer<sio_emit_options>?, _ timeout_ms: UInt32, _ fn: sio_event_fn?,
    _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    boundary { () throws(Failure) in
        let socket = try SocketIOCAPI.socket(socket)
        guard !socket.isDisconnected else { throw .handle("socket") }
        try emit(
            socket.broadcast.aimed(at: sio_target.read(target, "target")), of: ServerObject.of(socket), event, args,
            options, timeout_ms, fn, context, release)
    }
}

@c @implementation
public func sio_server_sockets_join(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ target: UnsafePointer<sio_target>?,
    _ room: UnsafePointer<CChar>?
) -> sio_status {
    boundary { () throws(Failure) in
        let whom = try existing(server, nsp).everyone.to(target)
        let room = try string(room, "room")
        try translating { () throws(SocketError) in try whom.socketsJoin(room) }
    }
}

@c @implementation
public func sio_server_sockets_leave(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ target: UnsafePointer<sio_target>?,
    _ room: UnsafePointer<CChar>?
) -> sio_status {
    boundary { () throws(Failure) in
        try existing(server, nsp).everyone.to(target).socketsLeave(string(room, "room"))
    }
}

@c @implementation
public func sio_server_fetch_sockets(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ target: UnsafePointer<sio_target>?,
    _ out_sockets: UnsafeMutablePointer<UnsafeMutablePointer<sio_socket>?>?, _ out_count: UnsafeMutablePointer<Int>?
) -> sio_status {
    boundary { () throws(Failure) in
        try give(existing(server, nsp).everyone.to(target).fetchSockets(), to: out_sockets, out_count)
    }
}
