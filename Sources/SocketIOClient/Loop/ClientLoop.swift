import SocketIOHandlers
import SocketIOTransport
import Synchronization

/// What an event loop knows of clients: their deadlines and, found by handle from every thread, their sockets and the
/// replies that they owe.
///
/// SAFETY of `@unchecked Sendable`: the queues are used on the loop; the rest has a lock.
package final class ClientLoop: @unchecked Sendable {
    package let engineLoop: EngineLoop
    package let replies: Mutex<ReplyTable>
    private let sockets: Mutex<SlotTable<ClientSocket>>
    private(set) lazy var reconnections = DeadlineQueue<Manager>(loop: engineLoop)
    private(set) lazy var ackDeadlines = DeadlineQueue<PendingReply>(loop: engineLoop)

    /// The arguments of the event whose handlers run, which need no validation to be sent on: nobody can have changed
    /// them since. On the loop.
    private var delivered = Delivered(arguments: UnsafeRawBufferPointer(start: nil, count: 0), attachments: 0)

    struct Delivered {
        let arguments: UnsafeRawBufferPointer
        let attachments: Int
    }

    /// These are the arguments of the event whose handlers run; returns what to end with. On the loop.
    func beginDelivering(_ arguments: UnsafeRawBufferPointer, attachments: Int) -> Delivered {
        let outer = delivered
        delivered = Delivered(arguments: arguments, attachments: attachments)
        return outer
    }

    func endDelivering(_ outer: Delivered) { delivered = outer }

    /// Whether the message is what the event has whose handlers run on this thread.
    func isDelivering(_ message: borrowing EventMessage) -> Bool {
        guard engineLoop.isCurrent, let start = delivered.arguments.baseAddress else { return false }
        return message.args.baseAddress == start && message.args.count == delivered.arguments.count
            && message.attachments.count == delivered.attachments
    }

    private struct Registry {
        var loops: [ClientLoop?] = []
        var epoch = 0
    }

    private static let registry = Mutex(Registry())

    /// `epoch` tells loops apart that had the same index, one after the other: their handles differ.
    private init(_ engineLoop: EngineLoop, epoch: Int) {
        self.engineLoop = engineLoop
        let firstGeneration = UInt32(truncatingIfNeeded: epoch &* 65_537 &+ 1)
        replies = Mutex(ReplyTable(firstGeneration: firstGeneration))
        sockets = Mutex(SlotTable(firstGeneration: firstGeneration))
    }

    /// What belongs to an engine's loop; made at first use. On any thread.
    package static func of(_ engineLoop: EngineLoop) -> ClientLoop {
        let (loop, replaced) = registry.withLock { registry -> (ClientLoop, ClientLoop?) in
            let index = engineLoop.index
            while registry.loops.count <= index { registry.loops.append(nil) }
            let old = registry.loops[index]
            if let old, old.engineLoop === engineLoop { return (old, nil) }
            registry.epoch &+= 1
            let loop = ClientLoop(engineLoop, epoch: registry.epoch)
            registry.loops[index] = loop
            return (loop, old)
        }
        // Its end may run code of the application: not under the lock.
        withExtendedLifetime(replaced) {}
        return loop
    }

    /// The loop with this index. On any thread.
    package static func at(_ index: Int) -> ClientLoop? {
        registry.withLock { index < $0.loops.count ? $0.loops[index] : nil }
    }

    /// Nil when the table is full.
    func add(_ socket: ClientSocket) -> Handle? {
        sockets.withLock { $0.insert(socket) }.map { Handle(.clientSocket, loop: engineLoop.index, $0) }
    }

    func remove(_ handle: Handle) {
        guard let key: SlotTable<ClientSocket>.Key = handle.key(of: .clientSocket) else { return }
        let removed = sockets.withLock { $0.remove(key) }
        withExtendedLifetime(removed) {}
    }

    /// The socket of a handle; nil for one that is stale, foreign or made up. On any thread.
    package static func socket(_ handle: Handle) -> ClientSocket? {
        guard let key: SlotTable<ClientSocket>.Key = handle.key(of: .clientSocket), let loop = at(handle.loop) else {
            return nil
        }
        return loop.sockets.withLock { $0[key] }
    }
}
