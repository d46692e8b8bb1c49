extension Duration {
    /// Milliseconds, at least 1 and at most what a timer takes.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, seconds < 1_000_000_000 else { return seconds < 0 ? 1 : 1_000_000_000_000 }
        return max(1, seconds &* 1000 &+ attoseconds / 1_000_000_000_000_000)
    }
}
