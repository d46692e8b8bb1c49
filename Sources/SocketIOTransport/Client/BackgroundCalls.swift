import Glibc
import Synchronization

/// Threads for calls that may block for long and cannot be ended: asking for the addresses of a name, reading
/// certificates.
///
/// Nobody waits for them, not even the end of a runtime: a name server that is silent holds up nobody but who asked. A
/// thread starts when there is work, and ends when there is none. Of the whole process.
enum BackgroundCalls {
    typealias Work = @Sendable () -> Void

    private static let mostThreads = 8

    private struct State {
        var waiting: [Work] = []
        var threads = 0
    }

    private static let state = Mutex(State())

    /// Runs `work` on one of the threads. Where the system has none left, the caller does it: slow is better than not
    /// at all. Thread-safe.
    static func run(_ work: @escaping Work) {
        let needsThread = state.withLock { state in
            state.waiting.append(work)
            guard state.threads < mostThreads else { return false }
            state.threads += 1
            return true
        }
        guard needsThread, !startThread() else { return }
        // Others may be at work; if not, this is the only thread there is.
        runAll()
    }

    private static func startThread() -> Bool {
        var thread = pthread_t()
        let status = EngineRuntime.withSignalsBlocked {
            pthread_create(
                &thread, nil,
                { _ in
                    BackgroundCalls.runAll()
                    return nil
                }, nil)
        }
        if status == 0 { pthread_detach(thread) }
        return status == 0
    }

    private static func runAll() {
        while let work = next() { work() }
    }

    /// The oldest piece of work; nil: the thread's count is given back, and it ends.
    private static func next() -> Work? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.threads -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
    }
}
