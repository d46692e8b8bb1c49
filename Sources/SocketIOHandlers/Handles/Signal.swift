import Glibc
import Synchronization

/// Something that happens once, and that threads can wait for.
package final class Signal: Sendable {
    private enum State: Sendable {
        /// There is a gate once somebody waits: every client has a signal, and mostly nobody does.
        case ahead(Gate?)
        case past
    }

    private let state = Mutex(State.ahead(nil))

    package init() {}

    package func signal() {
        let gate = state.withLock { state -> Gate? in
            guard case .ahead(let gate) = state else { return nil }
            state = .past
            return gate
        }
        gate?.open()
    }

    package func wait() {
        let gate = state.withLock { state -> Gate? in
            switch state {
            case .past: return nil
            case .ahead(let gate?): return gate
            case .ahead(nil):
                let gate = Gate()
                state = .ahead(gate)
                return gate
            }
        }
        gate?.pass()
    }
}

/// What those who wait wait at.
private final class Gate: @unchecked Sendable {
    // SAFETY: `isOpen` is guarded by the mutex.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isOpen = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func open() {
        pthread_mutex_lock(mutex)
        isOpen = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    func pass() {
        pthread_mutex_lock(mutex)
        while !isOpen { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
    }
}
