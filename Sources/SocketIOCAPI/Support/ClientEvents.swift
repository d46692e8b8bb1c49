import CSocketIO
import SocketIOClient

/// Turns what happens in a client into events of the C API.
struct ClientEvents: Sendable {
    private let runtime: RuntimeObject
    private let client: sio_client

    init(_ object: ClientObject) {
        runtime = object.runtime
        client = object.handle
    }

    private func event(_ kind: Int, _ socket: ClientSocket? = nil) -> sio_event {
        var event = sio_event()
        event.kind = Int32(truncatingIfNeeded: kind)
        event.client = client
        if let socket { event.nsp = sio_text(borrowing: socket.nameText) }
        return event
    }

    // MARK: Namespaces

    func deliver(message: borrowing ClientEvent, to callback: Callback) {
        var event = event(SIO_EVENT_MESSAGE, message.socket)
        event.ack = sio_ack(id: message.ack?.handle.rawValue ?? 0)
        runtime.deliver(message: &event, message.bytes, to: callback)
    }

    func deliver(connect socket: ClientSocket, to callback: Callback) {
        var event = event(SIO_EVENT_CONNECT, socket)
        event.recovered = socket.recovered ? 1 : 0
        event.transport = Self.number(of: socket.manager.transport)
        Events.withText(socket.id ?? "") { id in
            event.id = id
            runtime.deliver(event, to: callback)
        }
    }

    func deliver(connectError failure: ClientFailure, of socket: ClientSocket, to callback: Callback) {
        let event = Self.with(failure, in: event(SIO_EVENT_CONNECT_ERROR, socket))
        deliver(event, reason: failure.message, args: failure.data, to: callback)
    }

    func deliver(disconnect disconnection: Disconnection, of socket: ClientSocket, to callback: Callback) {
        deliver(disconnection, in: event(SIO_EVENT_DISCONNECT, socket), to: callback)
    }

    private func deliver(_ disconnection: Disconnection, in event: sio_event, to callback: Callback) {
        guard let failure = disconnection.details else {
            return deliver(event, reason: disconnection.reason, to: callback)
        }
        var event = Self.with(failure, in: event)
        Events.withText(failure.message) { details in
            event.details = details
            deliver(event, reason: disconnection.reason, to: callback)
        }
    }

    func deliver(outgoing message: ClientOutgoingEvent, of socket: ClientSocket, to callback: Callback) {
        let event = event(SIO_EVENT_OUTGOING, socket)
        Events.with(message.name, message.args, message.attachments, in: event) { runtime.deliver($0, to: callback) }
    }

    func deliver(_ outcome: consuming AckOutcome, of socket: ClientSocket, to callback: Callback) {
        var event = event(SIO_EVENT_ACK, socket)
        switch consume outcome {
        case .success(let reply):
            event.status = sio_status(SIO_OK)
            event.args = sio_text(borrowing: reply.rawArguments)
            Events.withAttachments(reply.rawAttachments, in: event) { runtime.deliver($0, to: callback) }
        case .failure(let failure):
            event.status = Events.status(of: failure)
            runtime.deliver(event, to: callback)
        }
    }

    /// The end of an emit that came after that of the client.
    func deliverClosedAck(_ socket: ClientSocket?, to callback: Callback) {
        var event = event(SIO_EVENT_ACK, socket)
        event.status = Events.status(of: .closed)
        runtime.deliver(event, to: callback)
    }

    /// A question for what to show; `handle` is for the answer.
    func deliver(auth request: AuthRequest, _ handle: sio_connect_request, to callback: Callback) {
        var event = event(SIO_EVENT_AUTH_REQUEST, request.socket)
        event.request = handle
        event.attempt = UInt32(clamping: request.attempt)
        deliver(event, reason: request.lastReason, to: callback)
    }

    // MARK: The connection

    func deliver(reconnection managerEvent: ManagerEvent, of manager: Manager, to callback: Callback) {
        let attempt = UInt32(clamping: manager.state.attempts)
        switch managerEvent {
        case .reconnectAttempt(let attempt):
            deliver(SIO_EVENT_RECONNECT_ATTEMPT, UInt32(clamping: attempt), to: callback)
        case .reconnect(let attempt): deliver(SIO_EVENT_RECONNECT, UInt32(clamping: attempt), to: callback)
        case .reconnectError(let failure):
            var event = Self.with(failure, in: event(SIO_EVENT_RECONNECT_ERROR))
            event.attempt = attempt
            deliver(event, reason: failure.message, to: callback)
        case .reconnectFailed: deliver(SIO_EVENT_RECONNECT_FAILED, attempt, to: callback)
        case .open, .upgrade, .drain, .ping, .close, .error: break
        }
    }

    func deliver(connection managerEvent: ManagerEvent, of manager: Manager, to callback: Callback) {
        switch managerEvent {
        case .open:
            var event = event(SIO_EVENT_OPEN)
            event.transport = Self.number(of: manager.transport)
            runtime.deliver(event, to: callback)
        case .close(let disconnection): deliver(disconnection, in: event(SIO_EVENT_CLOSE), to: callback)
        case .error(let failure):
            let event = Self.with(failure, in: event(SIO_EVENT_OPEN_ERROR))
            deliver(event, reason: failure.message, to: callback)
        case .ping: runtime.deliver(event(SIO_EVENT_PING), to: callback)
        case .upgrade, .drain, .reconnectAttempt, .reconnect, .reconnectError, .reconnectFailed: break
        }
    }

    func deliver(packet: ManagerPacket, to callback: Callback) {
        Events.withText(packet.namespace) { nsp in
            Events.withText(packet.id.map { String($0) } ?? "") { id in
                var event = event(SIO_EVENT_PACKET)
                event.nsp = nsp
                event.id = id
                Events.with(packet.kind.rawValue, packet.data, packet.attachments, in: event) {
                    runtime.deliver($0, to: callback)
                }
            }
        }
    }

    func deliverUpgrade(to callback: Callback) {
        var event = event(SIO_EVENT_UPGRADE)
        event.transport = Self.number(of: .webSocket)
        runtime.deliver(event, to: callback)
    }

    func deliverDrain(to callback: Callback) {
        runtime.deliver(event(SIO_EVENT_DRAIN), to: callback)
    }

    /// A question for where to connect; `handle` is for the answer.
    func deliver(opening request: OpenRequest, _ handle: sio_connect_request, to callback: Callback) {
        var event = event(SIO_EVENT_OPEN_REQUEST)
        event.request = handle
        event.attempt = UInt32(clamping: request.attempt)
        deliver(event, reason: request.lastReason, to: callback)
    }

    private func deliver(_ kind: Int, _ attempt: UInt32, to callback: Callback) {
        var event = event(kind)
        event.attempt = attempt
        runtime.deliver(event, to: callback)
    }

    func deliverClosed(to callback: Callback) {
        runtime.deliver(event(SIO_EVENT_CLIENT_CLOSED), to: callback)
    }

    // MARK: Parts of events

    private func deliver(_ event: sio_event, reason: String?, args: String? = nil, to callback: Callback) {
        var event = event
        guard let reason else { return runtime.deliver(event, to: callback) }
        Events.withText(reason) { reason in
            event.reason = reason
            guard let args else { return runtime.deliver(event, to: callback) }
            Events.withText(args) { args in
                event.args = args
                runtime.deliver(event, to: callback)
            }
        }
    }

    private static func with(_ failure: ClientFailure, in event: sio_event) -> sio_event {
        var event = event
        event.code = Int32(clamping: failure.code.rawValue)
        event.transport = number(of: failure.transport)
        event.http_status = Int32(clamping: failure.status ?? 0)
        event.system_error = failure.systemError ?? 0
        return event
    }

    static func number(of transport: ManagerOptions.TransportKind?) -> Int32 {
        switch transport {
        case nil: 0
        case .polling: Int32(SIO_TRANSPORT_POLLING)
        case .webSocket: Int32(SIO_TRANSPORT_WEBSOCKET)
        }
    }
}
