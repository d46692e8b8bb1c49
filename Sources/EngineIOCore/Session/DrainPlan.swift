/// When the sessions of a server that drains end: evenly over a time, so that the servers that take them over are not
/// met by all at once.
public struct DrainPlan: Sendable {
    private let sessions: Int
    private let start: Instant
    private let spread: Instant

    /// `spread` is in milliseconds; 0 or less: all at once.
    public init(sessions: Int, start: Instant, spread: Instant) {
        self.sessions = max(0, sessions)
        self.start = start
        self.spread = max(0, spread)
    }

    /// How many have to have ended by now.
    public func due(at now: Instant) -> Int {
        let elapsed = max(0, now &- start)
        guard elapsed < spread else { return sessions }
        let due = Double(sessions) * Double(elapsed) / Double(spread)
        return Int(exactly: due.rounded(.down)).map { min($0, sessions) } ?? sessions
    }

    public func isOver(at now: Instant) -> Bool { now &- start >= spread }
}
