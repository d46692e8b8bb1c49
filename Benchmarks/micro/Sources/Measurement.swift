/// How long one call takes: the best of several repetitions, since others only ever make it slower.
enum Measurement {
    /// Long enough for the clock, short enough that some repetition goes undisturbed.
    private static let repetition = Duration.milliseconds(2)

    static func nanosecondsPerCall(repetitions: Int, _ call: () -> Void) -> Double {
        let clock = ContinuousClock()
        func time(_ calls: Int) -> Duration {
            clock.measure {
                for _ in 0..<calls { call() }
            }
        }
        // Doubling also warms up the caches and the branch predictor.
        var calls = 1
        while time(calls) < repetition, calls < 1 << 30 { calls *= 2 }
        var best = time(calls)
        for _ in 1..<max(repetitions, 1) { best = min(best, time(calls)) }
        return best / .nanoseconds(1) / Double(calls)
    }
}

/// Makes the optimizer believe that `value` is used.
@inline(never)
func use<Value>(_ value: Value) {
    withExtendedLifetime(value) {}
}
