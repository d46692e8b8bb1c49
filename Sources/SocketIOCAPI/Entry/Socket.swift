import CSocketIO
import SocketIOClient
import SocketIOHandlers
import SocketIOServer

// socketio/socket.h

func socket(_ handle: sio_socket) throws(Failure) -> ServerSocket {
    guard let socket = SocketLoop.socket(Handle(rawValue: handle.id)) else { throw .handle("socket") }
    return socket
}

// MARK: Emitting

@c @implementation
public func sio_emit(
    _ socket: sio_socket, _ event: UnsafePointer<CChar>?, _ args: sio_text,
    _ options: UnsafePointer<sio_emit_options>?
) -> sio_status {
    boundary { () throws(Failure) in
        let socket = try SocketIOCAPI.socket(socket)
        try emitting(bytes(event, "event"), args, options) { (message, isVolatile) throws(SocketError) in
            try socket.emit(message, isVolatile: isVolatile)
        }
    }
}

@c @implementation
public func sio_emit_with_ack(
    _ socket: sio_socket, _ event: UnsafePointer<CChar>?, _ args: sio_text,
    _ options: UnsafePointer<sio_emit_options>?, _ timeout_ms: UInt32, _ fn: sio_event_fn?,
    _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    boundary { () throws(Failure) in
        let socket = try SocketIOCAPI.socket(socket)
        let object = try ServerObject.of(socket)
        let callback = try callback(fn, context, in: object.runtime)
        let events = Events(object)
        try emitting(bytes(event, "event"), args, options) { (message, isVolatile) throws(SocketError) in
            // The release belongs to the callback before anything can call it: the ack may end at once.
            callback.keep(release)
            do throws(SocketError) {
                try socket.emit(message, isVolatile: isVolatile, timeout: timeout_ms > 0 ? Int64(timeout_ms) : nil) {
                    socket, outcome in events.deliver(outcome, of: socket, to: callback)
                }
            } catch {
                callback.keep(nil)
                throw error
            }
        }
    }
}

extension ServerObject {
    /// The server that a socket belongs to.
    static func of(_ socket: ServerSocket) throws(Failure) -> ServerObject {
        guard let object = socket.namespace.owner as? ServerObject else { throw .handle("socket") }
        return object
    }
}

@c @implementation
public func sio_reply(
    _ ack: sio_ack, _ args: sio_text, _ options: UnsafePointer<sio_emit_options>?
) -> sio_status {
    boundary { () throws(Failure) in
        let handle = Handle(rawValue: ack.id)
        try emitting(UnsafeRawBufferPointer(start: nil, count: 0), args, options) {
            (message, _) throws(SocketError) in
            if handle.kind == .clientReply {
                try ClientAcknowledgement(handle: handle).reply(message)
            } else {
                try Acknowledgement(handle: handle).reply(message)
            }
        }
    }
}

@c @implementation
public func sio_broadcast(
    _ socket: sio_socket, _ target: UnsafePointer<sio_target>?, _ event: UnsafePointer<CChar>?, _ args: sio_text,
    _ options: UnsafePointer<sio_emit_options>?
) -> sio_status {
    boundary { () throws(Failure) in
        let socket = try SocketIOCAPI.socket(socket)
        guard !socket.isDisconnected else { throw .handle("socket") }
        let broadcast = try socket.broadcast.aimed(at: sio_target.read(target, "target"))
        try emitting(bytes(event, "event"), args, options) { (message, isVolatile) throws(SocketError) in
            try (isVolatile ? broadcast.volatile : broadcast).emit(message)
        }
    }
}

// MARK: Handlers

/// Registers a function for a socket; `body` tells what for.
func register(
    _ socket: sio_socket, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?,
    _ body: (ServerSocket, Callback, Events) throws(Failure) -> Void
) -> sio_status {
    boundary { () throws(Failure) in
        let socket = try SocketIOCAPI.socket(socket)
        let object = try ServerObject.of(socket)
        let callback = try callback(fn, context, in: object.runtime)
        guard !socket.isDisconnected else { throw .handle("socket") }
        callback.keep(release)
        do throws(Failure) {
            try body(socket, callback, Events(object))
        } catch {
            callback.keep(nil)
            throw error
        }
    }
}

/// The same for what only the library can refuse.
func listen(
    _ socket: sio_socket, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?,
    _ body: (ServerSocket, Registration, Callback, Events) throws(SocketError) -> Registration
) -> sio_status {
    register(socket, fn, context, release) { (socket, callback, events) throws(Failure) in
        _ = try translating { () throws(SocketError) in
            try body(socket, Registration(origin: callback), callback, events)
        }
    }
}

@c @implementation
public func sio_socket_on(
    _ socket: sio_socket, _ event: UnsafePointer<CChar>?, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?,
    _ release: sio_release_fn?
) -> sio_status {
    register(socket, fn, context, release) { (socket, callback, events) throws(Failure) in
        let name = try string(event, "event")
        _ = try translating { () throws(SocketError) in
            try socket.on(name, as: Registration(origin: callback)) { events.deliver(message: $0, to: callback) }
        }
    }
}

@c @implementation
public func sio_socket_on_any(
    _ socket: sio_socket, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    listen(socket, fn, context, release) { (socket, registration, callback, events) throws(SocketError) in
        try socket.onAny(as: registration) { events.deliver(message: $0, to: callback) }
    }
}

@c @implementation
public func sio_socket_on_disconnect(
    _ socket: sio_socket, _ fn: sio_event_fn?, _ context: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    listen(socket, fn, context, release) { (socket, registration, callback, events) throws(SocketError) in
        try socket.onDisconnect(as: registration) {
            events.deliver(disconnect: $0, $1, $2, to: callback)
        }
    }
}

// MARK: Rooms

@c @implementation
public func sio_socket_join(_ socket: sio_socket, _ room: UnsafePointer<CChar>?) -> sio_status {
    boundary { () throws(Failure) in
        let socket = try SocketIOCAPI.socket(socket)
        let room = try string(room, "room")
        try translating { () throws(SocketError) in try socket.join(room) }
    }
}

@c @implementation
public func sio_socket_leave(_ socket: sio_socket, _ room: UnsafePointer<CChar>?) -> sio_status {
    boundary { () throws(Failure) in
        let socket = try SocketIOCAPI.socket(socket)
        let room = try string(room, "room")
        try translating { () throws(SocketError) in try socket.leave(room) }
    }
}

@c @implementation
public func sio_socket_rooms(
    _ socket: sio_socket, _ out_rooms: UnsafeMutablePointer<UnsafeMutablePointer<sio_text>?>?,
    _ out_count: UnsafeMutablePointer<Int>?
) -> sio_status {
    boundary { () throws(Failure) in
        let socket = try SocketIOCAPI.socket(socket)
        guard !socket.isDisconnected else { throw .handle("socket") }
        try give(socket.rooms, to: out_rooms, out_count, "out_rooms")
    }
}

/// Gives out an array of texts.
func give(
    _ texts: [String], to out_texts: UnsafeMutablePointer<UnsafeMutablePointer<sio_text>?>?,
    _ out_count: UnsafeMutablePointer<Int>?, _ name: StaticString
) throws(Failure) {
    guard let out_texts else { throw .null(name) }
    guard let out_count else { throw .null("out_count") }
    guard !texts.isEmpty else {
        out_texts.pointee = nil
        out_count.pointee = 0
        return
    }
    var memory = try OwnedMemory(
        fixed: texts.count &* MemoryLayout<sio_text>.stride, variable: OwnedMemory.size(of: texts))
    let array = memory.start.bindMemory(to: sio_text.self, capacity: texts.count)
    for (index, text) in texts.enumerated() { array[index] = memory.add(text) }
    out_texts.pointee = array
    out_count.pointee = texts.count
}

// MARK: Disconnecting

@c @implementation
public func sio_socket_disconnect(_ socket: sio_socket, _ close: Int32) -> sio_status {
    boundary { () throws(Failure) in
        let socket = try SocketIOCAPI.socket(socket)
        try translating { () throws(SocketError) in try socket.disconnect(close: close != 0) }
    }
}

// MARK: What it is

/// A pointer of the application's, released with its last use.
private final class UserData: @unchecked Sendable {
    // SAFETY: constants; what the pointer points to is the application's to protect.
    let pointer: UnsafeMutableRawPointer?
    private let release: sio_release_fn?

    init(_ pointer: UnsafeMutableRawPointer?, _ release: sio_release_fn?) {
        self.pointer = pointer
        self.release = release
    }

    deinit {
        guard let release else { return }
        CallbackDepth.inside { release(pointer) }
    }
}

@c @implementation
public func sio_socket_set_data(
    _ socket: sio_socket, _ data: UnsafeMutableRawPointer?, _ release: sio_release_fn?
) -> sio_status {
    boundary { () throws(Failure) in
        let socket = try SocketIOCAPI.socket(socket)
        guard !socket.isDisconnected else { throw .handle("socket") }
        socket.data = UserData(data, release)
    }
}

@c @implementation
public func sio_socket_data(
    _ socket: sio_socket, _ out_data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_data else { throw .null("out_data") }
        out_data.pointee = (try SocketIOCAPI.socket(socket).data as? UserData)?.pointer
    }
}

@c @implementation
public func sio_socket_id(
    _ socket: sio_socket, _ out_id: UnsafeMutablePointer<sio_socket_id_text>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_id else { throw .null("out_id") }
        let socket = try SocketIOCAPI.socket(socket)
        var id = sio_socket_id_text()
        // The names of namespaces are so short that it fits, with a NUL behind it.
        withUnsafeMutableBytes(of: &id) { $0.dropLast().copyBytes(from: socket.id.utf8) }
        out_id.pointee = id
    }
}

@c @implementation
public func sio_socket_handshake(
    _ socket: sio_socket, _ out_handshake: UnsafeMutablePointer<UnsafePointer<sio_handshake>?>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_handshake else { throw .null("out_handshake") }
        let socket = try SocketIOCAPI.socket(socket)
        let handshake = socket.handshake
        let headers = handshake.headers
        let certificate = handshake.clientCertificate
        let url = handshake.url
        let query = url.firstIndex(of: "?").map { String(url[url.index(after: $0)...]) } ?? ""
        let texts = [socket.namespace.name, handshake.auth, handshake.address, url, query]
        let headerOffset = MemoryLayout<sio_handshake>.stride
        var memory = try OwnedMemory(
            fixed: headerOffset &+ headers.count &* MemoryLayout<sio_header>.stride,
            variable: OwnedMemory.size(of: texts + headers.flatMap { [$0.name, $0.value] }) &+ certificate.count)
        let fields = (memory.start + headerOffset).bindMemory(to: sio_header.self, capacity: headers.count)
        for (index, header) in headers.enumerated() {
            fields[index] = sio_header(name: memory.add(header.name), value: memory.add(header.value))
        }
        var result = sio_handshake()
        result.struct_size = MemoryLayout<sio_handshake>.size
        result.nsp = memory.add(socket.namespace.name)
        result.auth = memory.add(handshake.auth)
        result.address = memory.add(handshake.address)
        result.port = Int32(truncatingIfNeeded: handshake.port)
        result.secure = handshake.isSecure ? 1 : 0
        result.xdomain = handshake.isCrossDomain ? 1 : 0
        result.revision = Int32(truncatingIfNeeded: handshake.revision)
        result.issued_ms = handshake.issued
        result.url = memory.add(url)
        result.query = memory.add(query)
        result.headers = headers.isEmpty ? nil : UnsafePointer(fields)
        result.header_count = headers.count
        result.client_certificate = memory.add(certificate)
        let place = memory.start.bindMemory(to: sio_handshake.self, capacity: 1)
        place.initialize(to: result)
        out_handshake.pointee = UnsafePointer(place)
    }
}

@c @implementation
public func sio_socket_transport(
    _ socket: sio_socket, _ out_transport: UnsafeMutablePointer<Int32>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_transport else { throw .null("out_transport") }
        let transport = try SocketIOCAPI.socket(socket).transport
        out_transport.pointee = Int32(transport == .webSocket ? SIO_TRANSPORT_WEBSOCKET : SIO_TRANSPORT_POLLING)
    }
}

@c @implementation
public func sio_socket_recovered(
    _ socket: sio_socket, _ out_recovered: UnsafeMutablePointer<Int32>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_recovered else { throw .null("out_recovered") }
        out_recovered.pointee = try SocketIOCAPI.socket(socket).recovered ? 1 : 0
    }
}

@c @implementation
public func sio_socket_buffered(
    _ socket: sio_socket, _ out_bytes: UnsafeMutablePointer<UInt64>?, _ out_packets: UnsafeMutablePointer<UInt64>?
) -> sio_status {
    boundary { () throws(Failure) in
        let buffered = try SocketIOCAPI.socket(socket).buffered
        out_bytes?.pointee = UInt64(clamping: buffered.bytes)
        out_packets?.pointee = UInt64(clamping: buffered.packets)
    }
}

@c @implementation
public func sio_socket_writable(
    _ socket: sio_socket, _ out_writable: UnsafeMutablePointer<Int32>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_writable else { throw .null("out_writable") }
        out_writable.pointee = try SocketIOCAPI.socket(socket).isWritable ? 1 : 0
    }
}
