/// When a client connects: at once, after a delay, or not at all. It knows of no time and no connection; what it
/// answers is done by the layer above.
public struct ReconnectionMachine: Sendable {
    private enum State {
        /// Nobody wants a connection.
        case idle
        /// One is being opened; `attempt` is 0 for the first, which is no reconnection.
        case opening(attempt: Int)
        case open
        /// One is opened after a delay.
        case waiting
        /// For ever.
        case closed
    }

    /// What to do once a connection, or an attempt at one, has ended.
    public enum Next: Equatable, Sendable {
        /// Wait so many milliseconds, and call ``ReconnectionMachine/delayPassed()``.
        case wait(Int64)
        /// The attempts are used up.
        case giveUp
        /// It was the last: nobody wants another one.
        case stay
    }

    private var reconnects: Bool
    private var backoff: Backoff
    private var state = State.idle

    /// `reconnects`: whether there are any attempts but those that somebody asks for.
    public init(reconnects: Bool, _ options: Backoff.Options) {
        self.reconnects = reconnects
        backoff = Backoff(options)
    }

    /// Other options, from the next delay on. Whether an attempt was waited for that is not made any more.
    public mutating func change(reconnects: Bool, _ options: Backoff.Options) -> Bool {
        self.reconnects = reconnects
        backoff.change(options)
        guard !reconnects, case .waiting = state else { return false }
        backoff.reset()
        state = .idle
        return true
    }

    public var isClosed: Bool { if case .closed = state { true } else { false } }
    public var isOpen: Bool { if case .open = state { true } else { false } }
    /// Whether a connection is there, or on its way, or will be.
    public var isActive: Bool {
        switch state {
        case .idle, .closed: false
        case .opening, .open, .waiting: true
        }
    }

    /// Somebody wants a connection. Whether to open one now.
    public mutating func wanted() -> Bool {
        switch state {
        case .idle:
            state = .opening(attempt: 0)
            return true
        case .opening, .open, .waiting, .closed: return false
        }
    }

    /// The connection is open. After how many attempts, if it was a reconnection.
    public mutating func opened() -> Int? {
        guard case .opening(let attempt) = state else { return nil }
        state = .open
        backoff.reset()
        return attempt > 0 ? attempt : nil
    }

    /// The connection is gone, or did not open; `attempt` is nil for one that was open.
    public mutating func ended(random: Double) -> (attempt: Int?, next: Next)? {
        let attempt: Int?
        switch state {
        case .idle, .waiting, .closed: return nil
        case .opening(let number): attempt = number
        case .open: attempt = nil
        }
        guard reconnects else {
            backoff.reset()
            state = .idle
            // Somebody has wanted no more of it while a reconnection was on its way, and is told as if it had waited.
            return (attempt, attempt ?? 0 > 0 ? .giveUp : .stay)
        }
        guard let delay = backoff.next(random: random) else {
            backoff.reset()
            state = .idle
            return (attempt, .giveUp)
        }
        state = .waiting
        return (attempt, .wait(delay))
    }

    /// The delay is over. The number of the attempt that is to be made now.
    public mutating func delayPassed() -> Int? {
        guard case .waiting = state else { return nil }
        state = .opening(attempt: backoff.attempts)
        return backoff.attempts
    }

    /// Nobody wants a connection any more, until somebody does: what is there, or on its way, is to be ended.
    public mutating func unwanted() {
        switch state {
        case .closed: return
        case .idle, .opening, .open, .waiting: state = .idle
        }
        backoff.reset()
    }

    /// There will be no connection any more.
    public mutating func close() {
        state = .closed
    }
}
