import EngineIOCore
import Glibc
import NIOCore
import Synchronization

/// One event loop and what it owns: the clock of its sessions, its scratch memory, its open connections.
///
/// Everything but the members marked as thread-safe belongs to the loop's thread. A connection and a session belong
/// to one loop for life, so that nothing on the path of a message takes a lock or changes the thread.
///
/// SAFETY of `@unchecked Sendable`: the mutable members are used on the loop's thread only; `mailbox` has a lock.
package final class EngineLoop: @unchecked Sendable {
    package let eventLoop: any EventLoop
    /// Which of the process's loops this is; part of every handle. See ``LoopRegistry``.
    package let index: Int

    package let scratch = ScratchMemory()
    let outputMemory = OutputMemoryPool()
    package let receiveBuffers = LoopReceiveBuffers()
    package var random = RandomSource()
    var date = HTTPDate()
    var logLimiter = LogLimiter()
    package let lag = LoopLag()
    private(set) lazy var compression = LoopCompression(loop: self)
    private(set) package lazy var sessionDeadlines = DeadlineQueue<EngineSession>(loop: self)
    private(set) lazy var clientDeadlines = DeadlineQueue<EngineClient>(loop: self)
    private(set) lazy var requestDeadlines = DeadlineQueue<HTTPHandler>(loop: self)

    private(set) lazy var streamDeadlines = DeadlineQueue<HTTP2StreamHandler>(loop: self)

    /// The open connections, so that a closing server finds its own.
    var connections: [ObjectIdentifier: any LoopConnection] = [:]

    private struct Mailbox {
        var work: [@Sendable () -> Void] = []
        /// The loop was woken for it, and has not come yet.
        var isAwaited = false
        /// The loop's thread is about to end.
        var isClosed = false
    }

    private let mailbox = Mutex(Mailbox())
    /// What was taken out of the mailbox: from ``nextMail`` on, what is not done yet.
    private var mail: [@Sendable () -> Void] = []
    private var nextMail = 0
    /// Between two slices.
    private var isMailPaused = false
    /// How many threads are about to wake the loop for their work.
    private let wakers = Atomic<Int>(0)
    /// The thread that does not wake the loop; 0 if there is none.
    private let corker = Atomic<UInt>(0)
    /// From ``nextUnflushed`` on, what waits for the end of the turn.
    private var unflushed: [any Flushable] = []
    private var nextUnflushed = 0
    private var isFlushScheduled = false
    /// Between two slices.
    private var isFlushPaused = false

    private(set) var isReadingPaused = false
    private var heldReads: [ObjectIdentifier: any ReadHolder] = [:]

    package init(eventLoop: any EventLoop, index: Int) {
        self.eventLoop = eventLoop
        self.index = index
    }

    /// Milliseconds of the monotonic clock. Thread-safe.
    package static var now: Instant {
        Instant(truncatingIfNeeded: NIODeadline.now().uptimeNanoseconds / 1_000_000)
    }

    package var now: Instant { Self.now }

    /// Thread-safe.
    package var isCurrent: Bool { eventLoop.inEventLoop }

    // MARK: Work from other threads

    /// Runs `work` on the loop: now if this is its thread, else in the order of the calls. Thread-safe.
    @discardableResult
    package func run(_ work: @escaping @Sendable () -> Void) -> Bool {
        guard isCurrent else { return post(work) }
        work()
        return true
    }

    /// Runs `work` on the loop's next turn, in the order of the calls. Wakes the loop once for a batch. False, and no
    /// run, if the loop's thread ends. Thread-safe.
    @discardableResult
    package func post(_ work: @escaping @Sendable () -> Void) -> Bool {
        let isCorked = isCorkedHere
        let (isTaken, wakes) = mailbox.withLock { mailbox in
            guard !mailbox.isClosed else { return (false, false) }
            mailbox.work.append(work)
            let wakes = !isCorked || mailbox.work.count >= Self.corkedWork
            return (true, wakes && mustWake(&mailbox))
        }
        // Not under the lock: the loop that is woken would find it taken.
        if wakes { wake() }
        return isTaken
    }

    private func mustWake(_ mailbox: inout Mailbox) -> Bool {
        guard !mailbox.isAwaited else { return false }
        mailbox.isAwaited = true
        wakers.wrappingAdd(1, ordering: .relaxed)
        return true
    }

    private func wake() {
        eventLoop.execute { self.emptyMailbox() }
        wakers.wrappingSubtract(1, ordering: .releasing)
    }

    private var isCorkedHere: Bool {
        let corker = corker.load(ordering: .relaxed)
        return corker != 0 && corker == pthread_self()
    }

    /// So much work wakes the loop all the same: it is to write while the thread goes on.
    private static let corkedWork = 64

    /// From now on the work of this thread does not wake the loop, until ``uncork()`` or until it is much. One thread
    /// can have that; for the others, and on the loop itself, nothing changes: what they post takes the rest along.
    /// Thread-safe.
    package func cork() {
        guard !isCurrent else { return }
        _ = corker.compareExchange(expected: 0, desired: pthread_self(), ordering: .relaxed)
    }

    /// Wakes the loop for what this thread has posted since ``cork()``; without that, does nothing. Thread-safe.
    package func uncork() {
        guard isCorkedHere else { return }
        corker.store(0, ordering: .relaxed)
        let wakes = mailbox.withLock { !$0.isClosed && !$0.work.isEmpty && mustWake(&$0) }
        if wakes { wake() }
    }

    /// From now on work is dropped: what is left of it has nothing to work on. Before the threads end; not on the loop.
    func closeMailbox() {
        mailbox.withLock { $0.isClosed = true }
        // Nobody wakes an event loop that has ended.
        while wakers.load(ordering: .acquiring) > 0 { sched_yield() }
    }

    /// How long the loop does what others have posted before it looks after its connections again.
    private static let mailInARow = TimeAmount.milliseconds(2)

    private func emptyMailbox() {
        guard !isMailPaused else { return }
        let batch = mailbox.withLock { mailbox in
            let batch = mailbox.work
            mailbox.work = []
            mailbox.isAwaited = false
            return batch
        }
        if batch.count == 1 {
            batch[0]()
        } else if !batch.isEmpty {
            mail = batch
            doMail()
        }
        flush()
    }

    /// Does what there is time for. A loop that is behind finds much in its mailbox. If it did all of that first, its
    /// connections would take less meanwhile of what it writes to them, and it would fall behind further.
    private func doMail() {
        let end = NIODeadline.now() + Self.mailInARow
        while nextMail < mail.count {
            let work = mail[nextMail]
            // What is done lets go of what it holds.
            mail[nextMail] = {}
            nextMail &+= 1
            work()
            if nextMail < mail.count, NIODeadline.now() >= end { return pauseMail() }
        }
        mail = []
        nextMail = 0
    }

    private func pauseMail() {
        isMailPaused = true
        eventLoop.scheduleTask(in: Self.pause) {
            self.isMailPaused = false
            self.doMail()
            // What has come meanwhile, or the flush.
            if self.isMailPaused { self.flush() } else { self.emptyMailbox() }
        }
    }

    // MARK: Writing once a turn

    /// How many connections are flushed before the loop looks after others again: some two milliseconds.
    private static let flushesInARow = 256
    /// When it goes on. Not at once: the event loop runs all that is due before it polls again.
    private static let pause = TimeAmount.microseconds(10)

    /// Remembers to flush a connection when the current turn ends, so that what is written to it leaves at once.
    func flushLater(_ connection: any Flushable) {
        unflushed.append(connection)
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        eventLoop.execute { self.flush() }
    }

    /// Flushes what the turn has written so far. After a broadcast to very many it goes on in a later turn, so that
    /// nobody waits for all of them.
    func flush() {
        guard !isFlushPaused else { return }
        var left = Self.flushesInARow
        while nextUnflushed < unflushed.count {
            guard left > 0 else {
                pauseFlush()
                return
            }
            let connection = unflushed[nextUnflushed]
            nextUnflushed &+= 1
            left &-= 1
            connection.flush()
        }
        isFlushScheduled = false
        nextUnflushed = 0
        unflushed.removeAll(keepingCapacity: unflushed.capacity <= 4096)
    }

    private func pauseFlush() {
        // What was flushed is let go of: under load the list may never be at its end.
        if nextUnflushed > unflushed.count / 2 {
            unflushed.removeFirst(nextUnflushed)
            nextUnflushed = 0
        }
        isFlushScheduled = true
        isFlushPaused = true
        eventLoop.scheduleTask(in: Self.pause) {
            self.isFlushPaused = false
            self.flush()
        }
    }

    // MARK: Not reading while the application is behind

    /// Stops reading from the loop's connections.
    package func pauseReading() {
        isReadingPaused = true
    }

    /// Reads on, beginning with the connections that wait.
    package func resumeReading() {
        guard isReadingPaused else { return }
        isReadingPaused = false
        let waiting = heldReads.values
        heldReads = [:]
        for holder in waiting { holder.readHeld() }
    }

    func holdRead(of holder: any ReadHolder) {
        heldReads[ObjectIdentifier(holder)] = holder
    }

    func forgetRead(of holder: any ReadHolder) {
        // Nearly always: the look-up would take longer than all else here.
        guard !heldReads.isEmpty else { return }
        heldReads[ObjectIdentifier(holder)] = nil
    }
}

/// What ``EngineLoop/flushLater(_:)`` flushes.
protocol Flushable: AnyObject {
    func flush()
}

/// A connection that a server's end closes.
protocol LoopConnection: AnyObject {
    var engine: EngineServer { get }
    /// Says goodbye and closes, in a few seconds at most.
    func closeSoon()
}
