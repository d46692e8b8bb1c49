import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// A group of event loops with their threads. The threads start with the first call of ``start()``.
package final class EngineRuntime: Sendable {
    private enum State {
        case idle
        case running(MultiThreadedEventLoopGroup, [EngineLoop])
        case stopped
    }

    package let threads: Int
    /// For what may block.
    package let workers = WorkerThreads()
    private let state = Mutex<State>(.idle)
    private let turns = Atomic<Int>(0)

    package init(threads: Int) {
        self.threads = max(1, min(threads, 64))
    }

    /// The loops; none before the start and after the end.
    package var loops: [EngineLoop] {
        state.withLock { if case .running(_, let loops) = $0 { loops } else { [] } }
    }

    /// The loops one after the other, for the connections that nobody else spreads over them.
    package func nextLoop() -> EngineLoop? {
        let loops = loops
        guard !loops.isEmpty else { return nil }
        return loops[(turns.wrappingAdd(1, ordering: .relaxed).oldValue & Int.max) % loops.count]
    }

    /// From now on what this thread posts does not wake the loops, until ``uncork()``.
    package func cork() {
        for loop in loops { loop.cork() }
    }

    /// Wakes the loops for what this thread has posted since ``cork()``.
    package func uncork() {
        for loop in loops { loop.uncork() }
    }

    /// Whether this thread is an event loop's.
    package static var isOnAnyLoop: Bool { MultiThreadedEventLoopGroup.currentEventLoop != nil }

    /// Starts the threads, once.
    @discardableResult
    package func start() throws(ListenError) -> any EventLoopGroup {
        let started: Result<any EventLoopGroup, ListenError> = state.withLock { state in
            switch state {
            case .stopped: return .failure(.closed)
            case .running(let group, _): return .success(group)
            case .idle:
                guard hasDescriptors else {
                    return .failure(
                        .system("The system has no descriptors left for the event loops: raise the limit (ulimit -n)."))
                }
                let group = CloseOnExec.coveringEpoll {
                    Self.withSignalsBlocked { MultiThreadedEventLoopGroup(numberOfThreads: threads) }
                }
                var loops: [EngineLoop] = []
                for eventLoop in group.makeIterator() {
                    guard let loop = LoopRegistry.add(eventLoop) else {
                        for loop in loops { LoopRegistry.remove(loop) }
                        group.shutdownGracefully { _ in }
                        return .failure(
                            .limit("A process has at most \(LoopRegistry.capacity) event loops: use fewer threads."))
                    }
                    loops.append(loop)
                }
                state = .running(group, loops)
                return .success(group)
            }
        }
        return try started.get()
    }

    /// Whether the system has the descriptors that the loops need: without them NIO would end the process.
    private var hasDescriptors: Bool {
        var probes: [CInt] = []
        defer { for probe in probes { close(probe) } }
        // An epoll, an event and a timer descriptor each, and some to spare.
        for _ in 0..<(threads * 3 + 4) {
            let probe = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard probe >= 0 else { return false }
            probes.append(probe)
        }
        return true
    }

    /// Threads that are started inside block all signals: those are the program's to handle.
    static func withSignalsBlocked<Result>(_ body: () -> Result) -> Result {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        return body()
    }

    /// Ends the threads and waits for them. Close the servers first. Not from one of the loops.
    package func stop() {
        let running: (MultiThreadedEventLoopGroup, [EngineLoop])? = state.withLock { state in
            defer { state = .stopped }
            if case .running(let group, let loops) = state { return (group, loops) }
            return nil
        }
        guard let (group, loops) = running else { return }
        workers.stop()
        for loop in loops { loop.closeMailbox() }
        // What the loops have given to each other is done before the first of them ends.
        for _ in 0..<3 {
            for loop in loops { try? loop.eventLoop.submit {}.wait() }
        }
        try? group.syncShutdownGracefully()
        for loop in loops { LoopRegistry.remove(loop) }
    }
}

/// The event loops of the process, found by the index that handles carry.
package enum LoopRegistry {
    /// Handles have 8 bits for the loop.
    package static let capacity = 256

    private static let slots = Mutex<[EngineLoop?]>([])

    static func add(_ eventLoop: any EventLoop) -> EngineLoop? {
        slots.withLock { slots in
            let index = slots.firstIndex { $0 == nil } ?? slots.count
            guard index < capacity else { return nil }
            let loop = EngineLoop(eventLoop: eventLoop, index: index)
            if index < slots.count { slots[index] = loop } else { slots.append(loop) }
            return loop
        }
    }

    static func remove(_ loop: EngineLoop) {
        slots.withLock { slots in
            if loop.index < slots.count, slots[loop.index] === loop { slots[loop.index] = nil }
        }
    }
}
