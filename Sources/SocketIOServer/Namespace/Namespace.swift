import EngineIOCore
import SocketIOCore
import SocketIOTransport
import Synchronization

/// Called when a client has joined.
public typealias ConnectionHandler = @Sendable (ServerSocket) -> Void
/// Called when a client has left, with the reason in Socket.IO's words.
public typealias DisconnectHandler = @Sendable (ServerSocket, String) -> Void
/// Asked before a client joins; it decides through the request, now or later.
public typealias Middleware = @Sendable (ConnectRequest) -> Void

/// A channel of the server's, "/" or "/chat", with handlers and rooms of its own.
///
/// Its methods may be called from every thread. Handlers run on the event loop of their socket.
public final class Namespace: Sendable {
    private struct Registrations {
        var handlers = HandlerTable.empty
        var connection: [ConnectionHandler] = []
        var disconnect: [DisconnectHandler] = []
        var middlewares: [Middleware] = []
    }

    /// Bytes of a name. It is a part of some sockets' ids, for which the C API has room.
    package static var maximumNameSize: Int { 200 }

    /// "/" or "/chat".
    public let name: String
    /// The name as packets have it: nothing for "/".
    let wireNameBytes: [UInt8]
    /// The name's bytes, with a NUL behind them, at an address that holds as long as the namespace.
    // SAFETY: never written to after the initializer.
    package nonisolated(unsafe) let nameText: UnsafeRawBufferPointer
    /// As ``wireNameBytes``, in the same memory.
    // SAFETY: never written to after the initializer.
    nonisolated(unsafe) let wireName: UnsafeRawBufferPointer
    let counters: Counters
    /// How the server's packets are written.
    let parser: ServerOptions.Parser
    /// Who made the server, for a layer above to find it from a socket.
    package var owner: AnyObject? { counters.owner.load() }

    private let registrations = Mutex(Registrations())
    private let version = Atomic<Int>(0)
    private let acknowledgements = Atomic<UInt64>(0)
    private let perLoop = Mutex<[(loop: SocketLoop, shard: NamespaceShard)]>([])

    init(name: String, counters: Counters, parser: ServerOptions.Parser) {
        self.name = name
        self.parser = parser
        self.counters = counters
        wireNameBytes = name == "/" ? [] : Array(name.utf8)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: name.utf8.count + 1, alignment: 1)
        memory.copyBytes(from: Array(name.utf8) + [0])
        nameText = UnsafeRawBufferPointer(rebasing: memory[..<name.utf8.count])
        wireName = UnsafeRawBufferPointer(rebasing: memory[..<wireNameBytes.count])
    }

    deinit { nameText.deallocate() }

    // MARK: Handlers

    /// Calls `handler` for every event of that name, from every socket of the namespace.
    public func on(_ event: String, _ handler: @escaping EventHandler) throws(SocketError) {
        try Self.checkEvent(event)
        changeHandlers { $0.adding(handler, to: event) }
    }

    /// Calls `handler` for every event, before those registered by name.
    public func onAny(_ handler: @escaping EventHandler) {
        changeHandlers { $0.adding(any: handler) }
    }

    /// Calls `handler` for every client that has joined.
    public func onConnection(_ handler: @escaping ConnectionHandler) {
        registrations.withLock { $0.connection.append(handler) }
    }

    /// Calls `handler` for every client that has left.
    public func onDisconnect(_ handler: @escaping DisconnectHandler) {
        registrations.withLock { $0.disconnect.append(handler) }
    }

    /// Asks `middleware` before a client joins; several are asked one after the other.
    public func use(_ middleware: @escaping Middleware) {
        registrations.withLock { $0.middlewares.append(middleware) }
    }

    private func changeHandlers(_ change: (HandlerTable) -> HandlerTable) {
        registrations.withLock { $0.handlers = change($0.handlers) }
        version.wrappingAdd(1, ordering: .releasing)
    }

    /// Grows with every change of ``handlers``.
    var handlersVersion: Int { version.load(ordering: .acquiring) }

    var handlers: HandlerTable { registrations.withLock { $0.handlers } }

    func middleware(at position: Int) -> Middleware? {
        registrations.withLock { position < $0.middlewares.count ? $0.middlewares[position] : nil }
    }

    func connected(_ socket: ServerSocket) {
        for handler in registrations.withLock({ $0.connection }) { handler(socket) }
    }

    func disconnected(_ socket: ServerSocket, _ reason: String) {
        for handler in registrations.withLock({ $0.disconnect }) { handler(socket, reason) }
    }

    /// Lets go of every handler, when the server ends.
    func removeHandlers() {
        let old = registrations.withLock { registrations in
            let old = registrations
            registrations = Registrations()
            return old
        }
        version.wrappingAdd(1, ordering: .releasing)
        withExtendedLifetime(old) {}
        for (_, shard) in shards { shard.forgetHandlers() }
    }

    static func checkEvent(_ event: String) throws(SocketError) {
        var event = event
        if event.withUTF8({ ReservedName.isReserved(UnsafeRawBufferPointer($0)) }) {
            throw SocketError(
                .reserved,
                "\"\(event)\" is a reserved event name: use the functions for connection, disconnect and middleware.")
        }
    }

    // MARK: Sockets

    /// To everyone in the namespace.
    public var everyone: BroadcastOperator { BroadcastOperator(namespace: self) }

    /// To those in the room.
    public func to(_ room: String) -> BroadcastOperator { everyone.to(room) }

    /// To those not in the room.
    public func except(_ room: String) -> BroadcastOperator { everyone.except(room) }

    /// Broadcasts an event to everyone in the namespace; see ``BroadcastOperator/emit(_:_:attachments:)``.
    public func emit(_ event: String, _ args: String = "[]", attachments: [[UInt8]] = []) throws(SocketError) {
        try everyone.emit(event, args, attachments: attachments)
    }

    /// Makes all sockets of the room leave it.
    public func closeRoom(_ room: String) {
        for (_, shard) in shards { shard.close(room) }
    }

    /// The socket with this id, if it is connected.
    public func socket(_ id: String) -> ServerSocket? {
        guard let id = SocketID(id, in: self) else { return nil }
        for (_, shard) in shards {
            if let socket = shard.socket(id) { return socket }
        }
        return nil
    }

    package var counts: (sockets: Int, roomEntries: Int) {
        var total = (sockets: 0, roomEntries: 0)
        for (_, shard) in shards {
            let counts = shard.counts
            total.sockets &+= counts.sockets
            total.roomEntries &+= counts.roomEntries
        }
        return total
    }

    /// How many clients are in the namespace.
    public var count: Int { counts.sockets }

    // MARK: Loops

    /// The namespace's parts, with their loops.
    var shards: [(loop: SocketLoop, shard: NamespaceShard)] { perLoop.withLock { $0 } }

    func shard(on loop: SocketLoop) -> NamespaceShard {
        perLoop.withLock { perLoop in
            if let known = perLoop.first(where: { $0.loop === loop }) { return known.shard }
            let shard = NamespaceShard(namespace: self)
            perLoop.append((loop, shard))
            return shard
        }
    }

    /// Ids of acknowledgements are the namespace's, as in Node: a broadcast has one for all its sockets.
    func nextAcknowledgement() -> UInt64 {
        acknowledgements.wrappingAdd(1, ordering: .relaxed).oldValue
    }
}
