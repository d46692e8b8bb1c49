import EngineIOCore
import SocketIOCore
import SocketIOHandlers
import SocketIOTransport
import Synchronization

/// One client in one namespace.
///
/// Its methods may be called from every thread. Handlers run on the socket's event loop, in order, never two at once.
///
/// SAFETY of `@unchecked Sendable`: what changes is used on the socket's loop only, or is atomic, or has a lock.
public final class ServerSocket: @unchecked Sendable, Hashable {
    /// Where a socket is in its life.
    private enum Phase: Int {
        /// Middlewares decide; it can be sent to, and is in no room.
        case connecting
        case connected
        case disconnected
    }

    let socketID: SocketID
    public let namespace: Namespace
    /// What the client sent along when it connected: the JSON text of an object.
    public let auth: String
    package let loop: SocketLoop
    let session: EngineSession
    /// Until the socket ends; on the loop. Not weak, since that would slow down every use of the client.
    private(set) var client: Client?
    let membership: NamespaceShard

    private(set) var handle = Handle.none
    private let phase = Atomic<Int>(Phase.connecting.rawValue)
    private let box = Mutex<DataBox?>(nil)
    private let handleHolds = Atomic<Int>(1)

    private let ownListeners = Mutex<OwnListeners?>(nil)
    /// Whether there are any: nearly no socket has, so that the path of an event takes no lock.
    private let hasOwnListeners = Atomic<Bool>(false)
    var pendingAcks: [UInt64: PendingAck] = [:]
    /// How acks end that come too late.
    private(set) var endedBy = AckFailure.disconnected
    /// In a namespace that recovers.
    let recovery: SocketRecovery?
    /// Where the request that a middleware of the C API decides is found by its handle.
    package var connectRequestKey: SlotTable<ConnectRequest>.Key?

    init?(namespace: Namespace, client: Client, auth: String) {
        if let recovery = namespace.recovery, client.version == .five {
            self.recovery = SocketRecovery(recovery, auth: auth, loop: client.loop)
        } else {
            recovery = nil
        }
        socketID =
            switch (client.version, client.session.id) {
            case (.four, .made(let id)): SocketID(id, isQualified: namespace.name != "/")
            // An id of another length, which the program has given to the session, cannot be a socket's.
            case (.four, .given), (.five, _):
                recovery?.claimed?.socketID
                    ?? SocketID(client.loop.engineLoop.random.sessionID(), isQualified: false)
            }
        self.namespace = namespace
        self.client = client
        self.auth = auth
        loop = client.loop
        session = client.session
        membership = namespace.shard(on: loop)
        guard let handle = loop.add(self) else { return nil }
        self.handle = handle
        if let data = recovery?.claimed?.takeData() { box.withLock { $0 = data } }
    }

    /// The id that the client sees as `socket.id`: 20 characters. That of a client of Socket.IO 1 or 2 in another
    /// namespace than "/" has the namespace and a "#" in front of them.
    public var id: String { socketID.text(in: namespace) }

    /// Whether the client has joined the namespace and not left it.
    public var isConnected: Bool { phase.load(ordering: .acquiring) == Phase.connected.rawValue }

    package var isDisconnected: Bool { phase.load(ordering: .acquiring) == Phase.disconnected.rawValue }

    /// What carries the packets now.
    public var transport: ServerOptions.TransportKind {
        session.transport == .webSocket ? .webSocket : .polling
    }

    /// How the client came.
    public var handshake: Handshake {
        Handshake(record: session.handshake, revision: session.revision.rawValue, auth: auth)
    }

    /// Whether the client went on where it was; see ``ServerOptions/connectionStateRecovery``.
    public var recoveryOutcome: RecoveryOutcome { recovery?.outcome ?? .fresh }

    /// Whether the client went on where it was.
    public var recovered: Bool { recoveryOutcome == .recovered }

    package var rawHandle: UInt64 { handle.rawValue }

    // MARK: Data

    /// A value of the application's, for the life of the socket.
    public var data: (any Sendable)? {
        get { box.withLock { $0?.value } }
        set {
            let new = newValue.map { DataBox(value: $0) }
            // The old value ends outside of the lock: that may run code of the application.
            let old = box.withLock { box in
                let old = box
                box = new
                return old
            }
            withExtendedLifetime(old) {}
        }
    }

    // MARK: Handlers (see also `ServerSocket+listeners`)

    @discardableResult
    func changeListeners<Result>(_ change: (inout OwnListeners.Content) -> Result) throws(SocketError) -> Result {
        let outcome = ownListeners.withLock { own -> (Result, OwnListeners.Content)? in
            // The end of the socket takes the handlers under this lock: none is added behind it.
            guard !isDisconnected else { return nil }
            let listeners = own ?? OwnListeners()
            own = listeners
            let old = listeners.content
            return (change(&listeners.content), old)
        }
        guard let (result, old) = outcome else { throw .gone }
        hasOwnListeners.store(true, ordering: .releasing)
        // What the change lets go of ends outside of the lock: that may run code of the application.
        withExtendedLifetime(old) {}
        return result
    }

    /// Reads what concerns this socket alone; nil if nothing does.
    func own<Result>(_ read: (OwnListeners.Content) -> Result) -> Result? {
        guard hasOwnListeners.load(ordering: .acquiring) else { return nil }
        return ownListeners.withLock { own in
            guard let own else { return nil }
            return read(own.content)
        }
    }

    /// The event handlers of this socket alone; nearly always nil.
    var handlers: EventHandlers? { own(\.listeners.events) }

    private func takeListeners() -> OwnListeners? {
        ownListeners.withLock { own in
            defer { own = nil }
            return own
        }
    }

    // MARK: Rooms

    /// Joins a room, at once.
    public func join(_ room: String) throws(SocketError) {
        switch membership.join(self, room) {
        case .done(let events): namespace.tell(events)
        case .gone: throw .gone
        case .full: throw namespace.socketLimits.tooManyRooms
        }
    }

    /// Leaves a room, at once.
    public func leave(_ room: String) throws(SocketError) {
        guard !isDisconnected else { throw .gone }
        namespace.tell(membership.leave(self, room))
    }

    /// The rooms the socket is in, its own id among them.
    public var rooms: [String] {
        guard isConnected else { return [] }
        return [id] + membership.rooms(of: self)
    }

    /// ``rooms`` as the JSON text of an array.
    package var roomsText: String {
        let quoted = rooms.map { room in
            var room = room
            return room.withUTF8 { String(decoding: JSONString.quoted(UnsafeRawBufferPointer($0)), as: UTF8.self) }
        }
        return "[\(quoted.joined(separator: ","))]"
    }

    // MARK: Disconnecting

    /// Disconnects the socket; with `close`, all sockets of the client and its connection. What was emitted before
    /// is sent first.
    public func disconnect(close: Bool = false) throws(SocketError) {
        guard !isDisconnected else { throw .gone }
        inOrder {
            guard !self.isDisconnected, let client = self.client else { return }
            if close { client.disconnectAll() } else { client.disconnect(self) }
        }
    }

    // MARK: The life of a socket, on its loop

    /// Adds the socket to its namespace. Returns what its client has missed, if it has come back; nil if the socket is
    /// not connecting, or cannot go on where it was.
    func becomeConnected() -> [[EnginePacket]]? {
        guard phase.load(ordering: .relaxed) == Phase.connecting.rawValue else { return nil }
        var events: [RoomEvent] = []
        func join() {
            phase.store(Phase.connected.rawValue, ordering: .releasing)
            events += membership.add(self)
        }
        var missed: [[EnginePacket]]? = []
        if let recovery {
            missed = recovery.accept(self) { rooms in
                join()
                for room in rooms {
                    if case .done(let more) = membership.join(self, room) { events += more }
                }
            }
        } else {
            join()
        }
        namespace.tell(events)
        return missed
    }

    /// Ends a socket that was refused, or whose client left before it was accepted.
    func becomeRefused() {
        let rooms = end(.disconnected)
        _ = takeListeners()
        keepForRecovery(rooms, "")
        releaseHandle()
    }

    /// Ends a socket that was connected, and tells the handlers.
    func becomeDisconnected(
        _ reason: String, _ details: CloseDetails = .none, acks failure: AckFailure = .disconnected
    ) {
        guard isConnected else { return becomeRefused() }
        namespace.counters.metrics.disconnected(reason)
        for handler in own(\.listeners.disconnecting.handlers) ?? [] { handler(self, reason, details) }
        namespace.disconnecting(self, reason, details)
        let rooms = end(failure)
        for handler in takeListeners()?.content.listeners.disconnect.handlers ?? [] { handler(self, reason, details) }
        namespace.disconnected(self, reason, details)
        keepForRecovery(rooms, reason)
        releaseHandle()
    }

    /// Behind the handlers, which may change the data.
    private func keepForRecovery(_ rooms: Set<String>, _ reason: String) {
        guard let recovery else { return }
        recovery.ended(self, rooms: rooms.union([id]), data: box.withLock { $0 }, reason: reason)
        namespace.left()
    }

    /// Returns the rooms that the socket was in.
    private func end(_ failure: AckFailure) -> Set<String> {
        endedBy = failure
        client = nil
        phase.store(Phase.disconnected.rawValue, ordering: .releasing)
        // After the phase: a join on another thread either comes before this, or is refused.
        let (rooms, events) = membership.remove(self)
        // A namespace that keeps a session for the client stays.
        if recovery == nil { namespace.left() }
        loop.replies.withLock { $0.removeAll(of: handle) }
        if let keys = own(\.packetRequests), !keys.isEmpty {
            loop.packetRequests.withLock { for key in keys { $0.remove(key) } }
        }
        if let key = connectRequestKey { loop.connectRequests.withLock { _ = $0.remove(key) } }
        let pending = pendingAcks
        pendingAcks = [:]
        for ack in pending.values {
            loop.ackDeadlines.remove(ack)
            ack.end(.failure(failure))
        }
        namespace.tell(events)
        return rooms
    }

    /// Keeps the handle valid beyond the disconnect handlers, for a program that takes events from a queue.
    package func holdHandle() {
        handleHolds.wrappingAdd(1, ordering: .relaxed)
    }

    /// Lets go of the handle: the last one to do so ends it.
    package func releaseHandle() {
        guard handleHolds.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
        let isTaken = loop.engineLoop.run { self.loop.remove(self.handle) }
        if !isTaken { loop.remove(handle) }
    }

    /// A reply from the client.
    func received(reply: consuming AckReply, to acknowledgement: UInt64) {
        guard let pending = pendingAcks.removeValue(forKey: acknowledgement) else { return }
        loop.ackDeadlines.remove(pending)
        membership.replyDurations.add(microseconds: CoarseClock.microseconds &- pending.sent)
        pending.end(.success(reply))
    }

    func forget(_ ack: PendingAck) {
        pendingAcks[ack.acknowledgement] = nil
    }

    /// An event that asked for a reply was dropped.
    func endDropped(_ ack: PendingAck) {
        guard pendingAcks[ack.acknowledgement] === ack else { return }
        forget(ack)
        loop.ackDeadlines.remove(ack)
        ack.end(.failure(.limit))
    }

    // MARK: Identity

    public static func == (left: ServerSocket, right: ServerSocket) -> Bool { left === right }

    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// A value of the application's that belongs to a socket.
final class DataBox: Sendable {
    let value: any Sendable

    init(value: any Sendable) { self.value = value }
}
