import CSocketIO
import SocketIOClient
import SocketIOHandlers
import SocketIOServer

// socketio/socket.h: what waits to be let in

/// What waits for a decision; taken out of its table, since the first decision counts.
private enum Request {
    case connect(ConnectRequest)
    case namespace(NamespaceRequest)
    case packet(PacketRequest)
    case auth(AuthRequest)
    case opening(OpenRequest)

    init(taking handle: sio_connect_request) throws(Failure) {
        if let request = Registry.take(handle) {
            self = .auth(request)
            return
        }
        if let request = Registry.takeOpening(handle) {
            self = .opening(request)
            return
        }
        let handle = Handle(rawValue: handle.id)
        guard let loop = SocketLoop.at(handle.loop), let request = Request(taking: handle, from: loop) else {
            throw .handle("request")
        }
        self = request
    }

    private init?(taking handle: Handle, from loop: SocketLoop) {
        switch handle.kind {
        case .connectRequest:
            guard let key: SlotTable<ConnectRequest>.Key = handle.key(of: .connectRequest),
                let request = loop.connectRequests.withLock({ $0.remove(key) })
            else { return nil }
            self = .connect(request)
        case .namespaceRequest:
            guard let key: SlotTable<NamespaceRequest>.Key = handle.key(of: .namespaceRequest),
                let request = loop.namespaceRequests.withLock({ $0.remove(key) })
            else { return nil }
            self = .namespace(request)
        case .packetRequest:
            guard let key: SlotTable<PacketRequest>.Key = handle.key(of: .packetRequest),
                let request = loop.packetRequests.withLock({ $0.remove(key) })
            else { return nil }
            self = .packet(request)
        default: return nil
        }
    }
}

@c @implementation
public func sio_accept(_ request: sio_connect_request) -> sio_status {
    boundary { () throws(Failure) in
        // A client that asks what to show, or where to connect, is told what: see sio_client_authenticate and
        // sio_client_open.
        let kind = Handle(rawValue: request.id).kind
        guard kind != .authRequest, kind != .openRequest else { throw .handle("request") }
        let request = try Request(taking: request)
        try translating { () throws(SocketError) in
            switch request {
            case .auth, .opening: break
            case .connect(let request): try request.accept()
            case .namespace(let request): try request.accept()
            case .packet(let request): try request.accept()
            }
        }
    }
}

@c @implementation
public func sio_reject(
    _ request: sio_connect_request, _ message: UnsafePointer<CChar>?, _ data: sio_text
) -> sio_status {
    boundary { () throws(Failure) in
        let message = message == nil ? "Forbidden" : try string(message, "message")
        let bytes = try data.bytes("data")
        try translating { () throws(SocketError) in try SizeLimit.check(bytes.count, "The data") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(SIO_E_JSON, "The data is not UTF-8.")
        }
        try translating { () throws(SocketError) in try ConnectRequest.check(data: text) }
        let data = text.isEmpty ? nil : text
        let request = try Request(taking: request)
        try translating { () throws(SocketError) in
            switch request {
            case .connect(let request): try request.reject(message, data: data)
            case .namespace(let request): try request.reject()
            case .packet(let request): try request.reject(PacketRefusal(message, data: data))
            case .auth(let request): request.fail(message)
            case .opening(let request): request.fail(message)
            }
        }
    }
}
