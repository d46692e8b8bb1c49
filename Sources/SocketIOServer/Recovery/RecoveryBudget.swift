import Synchronization

/// The bytes of events that all namespaces of a server keep for clients that come back.
///
/// A namespace counts here what it keeps. When that is too much for the server, the namespaces that keep most drop their
/// oldest events, so that a busy one takes nothing from those that keep little. Its sender does that, after it has let
/// go of the lock of its own namespace: two of those locks are never held at a time.
final class RecoveryBudget: Sendable {
    private struct Member {
        weak var recovery: NamespaceRecovery?
    }

    private let limit: Int
    private let used = Atomic<Int>(0)
    private let members = Mutex<[ObjectIdentifier: Member]>([:])

    init(limit: Int) {
        self.limit = max(0, limit)
    }

    /// Bytes that are kept.
    var count: Int { used.load(ordering: .relaxed) }

    func join(_ recovery: NamespaceRecovery) {
        members.withLock { $0[ObjectIdentifier(recovery)] = Member(recovery: recovery) }
    }

    /// A namespace that has ended keeps nothing any more.
    func leave(_ recovery: NamespaceRecovery, size: Int) {
        change(by: 0 &- size)
        _ = members.withLock { $0.removeValue(forKey: ObjectIdentifier(recovery)) }
    }

    /// A namespace keeps so many bytes more, or less.
    func change(by bytes: Int) {
        if bytes != 0 { used.wrappingAdd(bytes, ordering: .relaxed) }
    }

    /// Makes room if there are too many bytes. Under no lock of a namespace.
    func enforce() {
        guard count > limit else { return }
        // What they release may be the last reference: not under the lock.
        let all = members.withLock { $0.values.compactMap(\.recovery) }
        // To have looked at all namespaces is to pay for a while.
        let target = limit &- limit / 8
        for (recovery, size) in all.map({ ($0, $0.keptBytes) }).sorted(by: { $0.1 > $1.1 }) {
            let excess = count &- target
            guard excess > 0 else { return }
            recovery.shrink(to: max(0, size &- excess))
        }
    }
}
