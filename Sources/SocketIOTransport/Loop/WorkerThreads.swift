import Glibc
import Synchronization

/// Threads for calls that may block, which no event loop can make: opening and reading files.
///
/// There are none before there is work; one more starts when all are busy, up to a few. Where the system has none
/// left, the work is done by who has it: slow is better than not at all.
///
/// SAFETY of `@unchecked Sendable`: `available` is a semaphore, the rest has a lock.
package final class WorkerThreads: @unchecked Sendable {
    package typealias Work = @Sendable () -> Void

    private static let limit = 4

    private struct State {
        var queue = WorkQueue()
        var threads: [pthread_t] = []
        var idle = 0
        var isStopped = false
    }

    private let state = Mutex(State())
    /// One for each piece of work, and at the end one for each thread.
    private let available = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() {
        sem_init(available, 0, 0)
    }

    deinit {
        sem_destroy(available)
        available.deallocate()
    }

    /// Runs `work` on one of the threads; not at all once they are stopped. Thread-safe.
    package func run(_ work: @escaping Work) {
        let isTaken = state.withLock { state in
            if state.isStopped { return true }
            if state.idle <= state.queue.count, state.threads.count < Self.limit, let thread = start() {
                state.threads.append(thread)
                state.idle += 1
            }
            guard !state.threads.isEmpty else { return false }
            state.queue.append(work)
            sem_post(available)
            return true
        }
        if !isTaken { work() }
    }

    /// Drops the work that waits, and waits for what is being done.
    func stop() {
        let threads = state.withLock { state in
            state.isStopped = true
            state.queue = WorkQueue()
            defer { state.threads = [] }
            return state.threads
        }
        for _ in threads { sem_post(available) }
        for thread in threads { pthread_join(thread, nil) }
    }

    private func start() -> pthread_t? {
        let box = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let status = EngineRuntime.withSignalsBlocked {
            pthread_create(
                &thread, nil,
                { box in
                    if let box { Unmanaged<WorkerThreads>.fromOpaque(box).takeRetainedValue().work() }
                    return nil
                }, box.toOpaque())
        }
        guard status == 0 else {
            box.release()
            return nil
        }
        return thread
    }

    private func work() {
        while true {
            while sem_wait(available) != 0 {}
            let (work, isStopped) = state.withLock { state -> (Work?, Bool) in
                let work = state.queue.popFirst()
                if work != nil { state.idle -= 1 }
                return (work, state.isStopped)
            }
            if let work {
                work()
                state.withLock { $0.idle += 1 }
            } else if isStopped {
                return
            }
        }
    }
}

/// First in, first out, at a constant cost.
private struct WorkQueue {
    private var incoming: [WorkerThreads.Work] = []
    /// The oldest last.
    private var outgoing: [WorkerThreads.Work] = []

    var count: Int { incoming.count &+ outgoing.count }

    mutating func append(_ work: @escaping WorkerThreads.Work) {
        incoming.append(work)
    }

    mutating func popFirst() -> WorkerThreads.Work? {
        if outgoing.isEmpty {
            outgoing = incoming.reversed()
            incoming.removeAll(keepingCapacity: outgoing.count <= 64)
        }
        return outgoing.popLast()
    }
}
