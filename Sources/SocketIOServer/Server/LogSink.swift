import SocketIOTransport
import Synchronization

/// Where the lines of the log go; one for all servers of a runtime.
package final class LogSink: Sendable {
    private struct State {
        var level: LogLevel?
        var write: (@Sendable (LogLevel, String) -> Void)?
    }

    private let state = Mutex(State())
    /// The level again, so that a line nobody wants costs no lock.
    private let wanted = Atomic<Int>(0)

    package init() {}

    package var level: LogLevel? { LogLevel(rawValue: wanted.load(ordering: .relaxed)) }

    package func set(_ level: LogLevel?, _ write: (@Sendable (LogLevel, String) -> Void)?) {
        let old = state.withLock { state in
            let old = state.write
            state = State(level: level, write: write)
            return old
        }
        withExtendedLifetime(old) {}
        wanted.store(write == nil ? 0 : level?.rawValue ?? 0, ordering: .relaxed)
    }

    func write(_ level: LogLevel, _ text: String) {
        state.withLock { $0.write }?(level, text)
    }
}
