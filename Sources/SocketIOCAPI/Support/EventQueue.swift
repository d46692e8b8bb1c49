import CLinux
import CSocketIO
import Glibc
import SocketIOServer

/// The events that wait for a program that takes them on a thread of its own.
///
/// It is bounded by not reading: at its capacity it asks for the loops to stop reading from the clients, at half of
/// that to go on. What one read of each connection brings may still come on top. The descriptor is readable while
/// events wait; it is written and read under the lock, so that it always tells the truth.
final class EventQueue: @unchecked Sendable {
    // SAFETY: everything that changes is guarded by the mutex.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var records: [EventRecord?] = []
    private var head = 0
    private var byteCount = 0
    private var isPaused = false
    private var wakeups = 0
    private var droppedLogLines = 0
    private var isClosed = false

    let descriptor: CInt
    private let capacity: Int
    private let byteCapacity: Int
    /// Tells the loops to look at ``isReadingPaused``. Called without the lock; it carries no value, so that a loop
    /// which is told late still does what holds then.
    private let pauseChanged: @Sendable (EventQueue) -> Void

    /// Nil if the system has no descriptor left.
    init?(capacity: Int, byteCapacity: Int, pauseChanged: @escaping @Sendable (EventQueue) -> Void) {
        descriptor = eventfd(0, CInt(EFD_NONBLOCK | EFD_CLOEXEC))
        self.capacity = capacity
        self.byteCapacity = byteCapacity
        self.pauseChanged = pauseChanged
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        guard descriptor >= 0 else { return nil }
    }

    deinit {
        if descriptor >= 0 && !isClosed { Glibc.close(descriptor) }
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    private var waiting: Int { records.count - head }

    /// Whether the loops are to leave the clients' bytes where they are.
    var isReadingPaused: Bool { locked { isPaused } }

    /// How many events wait.
    var count: Int { locked { waiting } }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    // MARK: Putting in

    func push(_ record: EventRecord) {
        let pauses = locked {
            append(record)
            guard !isPaused, waiting >= capacity || byteCount >= byteCapacity else { return false }
            isPaused = true
            return true
        }
        if pauses { pauseChanged(self) }
    }

    /// For lines of the log, which must not hold anybody up: without room they are dropped, and counted.
    func pushIfRoom(_ record: (_ dropped: Int) -> EventRecord) {
        let record = record(locked { droppedLogLines })
        locked {
            if waiting >= capacity || byteCount >= byteCapacity {
                droppedLogLines &+= 1
            } else {
                droppedLogLines = 0
                append(record)
            }
        }
    }

    private func append(_ record: EventRecord) {
        guard !isClosed else { return }
        if waiting == 0 { eventfd_write(descriptor, 1) }
        records.append(record)
        byteCount &+= record.size
        pthread_cond_signal(condition)
    }

    // MARK: Taking out

    /// The next event, waiting for up to `timeout` milliseconds (-1: for ever); nil if none came, or on a wake-up.
    func pop(timeout: Int32) -> EventRecord? {
        var resumes = false
        let record: EventRecord? = locked {
            wait(timeout)
            guard let record = take() else { return nil }
            resumes = mayResume()
            return record
        }
        if resumes { pauseChanged(self) }
        return record
    }

    private func mayResume() -> Bool {
        guard isPaused, waiting <= capacity / 2, byteCount <= byteCapacity / 2 else { return false }
        isPaused = false
        return true
    }

    private func take() -> EventRecord? {
        guard head < records.count, let record = records[head] else { return nil }
        records[head] = nil
        head += 1
        byteCount &-= record.size
        if head == records.count {
            records.removeAll(keepingCapacity: records.capacity <= 4096)
            head = 0
            var ignored: eventfd_t = 0
            eventfd_read(descriptor, &ignored)
        } else if head >= 4096 {
            records.removeFirst(head)
            head = 0
        }
        return record
    }

    private func wait(_ timeout: Int32) {
        guard timeout != 0 else { return }
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        if timeout > 0 {
            deadline.tv_sec += Int(timeout / 1000)
            deadline.tv_nsec += Int(timeout % 1000) * 1_000_000
            if deadline.tv_nsec >= 1_000_000_000 {
                deadline.tv_sec += 1
                deadline.tv_nsec -= 1_000_000_000
            }
        }
        while waiting == 0 && wakeups == 0 && !isClosed {
            if timeout < 0 {
                pthread_cond_wait(condition, mutex)
            } else if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT {
                return
            }
        }
        if waiting == 0 { wakeups = 0 }
    }

    /// Makes one waiting, or the next, ``pop(timeout:)`` return.
    func wake() {
        locked {
            wakeups = 1
            pthread_cond_signal(condition)
        }
    }

    /// Ends the queue: discards what waits, closes the descriptor, and lets go of threads that wait for events.
    func close() {
        var discarded: [EventRecord?] = []
        locked {
            guard !isClosed else { return }
            isClosed = true
            discarded = records
            records = []
            head = 0
            byteCount = 0
            Glibc.close(descriptor)
            pthread_cond_broadcast(condition)
        }
        // Ended without the lock: contexts are released here.
        withExtendedLifetime(discarded) {}
    }

    /// Takes out all events of a server or a client; returns those that must be delivered all the same: the ends of its
    /// acks.
    func discard(of owner: UInt64) -> [EventRecord] {
        var discarded: [EventRecord] = []
        var acks: [EventRecord] = []
        var resumes = false
        locked {
            var kept: [EventRecord?] = []
            for case let record? in records[head...] {
                if record.owner != owner {
                    kept.append(record)
                } else {
                    byteCount &-= record.size
                    if [SIO_EVENT_ACK, SIO_EVENT_ACKS].contains(Int(record.event.pointee.kind)) {
                        acks.append(record)
                    } else {
                        discarded.append(record)
                    }
                }
            }
            let wasWaiting = waiting > 0
            records = kept
            head = 0
            if wasWaiting && kept.isEmpty {
                var ignored: eventfd_t = 0
                eventfd_read(descriptor, &ignored)
            }
            resumes = mayResume()
        }
        if resumes { pauseChanged(self) }
        // Ended without the lock: contexts are released here.
        withExtendedLifetime(discarded) {}
        return acks
    }
}
