import Synchronization

/// Numbers that one event loop changes, and everybody may read.
///
/// Only the loop's thread adds: it loads and stores, which costs it what a plain variable would, and takes the memory's
/// lines from nobody but those who read now and then.
///
/// Public for the optimiser (docs/decisions/0008): the layers above count on the path of a message.
public final class LoopCells: Sendable {
    // SAFETY: the pointer does not change, and what it points to is atomic.
    private nonisolated(unsafe) let cells: UnsafeMutablePointer<Atomic<UInt64>>
    private let count: Int

    /// No two loops share a line of any processor's cache.
    private static var lineSize: Int { 128 }

    init(count: Int) {
        self.count = count
        let size = (count &* MemoryLayout<Atomic<UInt64>>.stride &+ Self.lineSize &- 1) / Self.lineSize
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: size &* Self.lineSize, alignment: Self.lineSize)
        cells = memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        for index in 0..<count { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: count)
        cells.deallocate()
    }

    /// On the loop. `index` is one of those that the owner of the table has given out.
    @inline(__always)
    public func add(_ amount: Int, to index: Int) {
        guard index < count else { return }
        let old = cells[index].load(ordering: .relaxed)
        cells[index].store(old &+ UInt64(truncatingIfNeeded: amount), ordering: .relaxed)
    }

    /// On any thread.
    package subscript(index: Int) -> UInt64 {
        index < count ? cells[index].load(ordering: .relaxed) : 0
    }
}

/// The cells of all loops.
package final class LoopCellTable: Sendable {
    private let count: Int
    /// By the index of the loop.
    private let loops = Mutex<[LoopCells?]>([])

    package init(count: Int) {
        self.count = count
    }

    /// Those of a loop; made at the first call. On any thread: not on a message's path.
    package func cells(of loop: EngineLoop) -> LoopCells {
        loops.withLock { loops in
            while loops.count <= loop.index { loops.append(nil) }
            if let known = loops[loop.index] { return known }
            let new = LoopCells(count: count)
            loops[loop.index] = new
            return new
        }
    }

    /// The sum of a number on all loops.
    package subscript(index: Int) -> UInt64 {
        loops.withLock { $0 }.reduce(0) { $0 &+ ($1?[index] ?? 0) }
    }
}

/// Numbers that change seldom, on any thread.
package final class SharedCells: Sendable {
    // SAFETY: the pointer does not change, and what it points to is atomic.
    private nonisolated(unsafe) let cells: UnsafeMutablePointer<Atomic<UInt64>>
    private let count: Int

    package init(count: Int) {
        self.count = count
        cells = .allocate(capacity: count)
        for index in 0..<count { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: count)
        cells.deallocate()
    }

    package func add(_ amount: Int = 1, to index: Int) {
        guard index < count else { return }
        cells[index].wrappingAdd(UInt64(truncatingIfNeeded: amount), ordering: .relaxed)
    }

    package subscript(index: Int) -> UInt64 {
        index < count ? cells[index].load(ordering: .relaxed) : 0
    }
}
