import SocketIOCore
import SocketIOHandlers
import SocketIOTransport
import Synchronization

/// Asked about every event from a socket before its handlers; it decides through the request, now or later.
public typealias PacketMiddleware = @Sendable (PacketRequest) -> Void

/// Why a packet middleware did not let an event through.
public struct PacketRefusal: Error, Sendable, Equatable {
    public let message: String
    /// JSON text, or nil.
    public let data: String?

    public init(_ message: String, data: String? = nil) {
        self.message = message
        self.data = data
    }
}

/// An event that waits to be let through to its handlers. Decide now or later, from any thread; the first decision
/// counts. Events behind it do not wait.
public final class PacketRequest: Sendable {
    public let socket: ServerSocket
    /// The event's name.
    public let name: String
    /// The arguments: the JSON text of an array.
    public let args: String
    /// What the placeholders in ``args`` stand for, in order.
    public let attachments: [[UInt8]]
    /// The reply that the client waits for, if it does.
    public let ack: Acknowledgement?
    private let position: Int
    private let isDecided = Atomic<Bool>(false)

    init(_ event: borrowing SocketEvent) {
        socket = event.socket
        name = event.name
        args = event.args
        attachments = event.attachments
        ack = event.ack
        position = 0
    }

    private init(behind request: PacketRequest) {
        socket = request.socket
        name = request.name
        args = request.args
        attachments = request.attachments
        ack = request.ack
        position = request.position &+ 1
    }

    /// Lets the event through, or on to the next middleware.
    public func accept() throws(SocketError) {
        try decide()
        socket.loop.engineLoop.run { PacketRequest(behind: self).proceed() }
    }

    /// Drops the event. The socket's error handlers are told why; the client is not.
    public func reject(_ refusal: PacketRefusal) throws(SocketError) {
        if let data = refusal.data { try ConnectRequest.check(data: data) }
        try decide()
        if let key: ReplyTable.Key = ack?.handle.key(of: .reply) {
            // Nobody will reply.
            socket.loop.replies.withLock { _ = $0.take(key) }
        }
        socket.loop.engineLoop.run { self.socket.failed(refusal) }
    }

    /// Asks the middleware at this position, or calls the handlers behind the last. On the loop.
    func proceed() {
        guard socket.isConnected else { return }
        if let middleware = socket.packetMiddleware(at: position) { return middleware(self) }
        dispatch()
    }

    private func dispatch() {
        // As the event came, each part has a byte behind it that may be read.
        withBorrowed([Array(name.utf8), Array(args.utf8)] + attachments) { places in
            places.withUnsafeBufferPointer { call($0) }
        }
    }

    /// Calls the handlers with the name, the arguments and the attachments.
    private func call(_ places: UnsafeBufferPointer<UnsafeRawBufferPointer>) {
        let event = SocketEvent(
            socket: socket,
            bytes: EventBytes(
                name: places[0], arguments: places[1], attachments: Attachments(rebasing: places[2...])),
            ack: ack)
        let shared = socket.membership.handlers
        let own = socket.handlers
        own?.callAny(event)
        shared.callAny(event)
        own?.call(own?.entry(of: places[0]), event)
        shared.call(shared.entry(of: places[0]), event)
    }

    private func decide() throws(SocketError) {
        let isFirst = isDecided.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
        guard isFirst, !socket.isDisconnected else {
            throw SocketError(.gone, "The event was decided before, or its client is gone.")
        }
    }
}
