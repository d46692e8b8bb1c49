import EngineIOCore
import SocketIOCore
import SocketIOHandlers
import SocketIOTransport
import Synchronization

/// Asked before a client joins; it decides through the request, now or later.
public typealias Middleware = @Sendable (ConnectRequest) -> Void

/// A channel of the server's, "/" or "/chat", with handlers and rooms of its own.
///
/// Its methods may be called from every thread. Handlers run on the event loop of their socket.
public final class Namespace: Sendable {
    private struct Registrations {
        var listeners = Listeners()
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
    /// What one socket may have.
    let socketLimits: SocketLimits
    /// How the server's packets are written.
    let parser: ServerOptions.Parser
    /// What is kept for clients that come back; nil if they cannot.
    // SAFETY: written before any other thread can know of the namespace.
    private(set) nonisolated(unsafe) var recovery: NamespaceRecovery?
    /// Who made the server, for a layer above to find it from a socket.
    package var owner: AnyObject? { counters.owner.load() }

    /// The one whose handlers and middlewares this one has, before its own: clients have asked for this namespace.
    public let parent: Namespace?
    /// Whether it is such a parent. It has no sockets itself.
    let isParent: Bool
    /// Of a child: those that are in it or about to be. Changed by ``NamespaceTable`` alone.
    let clientCount = Atomic<Int>(0)
    /// Of a child: whether the program has asked for it by name, and may have handlers in it.
    let isKept = Atomic<Bool>(false)
    private weak let table: NamespaceTable?
    private let watch: Watch
    private let registrations = Mutex(Registrations())
    private let version = Atomic<Int>(0)
    private let acknowledgements = Atomic<UInt64>(0)
    private let perLoop = Mutex<[(loop: SocketLoop, shard: NamespaceShard)]>([])

    init(
        name: String, counters: Counters, options: ServerOptions, parent: Namespace? = nil,
        table: NamespaceTable? = nil, isParent: Bool = false
    ) {
        self.name = name
        self.parent = parent
        self.table = table
        self.isParent = isParent
        watch = parent?.watch ?? Watch()
        socketLimits = SocketLimits(options)
        parser = options.parser
        self.counters = counters
        wireNameBytes = name == "/" ? [] : Array(name.utf8)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: name.utf8.count + 1, alignment: 1)
        memory.copyBytes(from: Array(name.utf8) + [0])
        nameText = UnsafeRawBufferPointer(rebasing: memory[..<name.utf8.count])
        wireName = UnsafeRawBufferPointer(rebasing: memory[..<wireNameBytes.count])
    }

    /// Lets clients come back, before there are any.
    func makeRecoverable(_ options: ServerOptions, _ budget: RecoveryBudget) {
        guard let recovery = options.connectionStateRecovery, !isParent else { return }
        let limit = QueueLimit(bytes: options.maxBufferedBytes, packets: options.maxBufferedPackets)
        self.recovery = NamespaceRecovery(recovery, budget: budget, missedLimit: limit) { [weak self] in
            self?.becameForgettable()
        }
    }

    deinit { nameText.deallocate() }

    // MARK: Handlers (see also `Namespace+listeners`)

    /// Asks `middleware` before a client joins; several are asked one after the other.
    public func use(_ middleware: @escaping Middleware) {
        registrations.withLock { $0.middlewares.append(middleware) }
    }

    /// Changes who is called; from the next event on.
    @discardableResult
    func changeListeners<Result>(_ change: (inout Listeners) -> Result) -> Result {
        // What the change lets go of ends outside of the lock: that may run code of the application.
        let (result, old) = registrations.withLock { registrations in
            let old = registrations.listeners
            return (change(&registrations.listeners), old)
        }
        version.wrappingAdd(1, ordering: .releasing)
        withExtendedLifetime(old) {}
        return result
    }

    /// Grows with every change of ``handlers``.
    var handlersVersion: Int { version.load(ordering: .acquiring) &+ (parent?.handlersVersion ?? 0) }

    var handlers: EventHandlers {
        let own = registrations.withLock { $0.listeners.events }
        return parent.map { own.behind($0.handlers) } ?? own
    }

    /// Those of the namespace alone.
    var listeners: Listeners { registrations.withLock { $0.listeners } }

    /// Those of the parent, then the namespace's own.
    func handlers<Handler>(_ list: (Listeners) -> HandlerList<Handler>) -> [Handler] {
        let own = registrations.withLock { list($0.listeners).handlers }
        guard let parent else { return own }
        return parent.handlers(list) + own
    }

    func middleware(at position: Int) -> Middleware? {
        let inherited = parent?.middlewareCount ?? 0
        guard position >= inherited else { return parent?.middleware(at: position) }
        let position = position &- inherited
        return registrations.withLock { position < $0.middlewares.count ? $0.middlewares[position] : nil }
    }

    private var middlewareCount: Int { registrations.withLock { $0.middlewares.count } }

    func connected(_ socket: ServerSocket) {
        for handler in handlers(\.connection) { handler(socket) }
    }

    func disconnecting(_ socket: ServerSocket, _ reason: String, _ details: CloseDetails) {
        for handler in handlers(\.disconnecting) { handler(socket, reason, details) }
    }

    func disconnected(_ socket: ServerSocket, _ reason: String, _ details: CloseDetails) {
        for handler in handlers(\.disconnect) { handler(socket, reason, details) }
    }

    // MARK: What costs nothing until somebody listens

    /// What somebody listens to, here, in the parent or in one of its children.
    private final class Watch: Sendable {
        let outgoing = Atomic<Bool>(false)
        let rooms = RoomWatch()
    }

    /// Whether somebody listens, or did, to what is sent to sockets here.
    var watchesOutgoing: Bool { watch.outgoing.load(ordering: .relaxed) }

    func watchOutgoing() { watch.outgoing.store(true, ordering: .relaxed) }

    var roomWatch: RoomWatch { watch.rooms }

    /// Carries out a change of rooms that consists of `steps`; returns what to tell those that listen.
    func watching<Result>(rooms change: () -> Result, _ steps: (Result) -> [RoomWatch.Step]) -> (Result, [RoomEvent]) {
        roomWatch.events(of: change, steps) { room in
            shards.reduce(0) { $0 &+ $1.shard.memberCount(of: room) }
        }
    }

    /// Tells those that listen to rooms; on the loops of the sockets.
    func tell(_ events: [RoomEvent]) {
        guard !events.isEmpty else { return }
        let handlers = handlers(\.rooms)
        guard !handlers.isEmpty else { return }
        for event in events {
            event.socket.loop.engineLoop.run { for handler in handlers { handler(event) } }
        }
    }

    /// Lets the loops forget the handlers that they remember, so that what is taken back is let go of.
    func refreshHandlers() {
        for (loop, shard) in shards { loop.engineLoop.post { withExtendedLifetime(self) { _ = shard.handlers } } }
        for child in children { child.refreshHandlers() }
    }

    /// Lets go of every handler, when the server ends.
    func removeHandlers() {
        let old = registrations.withLock { registrations in
            defer { registrations = Registrations() }
            return registrations
        }
        version.wrappingAdd(1, ordering: .releasing)
        withExtendedLifetime(old) {}
        for (_, shard) in shards { shard.forgetHandlers() }
        recovery?.removeAll()
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
        for child in children { child.closeRoom(room) }
        for (_, shard) in shards { tell(shard.close(room)) }
    }

    /// The socket with this id, if it is connected.
    public func socket(_ id: String) -> ServerSocket? {
        for child in children {
            if let socket = child.socket(id) { return socket }
        }
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

    // MARK: Children

    /// The namespaces that clients have asked for, of one that was made for them.
    public var children: [Namespace] { isParent ? table?.children(of: self) ?? [] : [] }

    /// The last session of a client that could come back has gone.
    private func becameForgettable() {
        if parent != nil { table?.becameForgettable(self) }
    }

    /// A client that was about to join, or had joined, has left.
    func left() {
        if parent != nil { table?.left(self) }
    }

    // MARK: Loops

    /// The namespace's parts, with their loops.
    var shards: [(loop: SocketLoop, shard: NamespaceShard)] { perLoop.withLock { $0 } }

    func shard(on loop: SocketLoop) -> NamespaceShard {
        perLoop.withLock { perLoop in
            if let known = perLoop.first(where: { $0.loop === loop }) { return known.shard }
            let shard = NamespaceShard(namespace: self, loop: loop)
            perLoop.append((loop, shard))
            return shard
        }
    }

    /// Ids of acknowledgements are the namespace's, as in Node: a broadcast has one for all its sockets.
    func nextAcknowledgement() -> UInt64 {
        acknowledgements.wrappingAdd(1, ordering: .relaxed).oldValue
    }
}
