import CSocketIO
import Glibc
import SocketIOHandlers
import SocketIOServer

/// Turns what happens in a server into events of the C API.
struct Events: Sendable {
    typealias Attachments = UnsafeBufferPointer<UnsafeRawBufferPointer>

    private let runtime: RuntimeObject
    private let server: sio_server

    init(_ object: ServerObject) {
        runtime = object.runtime
        server = object.handle
    }

    private func event(_ kind: Int, _ socket: ServerSocket? = nil) -> sio_event {
        var event = sio_event()
        event.kind = Int32(truncatingIfNeeded: kind)
        event.server = server
        if let socket {
            event.socket = sio_socket(id: socket.rawHandle)
            event.nsp = sio_text(borrowing: socket.namespace.nameText)
        }
        return event
    }

    // MARK: Sockets

    func deliver(message: borrowing SocketEvent, to callback: Callback) {
        var event = event(SIO_EVENT_MESSAGE, message.socket)
        event.ack = sio_ack(id: message.ack?.handle.rawValue ?? 0)
        runtime.deliver(message: &event, message.bytes, to: callback)
    }

    func deliver(connection socket: ServerSocket, to callback: Callback) {
        let event = event(SIO_EVENT_CONNECTION, socket)
        Self.withAuth(of: socket, in: event) { runtime.deliver($0, to: callback) }
    }

    func deliver(disconnect socket: ServerSocket, _ reason: String, _ details: String, to callback: Callback) {
        var event = event(SIO_EVENT_DISCONNECT, socket)
        Self.withText(reason) { reason in
            event.reason = reason
            Self.withText(details) { details in
                event.details = details
                runtime.deliver(event, to: callback, holding: [socket])
            }
        }
    }

    func deliver(upgrade socket: ServerSocket, to callback: Callback) {
        runtime.deliver(event(SIO_EVENT_UPGRADE, socket), to: callback, holding: [socket])
    }

    /// The rooms are in it: behind a queue, the socket has left them when the program hears of it.
    func deliver(disconnecting socket: ServerSocket, _ reason: String, _ details: String, to callback: Callback) {
        var event = event(SIO_EVENT_DISCONNECTING, socket)
        Self.withText(reason) { reason in
            event.reason = reason
            Self.withText(details) { details in
                event.details = details
                Self.withText(socket.roomsText) { rooms in
                    event.args = rooms
                    runtime.deliver(event, to: callback, holding: [socket])
                }
            }
        }
    }

    func deliver(outgoing message: OutgoingEvent, to callback: Callback) {
        let event = event(SIO_EVENT_OUTGOING, message.socket)
        Self.with(message.name, message.args, message.attachments, in: event) { runtime.deliver($0, to: callback) }
    }

    func deliver(room change: RoomEvent, to callback: Callback) {
        var event = event(SIO_EVENT_ROOM, change.socket)
        Self.withText(change.change.name) { name in
            event.name = name
            Self.withText(change.room) { room in
                event.room = room
                runtime.deliver(event, to: callback, holding: [change.socket])
            }
        }
    }

    func deliver(drain socket: ServerSocket, to callback: Callback) {
        runtime.deliver(event(SIO_EVENT_DRAIN, socket), to: callback)
    }

    /// An event that waits for the word of a packet middleware.
    func deliver(packet request: PacketRequest, to callback: Callback) {
        let loop = request.socket.loop
        guard let key = request.socket.hold(request) else {
            _ = try? request.reject(PacketRefusal("Too many events wait to be let through."))
            return
        }
        var event = event(SIO_EVENT_PACKET_REQUEST, request.socket)
        event.request = sio_connect_request(id: Handle(.packetRequest, loop: loop.index, key).rawValue)
        event.ack = sio_ack(id: request.ack?.handle.rawValue ?? 0)
        Self.with(request.name, request.args, request.attachments, in: event) { runtime.deliver($0, to: callback) }
    }

    func deliver(error refusal: PacketRefusal, of socket: ServerSocket, to callback: Callback) {
        var event = event(SIO_EVENT_ERROR, socket)
        Self.withText(refusal.message) { message in
            event.reason = message
            guard let data = refusal.data else { return runtime.deliver(event, to: callback) }
            Self.withText(data) { data in
                event.args = data
                runtime.deliver(event, to: callback)
            }
        }
    }

    func deliver(request: ConnectRequest, to callback: Callback) {
        let socket = request.socket
        let loop = socket.loop
        guard let key = loop.connectRequests.withLock({ $0.insert(request) }) else {
            _ = try? request.reject("The server has too many requests.")
            return
        }
        if let old = socket.connectRequestKey { loop.connectRequests.withLock { _ = $0.remove(old) } }
        socket.connectRequestKey = key
        var event = event(SIO_EVENT_CONNECT_REQUEST, socket)
        event.request = sio_connect_request(id: Handle(.connectRequest, loop: loop.index, key).rawValue)
        Self.withAuth(of: socket, in: event) { runtime.deliver($0, to: callback) }
    }

    func deliver(_ outcome: consuming AckOutcome, of socket: ServerSocket, to callback: Callback) {
        var event = event(SIO_EVENT_ACK, socket)
        switch consume outcome {
        case .success(let reply):
            event.status = sio_status(SIO_OK)
            event.args = sio_text(borrowing: reply.rawArguments)
            Self.withAttachments(reply.rawAttachments, in: event) {
                runtime.deliver($0, to: callback, holding: [socket])
            }
        case .failure(let failure):
            event.status = Self.status(of: failure)
            runtime.deliver(event, to: callback, holding: [socket])
        }
    }

    /// The end of a broadcast that asked for replies.
    func deliver(_ outcome: BroadcastOutcome, to callback: Callback) {
        var event = event(SIO_EVENT_ACKS)
        event.status = Self.status(of: outcome.failure)
        let silent = outcome.silent.map { sio_socket(id: $0.rawHandle) }
        silent.withUnsafeBufferPointer { silent in
            event.sockets = silent.isEmpty ? nil : silent.baseAddress
            event.socket_count = silent.count
            runtime.deliver(event, to: callback, holding: outcome.silent)
        }
    }

    /// The end of an emit to other servers that asked for replies.
    func deliver(_ outcome: ServerSideOutcome, to callback: Callback) {
        var event = event(SIO_EVENT_ACKS)
        event.status = Self.status(of: outcome.failure)
        Self.withText(outcome.replies) { replies in
            event.args = replies
            runtime.deliver(event, to: callback)
        }
    }

    func deliver(serverSide message: ServerSideEvent, to callback: Callback) {
        var event = event(SIO_EVENT_SERVER_SIDE)
        event.nsp = sio_text(borrowing: message.namespace.nameText)
        Self.with(message.name, message.args, message.attachments, in: event) { runtime.deliver($0, to: callback) }
    }

    static func status(of failure: AckFailure?) -> sio_status {
        let status =
            switch failure {
            case nil: SIO_OK
            case .timeout: SIO_E_TIMEOUT
            case .disconnected: SIO_E_DISCONNECTED
            case .closed: SIO_E_CLOSED
            case .limit: SIO_E_LIMIT
            }
        return sio_status(status)
    }

    // MARK: The server

    func deliver(new namespace: Namespace, to callback: Callback) {
        var event = event(SIO_EVENT_NEW_NAMESPACE)
        event.nsp = sio_text(borrowing: namespace.nameText)
        runtime.deliver(event, to: callback)
    }

    /// A namespace that waits to be made, or not.
    func deliver(namespace request: NamespaceRequest, to callback: Callback) {
        let loop = request.loop
        guard let key = loop.namespaceRequests.withLock({ $0.insert(request) }) else {
            _ = try? request.reject()
            return
        }
        request.onAbandon { loop.namespaceRequests.withLock { _ = $0.remove(key) } }
        var event = event(SIO_EVENT_NAMESPACE_REQUEST)
        event.request = sio_connect_request(id: Handle(.namespaceRequest, loop: loop.index, key).rawValue)
        Self.withText(request.name) { name in
            event.nsp = name
            Self.withText(request.auth) { auth in
                event.args = auth
                runtime.deliver(event, to: callback)
            }
        }
    }

    func deliverClosed(to callback: Callback) {
        runtime.deliver(event(SIO_EVENT_SERVER_CLOSED), to: callback)
    }

    /// A request that waits: for its response, or, by its kind, for the word of a hook.
    func deliver(http request: HTTPRequest, as kind: Int = SIO_EVENT_HTTP_REQUEST, to callback: Callback) {
        let loop = request.loop
        guard let key = loop.httpRequests.withLock({ $0.insert(request) }) else {
            _ = try? request.respond(503)
            return
        }
        request.onAbort { loop.httpRequests.withLock { _ = $0.remove(key) } }
        var event = event(kind)
        event.http = sio_http_request(id: Handle(.httpRequest, loop: loop.index, key).rawValue)
        Self.withHead(of: request, in: event) { event in
            request.withBody { body in
                var event = event
                event.body = sio_bytes(borrowing: body)
                runtime.deliver(event, to: callback)
            }
        }
    }

    func deliver(refused error: ConnectionError, to callback: Callback) {
        var event = event(SIO_EVENT_CONNECTION_ERROR)
        event.code = Int32(truncatingIfNeeded: error.code)
        Self.withText(error.message) { message in
            event.reason = message
            Self.withText(error.context) { context in
                event.details = context
                Self.withHead(of: error.request, in: event) { runtime.deliver($0, to: callback) }
            }
        }
    }

    // MARK: Borrowed memory

    private static func withHead(of request: HTTPRequest, in event: sio_event, _ body: (sio_event) -> Void) {
        var event = event
        event.port = Int32(truncatingIfNeeded: request.port)
        event.secure = request.isSecure ? 1 : 0
        // The text of the head in one piece, so that its addresses hold for the call.
        let headers = request.headers
        let parts = [request.method, request.target, request.address] + headers.flatMap { [$0.name, $0.value] }
        var text: [UInt8] = []
        var ends: [Int] = []
        for part in parts {
            text.append(contentsOf: part.utf8)
            ends.append(text.count)
            text.append(0)
        }
        text.withUnsafeBytes { text in
            func part(_ index: Int) -> sio_text {
                let start = index == 0 ? 0 : ends[index - 1] + 1
                return sio_text(borrowing: UnsafeRawBufferPointer(rebasing: text[start..<ends[index]]))
            }
            event.method = part(0)
            event.target = part(1)
            event.address = part(2)
            let fields = headers.indices.map { sio_header(name: part(3 + 2 * $0), value: part(4 + 2 * $0)) }
            fields.withUnsafeBufferPointer { fields in
                event.headers = fields.baseAddress
                event.header_count = fields.count
                body(event)
            }
        }
    }

    /// What the client sent along, and why it could not go on where it was.
    private static func withAuth(of socket: ServerSocket, in event: sio_event, _ body: (sio_event) -> Void) {
        var event = event
        withText(socket.auth) { auth in
            event.args = auth
            guard case .failed(let why) = socket.recoveryOutcome else { return body(event) }
            withText(why) { why in
                event.reason = why
                body(event)
            }
        }
    }

    /// What an event is called, and what it brings.
    static func with(
        _ name: String, _ args: String, _ attachments: [[UInt8]], in event: sio_event, _ body: (sio_event) -> Void
    ) {
        var event = event
        withText(name) { name in
            event.name = name
            withText(args) { args in
                event.args = args
                withAttachments(attachments, in: event, body)
            }
        }
    }

    static func withText(_ text: String, _ body: (sio_text) -> Void) {
        text.withCString { body(sio_text(data: $0, length: strlen($0))) }
    }

    /// Text with a NUL behind it: as it is, if there is one.
    static func withTerminated(_ text: UnsafeRawBufferPointer, _ body: (sio_text) -> Void) {
        // Every message has a writable byte behind it, so that this one can be read.
        if let base = text.baseAddress, base.load(fromByteOffset: text.count, as: UInt8.self) == 0 {
            return body(sio_text(borrowing: text))
        }
        (Array(text) + [0]).withUnsafeBytes {
            body(sio_text(borrowing: UnsafeRawBufferPointer(rebasing: $0.dropLast())))
        }
    }

    static func withAttachments(_ attachments: [[UInt8]], in event: sio_event, _ body: (sio_event) -> Void) {
        withBorrowed(attachments) { pieces in
            pieces.withUnsafeBufferPointer { withAttachments($0, in: event, body) }
        }
    }

    static func withAttachments(_ attachments: Attachments, in event: sio_event, _ body: (sio_event) -> Void) {
        guard !attachments.isEmpty else { return body(event) }
        withUnsafeTemporaryAllocation(of: sio_bytes.self, capacity: attachments.count) { pieces in
            for (index, attachment) in attachments.enumerated() {
                pieces.initializeElement(at: index, to: sio_bytes(borrowing: attachment))
            }
            var event = event
            event.attachments = UnsafePointer(pieces.baseAddress)
            event.attachment_count = pieces.count
            body(event)
        }
    }
}
