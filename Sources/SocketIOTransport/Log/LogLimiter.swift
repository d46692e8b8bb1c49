import EngineIOCore

/// Keeps clients from flooding the log: of each cause, so many lines a minute are written, and the rest is counted.
///
/// It belongs to an event loop, has no clock of its own, and is as large as there are causes.
struct LogLimiter {
    static let linesPerMinute = 20
    static let minute: Instant = 60_000

    enum Verdict: Equatable {
        case write
        case drop
        /// The first that is dropped: call ``end(_:)`` after so many milliseconds.
        case dropAndEnd(in: Instant)
    }

    /// A minute of a cause. It starts with a line; one in which lines are dropped lasts until it is ended.
    private struct Window {
        let start: Instant
        var written = 1
        var dropped = 0
    }

    private var windows: [LogCause: Window] = [:]

    mutating func verdict(on cause: LogCause, at now: Instant) -> Verdict {
        guard var window = windows[cause], window.dropped > 0 || now &- window.start < Self.minute else {
            windows[cause] = Window(start: now)
            return .write
        }
        defer { windows[cause] = window }
        guard window.written >= Self.linesPerMinute else {
            window.written &+= 1
            return .write
        }
        window.dropped &+= 1
        return window.dropped == 1 ? .dropAndEnd(in: window.start &+ Self.minute &- now) : .drop
    }

    /// Ends the minute of a cause: how many lines it has cost.
    mutating func end(_ cause: LogCause) -> Int {
        windows.removeValue(forKey: cause)?.dropped ?? 0
    }
}

extension EngineLoop {
    /// Writes a line about what a client did, unless there were too many of the kind lately. Thread-safe.
    package func log(
        _ level: LogLevel, _ cause: LogCause, to write: @escaping @Sendable (LogLevel, String) -> Void,
        counting metrics: EngineMetrics, _ text: () -> String
    ) {
        guard isCurrent else {
            let text = text()
            post { self.log(level, cause, to: write, counting: metrics) { text } }
            return
        }
        switch logLimiter.verdict(on: cause, at: now) {
        case .write: write(level, text())
        case .drop: metrics.lineSuppressed()
        case .dropAndEnd(let rest):
            metrics.lineSuppressed()
            eventLoop.scheduleTask(in: .milliseconds(rest)) {
                write(level, cause.summary(of: self.logLimiter.end(cause)))
            }
        }
    }
}
