import CSocketIO
import SocketIOClient
import SocketIOTransport

// socketio/client.h

// MARK: Life

@c @implementation
public func sio_client_new(
    _ options: UnsafePointer<sio_client_options>?, _ out_client: UnsafeMutablePointer<sio_client>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_client else { throw .null("out_client") }
        guard options != nil else { throw .null("options") }
        let options = try sio_client_options.read(options, "options")
        let clientOptions = try ClientOptions(options)
        let runtime = try Registry.runtime(options.runtime.id == 0 ? Registry.defaultRuntime() : options.runtime)
        ForkGuard.arm()
        let manager = try translating { () throws(SocketError) in
            try Manager(clientOptions.url, options: clientOptions.manager, runtime: ClientRuntime(runtime.engine))
        }
        let object = ClientObject(manager, clientOptions, runtime: runtime)
        do throws(Failure) {
            guard runtime.adopt(object) else { throw .handle("runtime") }
            out_client.pointee = try Registry.add(object)
        } catch {
            runtime.forget(object)
            manager.abort()
            throw error
        }
    }
}

@c @implementation
public func sio_client_connect(_ client: sio_client, _ nsp: UnsafePointer<CChar>?) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.client(client)
        guard let socket = try object.socket(nsp), !object.manager.isClosing else {
            throw Failure(SIO_E_STATE, "The client is closing, or closed: make a new one.")
        }
        socket.connect()
    }
}

@c @implementation
public func sio_client_disconnect(_ client: sio_client, _ nsp: UnsafePointer<CChar>?) -> sio_status {
    boundary { () throws(Failure) in try Registry.client(client).disconnect(nsp) }
}

@c @implementation
public func sio_client_close(_ client: sio_client) -> sio_status {
    boundary { () throws(Failure) in try Registry.client(client).close() }
}

@c @implementation
public func sio_client_wait(_ client: sio_client) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.client(client)
        try CallbackDepth.refuseWaiting()
        object.runtime.engine.uncork()
        object.wait()
    }
}

@c @implementation
public func sio_client_destroy(_ client: sio_client) -> sio_status {
    boundary { () throws(Failure) in
        _ = try Registry.client(client)
        try CallbackDepth.refuseWaiting()
        let object = try Registry.remove(client)
        object.runtime.engine.uncork()
        object.end()
    }
}

// MARK: What it shows

@c @implementation
public func sio_client_set_auth(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ auth: sio_text
) -> sio_status {
    boundary { () throws(Failure) in
        let auth = try ClientOptions.auth(auth)
        try Registry.client(client).credentials(nsp)?.set(auth)
    }
}

@c @implementation
public func sio_client_on_auth(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.client(client)
        let callback = try callback(fn, context, in: object.runtime)
        let credentials = try object.credentials(nsp)
        callback.keep(release)
        credentials?.set(callback)
    }
}

@c @implementation
public func sio_client_authenticate(_ request: sio_connect_request, _ auth: sio_text) -> sio_status {
    boundary { () throws(Failure) in
        let auth = try ClientOptions.auth(auth)
        guard let request = Registry.take(request) else { throw .handle("request") }
        request.provide(auth)
    }
}

// MARK: Where it connects

@c @implementation
public func sio_client_on_open(
    _ client: sio_client, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.client(client)
        let callback = try callback(fn, context, in: object.runtime)
        callback.keep(release)
        object.setOpening(callback)
    }
}

@c @implementation
public func sio_client_open(
    _ request: sio_connect_request, _ url: UnsafePointer<CChar>?, _ headers: UnsafePointer<sio_header>?,
    _ header_count: Int
) -> sio_status {
    boundary { () throws(Failure) in
        let fields = try headerFields(headers, header_count, "headers")
        var target: String?
        var unixSocket = OpenRequest.Answer.UnixSocket.asItWas
        if url != nil {
            let address = try ClientOptions.address(string(url, "url"))
            target = address.url
            unixSocket = address.unixSocket.map { .path($0) } ?? .unused
        }
        let answer = try translating { () throws(SocketError) in
            try OpenRequest.Answer(url: target, headers: headers == nil ? nil : fields, unixSocket: unixSocket)
        }
        guard let request = Registry.takeOpening(request) else { throw .handle("request") }
        request.open(answer)
    }
}

// MARK: Connecting again

@c @implementation
public func sio_client_set_reconnection(
    _ client: sio_client, _ options: UnsafePointer<sio_client_options>?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.client(client)
        guard options != nil else { throw .null("options") }
        object.manager.setReconnection(ManagerOptions(reconnection: try sio_client_options.read(options, "options")))
    }
}

// MARK: Emitting

@c @implementation
public func sio_client_emit(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?, _ args: sio_text,
    _ options: UnsafePointer<sio_emit_options>?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.client(client)
        let socket = try object.socket(nsp)
        try emitting(bytes(event, "event"), args, options) { (message, isVolatile) throws(SocketError) in
            _ = try ifOpen { () throws(SocketError) in try socket?.emit(message, isVolatile: isVolatile) }
        }
    }
}

@c @implementation
public func sio_client_emit_with_ack(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ event: UnsafePointer<CChar>?, _ args: sio_text,
    _ options: UnsafePointer<sio_emit_options>?, _ timeout_ms: UInt32, _ fn: sio_event_fn?,
    _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.client(client)
        let socket = try object.socket(nsp)
        let callback = try callback(fn, context, in: object.runtime)
        let events = ClientEvents(object)
        try emitting(bytes(event, "event"), args, options) { (message, isVolatile) throws(SocketError) in
            // The release belongs to the callback before anything can call it: the ack may end at once.
            callback.keep(release)
            do throws(SocketError) {
                let wasSent = try ifOpen { () throws(SocketError) in
                    try socket?.emit(
                        message, isVolatile: isVolatile, timeout: timeout_ms > 0 ? Int64(timeout_ms) : nil
                    ) { events.deliver($1, of: $0, to: callback) }
                }
                if !wasSent { events.deliverClosedAck(socket, to: callback) }
            } catch {
                callback.keep(nil)
                throw error
            }
        }
    }
}

/// Whether `body` has done its work: if the client is closed, nothing happens.
private func ifOpen(_ body: () throws(SocketError) -> Void?) throws(SocketError) -> Bool {
    do throws(SocketError) {
        return try body() != nil
    } catch {
        guard error.kind == .closed else { throw error }
        return false
    }
}

// MARK: Looking

@c @implementation
public func sio_client_connection(
    _ client: sio_client, _ nsp: UnsafePointer<CChar>?, _ size: Int,
    _ out_connection: UnsafeMutablePointer<sio_connection>?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.client(client)
        guard let out_connection else { throw .null("out_connection") }
        guard size >= MemoryLayout<Int32>.size, size <= 4096 else {
            throw Failure(SIO_E_ARGUMENT, "size is \(size): pass sizeof(sio_connection).")
        }
        var connection = sio_connection()
        let manager = object.manager
        connection.transport = ClientEvents.number(of: manager.state.transport)
        connection.revision = Int32(clamping: manager.state.revision)
        connection.attempt = UInt32(clamping: manager.state.attempts)
        connection.pending_replies = UInt64(clamping: manager.pendingReplies)
        if nsp != nil, let socket = try object.existingSocket(nsp) {
            connection.active = socket.active ? 1 : 0
            connection.recovered = socket.recovered ? 1 : 0
            connection.recoverable = socket.recoverable ? 1 : 0
            connection.buffered_bytes = UInt64(clamping: socket.bufferedBytes)
            connection.buffered_packets = UInt64(clamping: socket.bufferedEvents)
            connection.pending_acks = UInt64(clamping: socket.pendingAcks)
            connection.dropped_events = UInt64(clamping: socket.droppedEvents)
            if let id = socket.id {
                connection.connected = 1
                withUnsafeMutableBytes(of: &connection.id) { memory in
                    if id.utf8.count < memory.count { memory.copyBytes(from: id.utf8) }
                }
            }
        }
        let out = UnsafeMutableRawBufferPointer(start: out_connection, count: size)
        // A newer program has fields that this version does not know: they are zero.
        out.initializeMemory(as: UInt8.self, repeating: 0)
        withUnsafeBytes(of: connection) { out.copyBytes(from: $0.prefix(size)) }
    }
}
