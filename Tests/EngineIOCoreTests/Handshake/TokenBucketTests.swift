import EngineIOCore
import Testing

@Suite struct TokenBucketTests {
    /// How many of so many that come at a time go through.
    private func taken(_ bucket: inout TokenBucket, of count: Int, at now: Instant) -> Int {
        (0..<count).count { _ in bucket.take(now: now) }
    }

    @Test func letsASecondsWorthThroughAtOnceAndThenOneByOne() {
        var bucket = TokenBucket(perSecond: 10, now: 0)
        #expect(taken(&bucket, of: 20, at: 0) == 10)
        #expect(taken(&bucket, of: 5, at: 99) == 0)
        #expect(taken(&bucket, of: 5, at: 100) == 1)
        #expect(taken(&bucket, of: 50, at: 600) == 5)
        // A long silence is no more than a second of it.
        #expect(taken(&bucket, of: 50, at: 1_000_000) == 10)
    }

    @Test func losesNothingBetweenMilliseconds() {
        var bucket = TokenBucket(perSecond: 3, now: 0)
        #expect(taken(&bucket, of: 3, at: 0) == 3)
        let through = (1...10_000).count { bucket.take(now: Instant($0)) }
        #expect(through == 30)
    }

    @Test func aClockThatGoesBackBringsNothing() {
        var bucket = TokenBucket(perSecond: 1, now: 5000)
        let taken = [5000, 0, .min, .max].map { bucket.take(now: $0) }
        #expect(taken == [true, false, false, true])
    }
}
