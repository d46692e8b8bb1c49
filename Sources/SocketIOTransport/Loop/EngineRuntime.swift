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
    private let state = Mutex<State>(.idle)

    package init(threads: Int) {
        self.threads = max(1, min(threads, 64))
    }

    /// The loops; none before the start and after the end.
    package var loops: [EngineLoop] {
        state.withLock { if case .running(_, let loops) = $0 { loops } else { [] } }
    }

    /// Whether this thread is one of the loops'.
    package var isOnLoop: Bool { loops.contains { $0.isCurrent } }

    /// Starts the threads, once. `nil` after the end, or when the process has too many loops.
    package func start() -> (group: any EventLoopGroup, loops: [EngineLoop])? {
        state.withLock { state in
            switch state {
            case .stopped: return nil
            case .running(let group, let loops): return (group, loops)
            case .idle:
                let group = CloseOnExec.coveringEpoll {
                    withSignalsBlocked { MultiThreadedEventLoopGroup(numberOfThreads: threads) }
                }
                var loops: [EngineLoop] = []
                for eventLoop in group.makeIterator() {
                    guard let loop = LoopRegistry.add(eventLoop) else { return nil }
                    loops.append(loop)
                }
                state = .running(group, loops)
                return (group, loops)
            }
        }
    }

    /// Threads that are started inside block all signals: those are the program's to handle.
    private func withSignalsBlocked<Result>(_ body: () -> Result) -> Result {
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
