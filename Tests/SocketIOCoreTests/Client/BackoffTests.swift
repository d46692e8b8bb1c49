import Testing

@testable import SocketIOCore

/// protocol.md, section 18.3.
@Suite struct BackoffTests {
    private func options(_ change: (inout Backoff.Options) -> Void = { _ in }) -> Backoff.Options {
        var options = Backoff.Options()
        change(&options)
        return options
    }

    private func delays(_ options: Backoff.Options, random: Double, _ count: Int) -> [Int64?] {
        var backoff = Backoff(options)
        return (0..<count).map { _ in backoff.next(random: random) }
    }

    @Test func growsToTheMaximum() {
        expect(delays(options { $0.randomization = 0 }, random: 0.7, 5), is: [1000, 2000, 4000, 5000, 5000])
    }

    /// What `Backoff.duration` of socket.io-client makes of these numbers.
    @Test(
        arguments: [
            (0.0, [1000, 2000, 4000, 5000]),
            // An even first digit makes it shorter,
            (0.25, [875, 1750, 3500, 5000]),
            (0.49, [755, 1510, 3020, 5000]),
            (0.999, [1499, 2999, 5000, 5000]),
            // an odd one longer.
            (0.1, [1050, 2100, 4200, 5000]),
            (0.33, [1165, 2330, 4660, 5000]),
        ] as [(Double, [Int64])])
    func chance(random: Double, expected: [Int64]) {
        expect(delays(options(), random: random, 4), is: expected)
    }

    @Test func theMaximumComesBehindChance() {
        // 8000 less 3 * 1333 is under the maximum still.
        let some = options { $0.randomization = 1 }
        var backoff = Backoff(some)
        for _ in 0..<3 { _ = backoff.next(random: 0) }
        expect(backoff.next(random: 0.8), is: 1600)
    }

    @Test func zeroIsZero() {
        expect(delays(options { $0.delay = 0 }, random: 0.5, 3), is: [0, 0, 0])
        expect(delays(options { $0.attempts = 0 }, random: 0.5, 2), is: [nil, nil])
        expect(delays(options { $0.maxDelay = 0 }, random: 0.5, 2), is: [0, 0])
    }

    @Test func otherOptionsCountFromTheNextDelay() {
        var backoff = Backoff(options { $0.randomization = 0 })
        expect(backoff.next(random: 0), is: 1000)
        backoff.change(
            options {
                $0.randomization = 0
                $0.attempts = 4
            })
        expect(backoff.next(random: 0), is: 2000)
        let shorter = options {
            $0.randomization = 0
            $0.delay = 100
            $0.attempts = 4
        }
        backoff.change(shorter)
        expect(backoff.next(random: 0), is: 100)
        expect(backoff.next(random: 0), is: 200)
        expect(backoff.next(random: 0), is: nil)
        backoff.reset()
        expect(backoff.next(random: 0), is: 100)
    }

    @Test func attemptsAreCounted() {
        var backoff = Backoff(
            options {
                $0.attempts = 2
                $0.randomization = 0
            })
        expect(backoff.next(random: 0), is: 1000)
        expect(backoff.next(random: 0), is: 2000)
        expect(backoff.attempts, is: 2)
        expect(backoff.next(random: 0), is: nil)
        backoff.reset()
        expect(backoff.attempts, is: 0)
        expect(backoff.next(random: 0), is: 1000)
    }

    @Test(arguments: [0, -3, 1e300, .infinity, .nan])
    func factorsOfNoSense(factor: Double) {
        var backoff = Backoff(
            options {
                $0.factor = factor
                $0.maxDelay = .max
                $0.delay = .max
            })
        for _ in 0..<2000 {
            let delay = backoff.next(random: 0.5) ?? -1
            expect(delay >= 0, is: true)
        }
    }
}
