import CSocketIO
import Glibc
import SocketIOServer
import SocketIOTransport

// socketio/runtime.h

@c @implementation
public func sio_runtime_new(
    _ options: UnsafePointer<sio_runtime_options>?, _ out_runtime: UnsafeMutablePointer<sio_runtime>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_runtime else { throw .null("out_runtime") }
        let options = try sio_runtime_options.read(options, "options")
        guard options.threads <= 64 else { throw Failure(SIO_E_LIMIT, "A runtime has at most 64 threads.") }
        let isQueued: Bool
        switch Int(options.dispatch) {
        case SIO_DISPATCH_INLINE: isQueued = false
        case SIO_DISPATCH_QUEUED: isQueued = true
        default: throw Failure(SIO_E_ARGUMENT, "dispatch is neither SIO_DISPATCH_INLINE nor SIO_DISPATCH_QUEUED.")
        }
        let capacity = options.queue_capacity == 0 ? 8192 : Int(options.queue_capacity)
        let bytes = options.queue_bytes == 0 ? 64 * 1024 * 1024 : Int(options.queue_bytes)
        let runtime = try RuntimeObject(
            threads: options.threads == 0 ? Registry.coreCount : Int(options.threads),
            queueCapacity: isQueued ? capacity : nil, queueBytes: bytes)
        out_runtime.pointee = try Registry.add(runtime)
    }
}

@c @implementation
public func sio_runtime_default(_ out_runtime: UnsafeMutablePointer<sio_runtime>?) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_runtime else { throw .null("out_runtime") }
        out_runtime.pointee = try Registry.defaultRuntime()
    }
}

private func queue(of runtime: sio_runtime) throws(Failure) -> EventQueue {
    guard let queue = try Registry.runtime(runtime).queue else {
        throw Failure(
            SIO_E_STATE, "The runtime is inline, it has no queue: make one with dispatch = SIO_DISPATCH_QUEUED.")
    }
    return queue
}

@c @implementation
public func sio_runtime_fd(_ runtime: sio_runtime, _ out_fd: UnsafeMutablePointer<CInt>?) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_fd else { throw .null("out_fd") }
        out_fd.pointee = try queue(of: runtime).descriptor
    }
}

@c @implementation
public func sio_runtime_dispatch(
    _ runtime: sio_runtime, _ max_events: Int, _ timeout_ms: Int32, _ out_count: UnsafeMutablePointer<Int>?
) -> sio_status {
    boundary { () throws(Failure) in
        let queue = try queue(of: runtime)
        // All that wait now, not those that their handlers cause: a program gets to its other work.
        let limit = max_events > 0 ? max_events : max(1, queue.count)
        var count = 0
        while count < limit, let record = queue.pop(timeout: count == 0 ? timeout_ms : 0) {
            HeldEvent.set(nil)
            record.deliver()
            count += 1
        }
        out_count?.pointee = count
    }
}

@c @implementation
public func sio_runtime_next(
    _ runtime: sio_runtime, _ timeout_ms: Int32, _ out_event: UnsafeMutablePointer<UnsafePointer<sio_event>?>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_event else { throw .null("out_event") }
        let record = try queue(of: runtime).pop(timeout: timeout_ms)
        HeldEvent.set(record)
        out_event.pointee = record.map { UnsafePointer($0.event) }
    }
}

@c @implementation
public func sio_runtime_wake(_ runtime: sio_runtime) -> sio_status {
    boundary { () throws(Failure) in try queue(of: runtime).wake() }
}

@c @implementation
public func sio_runtime_cork(_ runtime: sio_runtime) -> sio_status {
    boundary { () throws(Failure) in try Registry.runtime(runtime).engine.cork() }
}

@c @implementation
public func sio_runtime_uncork(_ runtime: sio_runtime) -> sio_status {
    boundary { () throws(Failure) in try Registry.runtime(runtime).engine.uncork() }
}

/// The event that a thread took last with `sio_runtime_next`, and borrows until it takes another.
private enum HeldEvent {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key) { pointer in
            if let pointer { Unmanaged<EventRecord>.fromOpaque(pointer).release() }
        }
        return key
    }()

    static func set(_ record: EventRecord?) {
        let old = pthread_getspecific(key)
        guard old != nil || record != nil else { return }
        pthread_setspecific(key, record.map { UnsafeRawPointer(Unmanaged.passRetained($0).toOpaque()) })
        if let old { Unmanaged<EventRecord>.fromOpaque(old).release() }
    }
}

@c @implementation
public func sio_runtime_on_log(
    _ runtime: sio_runtime, _ level: Int32, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    boundary { () throws(Failure) in
        let runtime = try Registry.runtime(runtime)
        guard level != 0 else {
            guard fn == nil else { throw Failure(SIO_E_ARGUMENT, "level 0 turns the log off: fn has to be NULL.") }
            return runtime.log.set(nil, nil)
        }
        guard let level = LogLevel(rawValue: Int(level)) else {
            throw Failure(SIO_E_ARGUMENT, "level is not one of SIO_LOG_ERROR to SIO_LOG_DEBUG.")
        }
        let callback = try callback(fn, context, in: runtime)
        callback.keep(release)
        runtime.log.set(level) { [weak runtime] level, text in
            guard let runtime else { return }
            deliver(logLine: text, level, to: callback, in: runtime)
        }
    }
}

private func deliver(logLine text: String, _ level: LogLevel, to callback: Callback, in runtime: RuntimeObject) {
    func event(_ text: String, _ body: (sio_event) -> Void) {
        var text = text
        text.append("\0")
        text.withUTF8 { bytes in
            var event = sio_event()
            event.kind = Int32(SIO_EVENT_LOG)
            event.level = Int32(level.rawValue)
            event.reason = sio_text(
                borrowing: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes).dropLast()))
            event.struct_size = MemoryLayout<sio_event>.size
            event.context = callback.context
            body(event)
        }
    }
    guard let queue = runtime.queue else { return event(text) { runtime.deliver($0, to: callback) } }
    queue.pushIfRoom { dropped in
        var record: EventRecord?
        event(dropped > 0 ? "\(text) (\(dropped) lines before it were dropped.)" : text) {
            record = EventRecord(copying: $0, to: callback, holding: [])
        }
        return record ?? EventRecord(copying: sio_event(), to: callback, holding: [])
    }
}

/// The callback of a registration.
func callback(
    _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, in runtime: RuntimeObject
) throws(Failure) -> Callback {
    guard fn != nil || runtime.queue != nil else {
        throw Failure(
            SIO_E_ARGUMENT, "fn is NULL: only a queued runtime, whose events are taken as values, needs none.")
    }
    return Callback(fn, context)
}

@c @implementation
public func sio_runtime_destroy(_ runtime: sio_runtime) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.runtime(runtime)
        guard !Registry.isDefault(runtime) else {
            throw Failure(SIO_E_STATE, "The default runtime lives as long as the process: destroy its servers instead.")
        }
        try CallbackDepth.refuseWaiting()
        object.engine.uncork()
        try Registry.remove(runtime)
        let (servers, clients) = object.end()
        for client in clients {
            _ = sio_client_destroy(client.handle)
            // Another thread may be destroying it.
            client.wait()
        }
        for server in servers {
            _ = sio_server_destroy(server.handle)
            server.server.wait()
        }
        object.log.set(nil, nil)
        object.engine.stop()
        object.queue?.close()
    }
}
