import EngineIOCore
import NIOCore

/// Something that wants to be called when a time has come.
package protocol DeadlineTarget: AnyObject {
    /// Where it stands in the queue; -1 when it does not. The queue's own.
    var deadlinePosition: Int32 { get set }
    /// The time it waits for. The queue's own; set it with ``DeadlineQueue/schedule(_:at:)``.
    var scheduledDeadline: Instant { get set }
    func deadlineReached(now: Instant)
}

/// The deadlines of a loop's objects of one kind: a binary heap that knows where each object stands, so that one can
/// be moved or removed at once. It uses one timer of the event loop for all of them.
package final class DeadlineQueue<Target: DeadlineTarget> {
    private unowned let loop: EngineLoop
    private var heap: [Target] = []
    private var timer: Scheduled<Void>?
    private var timerDeadline = Instant.max

    package init(loop: EngineLoop) {
        self.loop = loop
    }

    /// Calls the target at `deadline` instead of when it was to be called before; `nil`: not at all.
    package func schedule(_ target: Target, at deadline: Instant?) {
        guard let deadline else { return remove(target) }
        let position = Int(target.deadlinePosition)
        if position >= 0 {
            guard target.scheduledDeadline != deadline else { return }
            target.scheduledDeadline = deadline
            siftDown(from: siftUp(from: position))
        } else {
            guard let last = Int32(exactly: heap.count) else { return }
            target.scheduledDeadline = deadline
            target.deadlinePosition = last
            heap.append(target)
            siftUp(from: heap.count - 1)
        }
        updateTimer()
    }

    package func remove(_ target: Target) {
        let position = Int(target.deadlinePosition)
        guard position >= 0, position < heap.count else { return }
        target.deadlinePosition = -1
        let last = heap.removeLast()
        guard position < heap.count else { return }
        put(last, at: position)
        siftDown(from: siftUp(from: position))
    }

    private func updateTimer() {
        guard let first = heap.first, first.scheduledDeadline < timerDeadline else { return }
        timer?.cancel()
        timerDeadline = first.scheduledDeadline
        let delay = max(0, min(timerDeadline &- loop.now, 86_400_000))
        // SAFETY: runs on the loop that owns the queue.
        nonisolated(unsafe) let fire = timerFired
        timer = loop.eventLoop.scheduleTask(in: .milliseconds(delay)) { fire() }
    }

    private func timerFired() {
        timer = nil
        timerDeadline = .max
        let now = loop.now
        while let first = heap.first, first.scheduledDeadline <= now {
            remove(first)
            first.deadlineReached(now: now)
        }
        updateTimer()
    }

    // MARK: The heap

    private func put(_ target: Target, at position: Int) {
        heap[position] = target
        target.deadlinePosition = Int32(truncatingIfNeeded: position)
    }

    @discardableResult
    private func siftUp(from start: Int) -> Int {
        var position = start
        let target = heap[position]
        while position > 0 {
            let parent = (position - 1) / 2
            guard target.scheduledDeadline < heap[parent].scheduledDeadline else { break }
            put(heap[parent], at: position)
            position = parent
        }
        put(target, at: position)
        return position
    }

    private func siftDown(from start: Int) {
        var position = start
        let target = heap[position]
        while true {
            var child = 2 * position + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].scheduledDeadline < heap[child].scheduledDeadline { child += 1 }
            guard heap[child].scheduledDeadline < target.scheduledDeadline else { break }
            put(heap[child], at: position)
            position = child
        }
        put(target, at: position)
    }
}
