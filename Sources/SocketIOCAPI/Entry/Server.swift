import CSocketIO
import Glibc
import SocketIOHandlers
import SocketIOServer
import SocketIOTransport

// socketio/server.h

// MARK: Life

@c @implementation
public func sio_server_new(
    _ options: UnsafePointer<sio_server_options>?, _ out_server: UnsafeMutablePointer<sio_server>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_server else { throw .null("out_server") }
        let options = try sio_server_options.read(options, "options")
        let runtime = try Registry.runtime(options.runtime.id == 0 ? Registry.defaultRuntime() : options.runtime)
        let swiftOptions = try ServerOptions(options)
        let server = try translating { () throws(SocketError) in
            try SocketServer(swiftOptions, runtime: runtime.engine, logger: runtime.log)
        }
        let object = ServerObject(server: server, runtime: runtime)
        guard runtime.adopt(object) else { throw .handle("runtime") }
        do throws(Failure) {
            out_server.pointee = try Registry.add(object)
        } catch {
            runtime.forget(object)
            throw error
        }
    }
}

@c @implementation
public func sio_server_close(_ server: sio_server) -> sio_status {
    boundary { () throws(Failure) in try Registry.server(server).server.close() }
}

@c @implementation
public func sio_server_drain(_ server: sio_server, _ spread_ms: UInt32) -> sio_status {
    boundary { () throws(Failure) in
        try Registry.server(server).server.drain(over: .milliseconds(Int64(spread_ms)))
    }
}

@c @implementation
public func sio_server_wait(_ server: sio_server) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.server(server)
        try CallbackDepth.refuseWaiting()
        object.runtime.engine.uncork()
        object.server.wait()
    }
}

@c @implementation
public func sio_server_destroy(_ server: sio_server) -> sio_status {
    boundary { () throws(Failure) in
        _ = try Registry.server(server)
        try CallbackDepth.refuseWaiting()
        let object = try Registry.remove(server)
        object.runtime.engine.uncork()
        object.server.close()
        object.server.wait()
        object.server.removeHandlers()
        if let queue = object.runtime.queue {
            for ack in queue.discard(of: server.id) { ack.deliver() }
        }
        object.runtime.forget(object)
    }
}

// MARK: Handlers

@c @implementation
public func sio_server_namespace(_ server: sio_server, _ nsp: UnsafePointer<CChar>?) -> sio_status {
    boundary { () throws(Failure) in _ = try namespace(server, nsp) }
}

/// The namespace, made if it does not exist, with its server.
func namespace(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?
) throws(Failure) -> (ServerObject, Namespace) {
    let object = try Registry.server(server)
    let name = try string(nsp, "nsp")
    return (object, try translating { () throws(SocketError) in try object.server.of(name) })
}

/// Registers a function in a namespace; `body` tells what for.
func register(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?, _ body: (Namespace, Callback, Events) throws(Failure) -> Void
) -> sio_status {
    boundary { () throws(Failure) in
        let (object, namespace) = try namespace(server, nsp)
        let callback = try callback(fn, context, in: object.runtime)
        callback.keep(release)
        do throws(Failure) {
            try body(namespace, callback, Events(object))
        } catch {
            callback.keep(nil)
            throw error
        }
    }
}

@c @implementation
public func sio_server_on(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?, _ fn: sio_event_fn?,
    _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    register(server, nsp, fn, context, release) { (namespace, callback, events) throws(Failure) in
        let name = try string(event, "event")
        _ = try translating { () throws(SocketError) in
            try namespace.on(name, as: Registration(origin: callback)) { event in
                events.deliver(message: event, to: callback)
            }
        }
    }
}

@c @implementation
public func sio_server_on_any(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    register(server, nsp, fn, context, release) { namespace, callback, events in
        namespace.onAny(as: Registration(origin: callback)) { event in events.deliver(message: event, to: callback) }
    }
}

@c @implementation
public func sio_server_on_connection(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    register(server, nsp, fn, context, release) { namespace, callback, events in
        namespace.onConnection(as: Registration(origin: callback)) { socket in
            events.deliver(connection: socket, to: callback)
        }
    }
}

@c @implementation
public func sio_server_on_disconnect(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    register(server, nsp, fn, context, release) { namespace, callback, events in
        namespace.onDisconnect(as: Registration(origin: callback)) { socket, reason, details in
            events.deliver(disconnect: socket, reason, details, to: callback)
        }
    }
}

@c @implementation
public func sio_server_use(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    register(server, nsp, fn, context, release) { namespace, callback, events in
        namespace.use { request in events.deliver(request: request, to: callback) }
    }
}

@c @implementation
public func sio_server_on_close(
    _ server: sio_server, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.server(server)
        let callback = try callback(fn, context, in: object.runtime)
        let events = Events(object)
        callback.keep(release)
        object.server.onClose { events.deliverClosed(to: callback) }
    }
}

// MARK: Broadcasting

/// A namespace that must exist.
func existing(_ server: sio_server, _ nsp: UnsafePointer<CChar>?) throws(Failure) -> Namespace {
    let object = try Registry.server(server)
    let name = try string(nsp, "nsp")
    guard let namespace = object.server.existing(name) else {
        throw Failure(
            SIO_E_ARGUMENT,
            "There is no namespace \"\(name)\": register a handler in it, or name it with sio_server_namespace.")
    }
    return namespace
}

extension BroadcastOperator {
    /// With the rooms that a target names.
    func aimed(at target: sio_target) throws(Failure) -> BroadcastOperator {
        var broadcast = self
        for room in try strings(target.rooms, target.room_count, "rooms") { broadcast = broadcast.to(room) }
        for room in try strings(target.except, target.except_count, "except") { broadcast = broadcast.except(room) }
        return broadcast
    }

    /// With all that a target says.
    func to(_ target: UnsafePointer<sio_target>?) throws(Failure) -> BroadcastOperator {
        let target = try sio_target.read(target, "target")
        let aimed = try aimed(at: target)
        guard target.except_socket.id != 0 else { return aimed }
        // A socket that is gone gets nothing anyway.
        return aimed.except(SocketLoop.socket(Handle(rawValue: target.except_socket.id)))
    }
}

/// Calls `body` with what the caller emits.
func emitting(
    _ event: UnsafeRawBufferPointer, _ args: sio_text, _ options: UnsafePointer<sio_emit_options>?,
    _ body: (borrowing EventMessage, _ isVolatile: Bool) throws(SocketError) -> Void
) throws(Failure) {
    let args = try args.bytes("args")
    guard options != nil else {
        return try translating { () throws(SocketError) in try body(EventMessage(name: event, args: args), false) }
    }
    let options = try sio_emit_options.read(options, "options")
    guard Int(options.flags) & ~(SIO_EMIT_VOLATILE | SIO_EMIT_LOCAL | SIO_EMIT_NO_COMPRESS) == 0 else {
        throw Failure(SIO_E_ARGUMENT, "flags has bits that this version does not know.")
    }
    let attachments = try elements(options.attachments, options.attachment_count, "attachments")
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    let key = options.coalesce_key == nil ? none : try bytes(options.coalesce_key, "coalesce_key")
    let overflow = try OverflowPolicy(options.overflow)
    try borrowing(attachments) { (attachments) throws(Failure) in
        try translating { () throws(SocketError) in
            try body(
                EventMessage(
                    name: event, args: args, attachments: attachments,
                    compresses: Int(options.flags) & SIO_EMIT_NO_COMPRESS == 0, coalesceKey: key, overflow: overflow),
                Int(options.flags) & SIO_EMIT_VOLATILE != 0)
        }
    }
}

/// Lends the caller's attachments in the form that the layers below have.
@inline(__always)
private func borrowing(
    _ attachments: UnsafeBufferPointer<sio_bytes>, _ body: (Events.Attachments) throws(Failure) -> Void
) throws(Failure) {
    // Nearly no message has any.
    guard !attachments.isEmpty else { return try body(Events.Attachments(start: nil, count: 0)) }
    try withUnsafeTemporaryAllocation(of: UnsafeRawBufferPointer.self, capacity: attachments.count) {
        (pieces) throws(Failure) in
        for index in attachments.indices {
            pieces.initializeElement(at: index, to: try attachments[index].bytes("attachments"))
        }
        try body(Events.Attachments(pieces))
    }
}

@c @implementation
public func sio_server_emit(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ target: UnsafePointer<sio_target>?,
    _ event: UnsafePointer<CChar>?, _ args: sio_text, _ options: UnsafePointer<sio_emit_options>?
) -> sio_status {
    boundary { () throws(Failure) in
        let broadcast = try existing(server, nsp).everyone.to(target)
        try emitting(bytes(event, "event"), args, options) { (message, isVolatile) throws(SocketError) in
            try (isVolatile ? broadcast.volatile : broadcast).emit(message)
        }
    }
}

@c @implementation
public func sio_server_close_room(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ room: UnsafePointer<CChar>?
) -> sio_status {
    boundary { () throws(Failure) in try existing(server, nsp).closeRoom(string(room, "room")) }
}

@c @implementation
public func sio_server_disconnect(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ target: UnsafePointer<sio_target>?, _ close: Int32
) -> sio_status {
    boundary { () throws(Failure) in
        try existing(server, nsp).everyone.to(target).disconnectSockets(close: close != 0)
    }
}

// MARK: Looking

@c @implementation
public func sio_server_sockets(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ room: UnsafePointer<CChar>?,
    _ out_sockets: UnsafeMutablePointer<UnsafeMutablePointer<sio_socket>?>?,
    _ out_count: UnsafeMutablePointer<Int>?
) -> sio_status {
    boundary { () throws(Failure) in
        let namespace = try existing(server, nsp)
        let broadcast = room == nil ? namespace.everyone : namespace.to(try string(room, "room"))
        try give(broadcast.fetchSockets(), to: out_sockets, out_count)
    }
}

/// Gives out an array of sockets.
func give(
    _ sockets: [ServerSocket], to out_sockets: UnsafeMutablePointer<UnsafeMutablePointer<sio_socket>?>?,
    _ out_count: UnsafeMutablePointer<Int>?
) throws(Failure) {
    guard let out_sockets else { throw .null("out_sockets") }
    guard let out_count else { throw .null("out_count") }
    guard !sockets.isEmpty else {
        out_sockets.pointee = nil
        out_count.pointee = 0
        return
    }
    let memory = try OwnedMemory(fixed: sockets.count &* MemoryLayout<sio_socket>.stride, variable: 0)
    let array = memory.start.bindMemory(to: sio_socket.self, capacity: sockets.count)
    for (index, socket) in sockets.enumerated() { array[index] = sio_socket(id: socket.rawHandle) }
    out_sockets.pointee = array
    out_count.pointee = sockets.count
}

@c @implementation
public func sio_server_socket(
    _ server: sio_server, _ nsp: UnsafePointer<CChar>?, _ id: UnsafePointer<CChar>?,
    _ out_socket: UnsafeMutablePointer<sio_socket>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_socket else { throw .null("out_socket") }
        let namespace = try existing(server, nsp)
        guard let socket = namespace.socket(try string(id, "id")) else {
            throw Failure(SIO_E_HANDLE, "No socket of the namespace has this id.")
        }
        out_socket.pointee = sio_socket(id: socket.rawHandle)
    }
}

@c @implementation
public func sio_server_counts(
    _ server: sio_server, _ size: Int, _ out_counts: UnsafeMutablePointer<sio_counts>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_counts else { throw .null("out_counts") }
        try checkSize(size, "sio_counts")
        let object = try Registry.server(server)
        let live = object.server.counts
        var counts = sio_counts()
        counts.connections = UInt64(clamping: live.connections)
        counts.sessions = UInt64(clamping: live.sessions)
        counts.sockets = UInt64(clamping: live.sockets)
        counts.room_entries = UInt64(clamping: live.roomEntries)
        counts.pending_acks = UInt64(clamping: live.pendingAcks)
        counts.pending_replies = UInt64(clamping: live.pendingReplies)
        counts.buffered_bytes = UInt64(clamping: live.bufferedBytes)
        counts.queued_events = UInt64(clamping: object.queuedEvents)
        counts.polling_sessions = UInt64(clamping: live.pollingSessions)
        counts.websocket_sessions = UInt64(clamping: live.webSocketSessions)
        counts.revision3_sessions = UInt64(clamping: live.revision3Sessions)
        give(counts, to: out_counts, size)
    }
}
