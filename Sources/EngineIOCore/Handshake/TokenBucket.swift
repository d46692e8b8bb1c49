/// Lets so many through in a second, and as many at once after a second in which nobody came.
///
/// It counts in thousandths, of which a millisecond brings as many as there are to be in a second: nothing is rounded.
public struct TokenBucket: Sendable {
    private static let token: Int64 = 1000
    private let perSecond: Int64
    private var tokens: Int64
    private var filled: Instant

    public init(perSecond: Int, now: Instant) {
        self.perSecond = Int64(max(1, min(perSecond, 1_000_000_000)))
        tokens = self.perSecond &* Self.token
        filled = now
    }

    /// Whether one may go through. `now` that is earlier than before counts as the same.
    public mutating func take(now: Instant) -> Bool {
        if now > filled {
            let elapsed = min(max(0, now &- filled), 1000)
            tokens = min(perSecond &* Self.token, tokens &+ elapsed &* perSecond)
            filled = now
        }
        guard tokens >= Self.token else { return false }
        tokens &-= Self.token
        return true
    }
}
