import EngineIOCore
import Glibc

/// A histogram of durations that one event loop fills.
package struct DurationCells: Sendable {
    static var count: Int { DurationBuckets.count &+ 1 }
    fileprivate let cells: LoopCells

    init(_ cells: LoopCells = LoopCells(count: count)) { self.cells = cells }

    /// On the loop.
    package func add(microseconds: UInt64) {
        cells.add(1, to: DurationBuckets.index(ofMicroseconds: microseconds))
        cells.add(Int(truncatingIfNeeded: microseconds), to: DurationBuckets.count)
    }

    /// On any thread.
    package var histogram: DurationHistogram { DurationHistogram { cells[$0] } }
}

/// One histogram that all loops fill.
package final class DurationCellTable: Sendable {
    private let table = LoopCellTable(count: DurationCells.count)

    package init() {}

    /// What a loop fills; on any thread, not on a message's path.
    package func cells(of loop: EngineLoop) -> DurationCells { DurationCells(table.cells(of: loop)) }

    package var histogram: DurationHistogram { DurationHistogram { table[$0] } }
}

extension DurationHistogram {
    fileprivate init(_ cell: (Int) -> UInt64) {
        self.init()
        for index in 0..<DurationBuckets.count { add(cell(index), toBucket: index) }
        microseconds = cell(DurationBuckets.count)
    }
}

/// A clock that costs no more than a look into memory, and is a few milliseconds late: the kernel's tick.
package enum CoarseClock {
    package static var microseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return UInt64(truncatingIfNeeded: time.tv_sec &* 1_000_000 &+ time.tv_nsec / 1000)
    }
}
