import EngineIOCore
import SocketIOCore
import SocketIOHandlers
import SocketIOTransport
import Synchronization

/// One namespace of a client.
///
/// Its methods may be called from every thread. Handlers run on the manager's event loop, in order, never two at once.
///
/// SAFETY of `@unchecked Sendable`: what changes is used on the loop only, or is atomic, or has a lock.
public final class ClientSocket: @unchecked Sendable, Hashable {
    public let manager: Manager
    /// "/" or "/chat".
    public let namespace: String
    /// What it was made with, but for ``ClientSocketOptions/auth``: that is let go of at the end, as handlers are.
    public var options: ClientSocketOptions {
        var options = ClientSocketOptions()
        options.retries = maxRetries
        options.ackTimeout = ackTimeout
        return options
    }
    /// Those that count later on. Clients come in thousands: nothing is kept twice.
    let maxRetries: Int?
    let ackTimeout: Duration?
    /// As packets have it: nothing for "/".
    let wireNameBytes: [UInt8]
    /// The name's bytes, with a NUL behind them, at an address that holds as long as the socket.
    // SAFETY: never written to after the initializer.
    package nonisolated(unsafe) let nameText: UnsafeRawBufferPointer
    /// As ``wireNameBytes``, in the same memory.
    // SAFETY: never written to after the initializer.
    nonisolated(unsafe) let wireName: UnsafeRawBufferPointer
    // Written by the initializer alone.
    package private(set) var handle = Handle.none

    // On the loop.
    /// `none` from the end on: a function may hold what holds the socket.
    var auth: ClientAuth
    /// What is in ``shared``, so that an event takes no lock.
    var listeners = ClientListeners()
    var isJoined = false
    /// Whether the disconnect handlers have still to hear of the end of having been in.
    var isEndUntold = false
    /// Whether the server keeps a session to go on with.
    var recovers = false
    var attempts = 0
    /// Why the last connection or attempt ended: functions for ``ClientAuth`` are told.
    var lastReason: String?
    /// Counts the questions for auth, so that a late answer is known.
    var ticket: UInt64 = 0
    var buffer: BoundedQueue<[EnginePacket]>
    var retries: RetryQueue<[EnginePacket]>?
    var pending: [UInt64: PendingReply] = [:]
    var waiters: [@Sendable (ClientFailure?) -> Void] = []

    struct Shared {
        var listeners = ClientListeners()
        var id: String?
        var recovered = false
        var recoverable = false
        var active = false
        var isOver = false
    }

    let shared = Mutex(Shared())
    /// Whether somebody listens to what goes out.
    let watchesOutgoing = Atomic<Bool>(false)
    private let lastAcknowledgement = Atomic<UInt64>(0)
    private let dropped = Atomic<Int>(0)
    /// Whether ``listeners`` is not what it should be.
    private let listenersChanged = Atomic<Bool>(false)
    /// What ``noteAmounts()`` has noted.
    private let waitingEvents = Atomic<Int>(0)
    private let waitingBytes = Atomic<Int>(0)
    private let awaitedReplies = Atomic<Int>(0)

    private static var maximumNameSize: Int { 200 }

    static func checkedNamespace(_ namespace: String) throws(SocketError) -> String {
        let name = namespace.utf8.first == UInt8(ascii: "/") ? namespace : "/" + namespace
        guard name.utf8.count <= maximumNameSize, !name.utf8.contains(UInt8(ascii: ",")),
            name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else {
            throw SocketError(
                .argument,
                "\"\(LogText.of(Array(namespace.utf8)))\" is not the name of a namespace: it has no comma and no control "
                    + "characters, and is \(maximumNameSize) bytes long at the most.")
        }
        return name
    }

    /// Nil if there are too many.
    init?(_ namespace: String, manager: Manager, options: ClientSocketOptions) {
        self.namespace = namespace
        self.manager = manager
        auth = options.auth
        maxRetries = options.retries
        ackTimeout = options.ackTimeout
        wireNameBytes = namespace == "/" ? [] : Array(namespace.utf8)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: namespace.utf8.count + 1, alignment: 1)
        memory.copyBytes(from: Array(namespace.utf8) + [0])
        nameText = UnsafeRawBufferPointer(rebasing: memory[..<namespace.utf8.count])
        wireName = UnsafeRawBufferPointer(rebasing: memory[..<wireNameBytes.count])
        let limits = manager.options.queueLimits
        buffer = BoundedQueue(limits, manager.options.bufferPolicy)
        retries = options.retries.map { RetryQueue(retries: $0, limits, manager.options.bufferPolicy) }
        guard let handle = manager.clientLoop.add(self) else { return nil }
        self.handle = handle
    }

    deinit { nameText.deallocate() }

    package var rawHandle: UInt64 { handle.rawValue }

    // MARK: What it is

    /// The id that the server has given it; nil while it is not connected.
    public var id: String? { shared.withLock { $0.id } }

    /// Whether the client is in the namespace.
    public var connected: Bool { id != nil }

    /// Whether the client is in the namespace, or tries to be by itself.
    public var active: Bool { shared.withLock { $0.active } }

    /// Whether the client went on where it was, with its id, its rooms and the events that it has missed.
    public var recovered: Bool { shared.withLock { $0.recovered } }

    /// Whether the server keeps a session, so that the client can go on where it is. Then events have an offset, a text,
    /// behind their arguments, but for volatile ones and those that ask for a reply.
    public var recoverable: Bool { shared.withLock { $0.recoverable } }

    /// How many events were dropped since the socket was made: those that had no room, and volatile ones.
    public var droppedEvents: Int { dropped.load(ordering: .relaxed) }

    /// How many events wait here to be sent, how many bytes they have, and how many replies are awaited. As it was a
    /// moment ago.
    public var bufferedEvents: Int { waitingEvents.load(ordering: .relaxed) }
    public var bufferedBytes: Int { waitingBytes.load(ordering: .relaxed) }
    public var pendingAcks: Int { awaitedReplies.load(ordering: .relaxed) }

    /// After whatever may have changed them; on the loop.
    func noteAmounts() {
        waitingEvents.store(buffer.count &+ (retries?.count ?? 0), ordering: .relaxed)
        waitingBytes.store(buffer.bytes &+ (retries?.bytes ?? 0), ordering: .relaxed)
        awaitedReplies.store(pending.count, ordering: .relaxed)
    }

    // MARK: Handlers (see also `ClientSocket+listeners`)

    @discardableResult
    func changeListeners<Result>(_ change: (inout ClientListeners) -> Result) throws(SocketError) -> Result {
        let outcome = shared.withLock { shared -> (Result, ClientListeners)? in
            guard !shared.isOver else { return nil }
            let old = shared.listeners
            return (change(&shared.listeners), old)
        }
        guard let (result, old) = outcome else { throw .clientClosed }
        // What the change lets go of ends outside of the lock: that may run code of the application.
        withExtendedLifetime(old) {}
        listenersChanged.store(true, ordering: .releasing)
        manager.loop.run { self.refreshListeners() }
        return result
    }

    /// Before listeners are called, so that those count that were registered before; on the loop.
    func refreshListeners() {
        guard listenersChanged.load(ordering: .acquiring) else { return }
        _ = listenersChanged.exchange(false, ordering: .acquiringAndReleasing)
        let old = listeners
        listeners = shared.withLock { $0.listeners }
        withExtendedLifetime(old) {}
    }

    /// What is there at this moment, on any thread.
    func readListeners<Result>(_ read: (ClientListeners) -> Result) -> Result {
        shared.withLock { read($0.listeners) }
    }

    // MARK: Connecting

    /// Connects, unless it is connected or on its way. A connection that is lost is made again until it is disconnected,
    /// by this side or the server.
    public func connect() {
        manager.loop.run {
            self.activate()
        }
    }

    /// Leaves the namespace, and does not come back by itself. What was emitted is sent first. The connection ends with
    /// its last socket.
    public func disconnect() {
        manager.loop.run { self.leave() }
    }

    /// Connects, and calls `completion` once: with nil when it is in, or with why the attempt has failed.
    package func connect(completion: @escaping @Sendable (ClientFailure?) -> Void) {
        let isTaken = manager.loop.run {
            guard !self.manager.isClosing else { return completion(.closed) }
            guard !self.isJoined else { return completion(nil) }
            self.waiters.append(completion)
            self.activate()
        }
        if !isTaken { completion(.closed) }
    }

    // MARK: Counting

    func nextAcknowledgement() -> UInt64 { lastAcknowledgement.wrappingAdd(1, ordering: .relaxed).oldValue }

    func countDropped(_ events: Int) { dropped.wrappingAdd(events, ordering: .relaxed) }

    // MARK: Identity

    public static func == (left: ClientSocket, right: ClientSocket) -> Bool { left === right }

    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
