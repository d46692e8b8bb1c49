import Glibc
import SocketIOHandlers
import SocketIOTransport
import Synchronization

/// What an event loop knows of Socket.IO: its sockets, found by handle from every thread, and its part of each
/// namespace.
///
/// SAFETY of `@unchecked Sendable`: `sockets` is changed on the loop's thread only, and only under `socketsLock`; so
/// the loop reads it without the lock, other threads with it. The rest is used on the loop, or has a lock.
package final class SocketLoop: @unchecked Sendable {
    package let engineLoop: EngineLoop
    package var index: Int { engineLoop.index }

    private let socketsLock = Mutex<Void>(())
    private var sockets: SlotTable<ServerSocket>

    package let replies: Mutex<ReplyTable>
    package let connectRequests: Mutex<SlotTable<ConnectRequest>>
    package let namespaceRequests: Mutex<SlotTable<NamespaceRequest>>
    package let packetRequests: Mutex<SlotTable<PacketRequest>>
    package let httpRequests: Mutex<SlotTable<HTTPRequest>>

    private(set) lazy var recoverySweeps = DeadlineQueue<RecoverySweep>(loop: engineLoop)
    private(set) lazy var ackDeadlines = DeadlineQueue<PendingAck>(loop: engineLoop)

    /// `epoch` tells loops apart that had the same index, one after the other: their handles differ.
    private init(_ engineLoop: EngineLoop, epoch: Int) {
        self.engineLoop = engineLoop
        let firstGeneration = UInt32(truncatingIfNeeded: epoch &* 65_537 &+ 1)
        sockets = SlotTable(firstGeneration: firstGeneration)
        replies = Mutex(ReplyTable(firstGeneration: firstGeneration))
        connectRequests = Mutex(SlotTable(firstGeneration: firstGeneration))
        namespaceRequests = Mutex(SlotTable(firstGeneration: firstGeneration))
        packetRequests = Mutex(SlotTable(firstGeneration: firstGeneration))
        httpRequests = Mutex(SlotTable(firstGeneration: firstGeneration))
    }

    // MARK: Sockets

    /// On the loop.
    func add(_ socket: ServerSocket) -> Handle? {
        guard let key = socketsLock.withLock({ _ in sockets.insert(socket) }) else { return nil }
        return Handle(.socket, loop: index, key)
    }

    /// On the loop.
    func remove(_ handle: Handle) {
        guard let key: SlotTable<ServerSocket>.Key = handle.key(of: .socket) else { return }
        // The value outlives the lock: its end may run code of the application.
        let removed = socketsLock.withLock { _ in sockets.remove(key) }
        withExtendedLifetime(removed) {}
    }

    /// The socket of a handle; nil for one that is stale, foreign or made up. On any thread.
    package static func socket(_ handle: Handle) -> ServerSocket? {
        guard let key: SlotTable<ServerSocket>.Key = handle.key(of: .socket) else { return nil }
        // SAFETY: the thread holds its loop.
        if let pointer = pthread_getspecific(currentKey) {
            let current = Unmanaged<SocketLoop>.fromOpaque(pointer)
            let (isHere, socket) = current._withUnsafeGuaranteedRef {
                $0.index == handle.loop ? (true, $0.sockets[key]) : (false, nil)
            }
            if isHere { return socket }
        }
        guard let loop = at(handle.loop) else { return nil }
        return loop.socketsLock.withLock { _ in loop.sockets[key] }
    }

    // MARK: Finding loops

    private struct Registry {
        var loops: [SocketLoop?] = []
        var epoch = 0
    }

    private static let registry = Mutex(Registry())

    private static let currentKey: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// The arguments of the event whose handlers run: see ``isDelivering(_:attachments:)``. On the loop.
    var delivered = DeliveredArguments()

    /// Whether these are the arguments of the event whose handlers run on this thread, which need no validation: it
    /// is what an echo emits, and what one passes on to a room.
    static func isDelivering(_ arguments: UnsafeRawBufferPointer, attachments: Int) -> Bool {
        guard let pointer = pthread_getspecific(currentKey) else { return false }
        // SAFETY: the thread holds its loop.
        return Unmanaged<SocketLoop>.fromOpaque(pointer)._withUnsafeGuaranteedRef {
            $0.delivered == DeliveredArguments(arguments, attachments: attachments)
        }
    }

    /// The thread of the loop; 0 until the loop has told. Cheaper to ask than ``current``.
    private let thread = Atomic<UInt>(0)

    /// Whether this is the loop's thread; maybe also on another one, once the loop's has ended: the system gives
    /// numbers of threads again.
    package var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(bitPattern: Int(bitPattern: pthread_self())) }

    /// The loop whose thread this is.
    package static var current: SocketLoop? {
        guard let pointer = pthread_getspecific(currentKey) else { return nil }
        return Unmanaged<SocketLoop>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// The loop with this index. On any thread.
    package static func at(_ index: Int) -> SocketLoop? {
        if let current, current.index == index { return current }
        return registry.withLock { index < $0.loops.count ? $0.loops[index] : nil }
    }

    /// What belongs to an engine's loop; made at first use. On any thread.
    package static func of(_ engineLoop: EngineLoop) -> SocketLoop {
        if let current, current.engineLoop === engineLoop { return current }
        let (loop, isNew, replaced) = registry.withLock { registry -> (SocketLoop, Bool, SocketLoop?) in
            let index = engineLoop.index
            while registry.loops.count <= index { registry.loops.append(nil) }
            let old = registry.loops[index]
            if let old, old.engineLoop === engineLoop { return (old, false, nil) }
            registry.epoch &+= 1
            let loop = SocketLoop(engineLoop, epoch: registry.epoch)
            registry.loops[index] = loop
            return (loop, true, old)
        }
        // Its end may run code of the application: not under the lock.
        withExtendedLifetime(replaced) {}
        if isNew {
            engineLoop.run {
                // SAFETY: the registry keeps the loop while its thread runs.
                pthread_setspecific(currentKey, Unmanaged.passUnretained(loop).toOpaque())
                loop.thread.store(UInt(bitPattern: Int(bitPattern: pthread_self())), ordering: .relaxed)
            }
        }
        return loop
    }
}

/// Which bytes are the arguments of an event, and how many attachments it has.
struct DeliveredArguments: Equatable {
    private let start: UnsafeRawPointer?
    private let count: Int
    private let attachments: Int

    init() {
        start = nil
        count = 0
        attachments = 0
    }

    init(_ arguments: UnsafeRawBufferPointer, attachments: Int) {
        start = arguments.baseAddress
        count = arguments.count
        self.attachments = attachments
    }
}
