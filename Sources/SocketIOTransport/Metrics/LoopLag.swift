import EngineIOCore
import NIOCore
import Synchronization

/// How late an event loop does what is due: what a handler that takes long, or a machine that is too small, does to
/// everybody on the loop.
///
/// It is measured as long as somebody asks: at each question, by the way through the mailbox, and then once a second
/// until nobody has asked for two minutes. A loop that nobody asks about is not woken.
package final class LoopLag: Sendable {
    /// From one measurement to the next, and from the last question to the last of them, in milliseconds.
    private let period: Instant
    private let patience: Instant
    private let durations = DurationCells()
    private let last = Atomic<UInt64>(0)
    private let askedAt = Atomic<Instant>(0)
    private let isSampling = Atomic<Bool>(false)

    init(period: Instant = 1000, patience: Instant = 120_000) {
        self.period = period
        self.patience = patience
    }

    /// What was measured so far; on any thread.
    package var histogram: DurationHistogram { durations.histogram }

    /// What was measured last, in microseconds; on any thread.
    package var microseconds: UInt64 { last.load(ordering: .relaxed) }

    /// Somebody asks: the loop measures now, and goes on for a while. On any thread.
    func measure(on loop: EngineLoop) {
        askedAt.store(loop.now, ordering: .relaxed)
        let due = NIODeadline.now()
        loop.post {
            self.note(since: due)
            guard !self.isSampling.exchange(true, ordering: .relaxed) else { return }
            self.proceed(on: loop)
        }
    }

    private func proceed(on loop: EngineLoop) {
        let due = NIODeadline.now() + .milliseconds(period)
        loop.eventLoop.scheduleTask(in: .milliseconds(period)) { [unowned loop] in
            self.note(since: due)
            guard loop.now &- self.askedAt.load(ordering: .relaxed) < self.patience else {
                return self.isSampling.store(false, ordering: .relaxed)
            }
            self.proceed(on: loop)
        }
    }

    private func note(since due: NIODeadline) {
        let nanoseconds = max(0, (NIODeadline.now() - due).nanoseconds)
        let microseconds = UInt64(nanoseconds) / 1000
        durations.add(microseconds: microseconds)
        last.store(microseconds, ordering: .relaxed)
    }
}

extension EngineRuntime {
    /// How late the loops are: of each, by its place in the runtime. To ask is what makes them measure.
    package func lags() -> [LoopLag] {
        loops.map { loop in
            loop.lag.measure(on: loop)
            return loop.lag
        }
    }
}
