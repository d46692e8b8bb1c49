import Synchronization

/// What all namespaces of a server keep for clients that come back: sessions, and the bytes of events and of rooms.
///
/// A namespace counts here what it keeps. When that is too much for the server, the namespaces that keep most drop their
/// oldest, so that a busy one takes nothing from those that keep little. Who has made it too much does that, after he
/// has let go of the lock of his own namespace: two of those locks are never held at a time.
final class RecoveryBudget: Sendable {
    private struct Member {
        weak var recovery: NamespaceRecovery?
    }

    private let byteLimit: Int
    private let sessionLimit: Int
    private let bytes = Atomic<Int>(0)
    private let sessions = Atomic<Int>(0)
    private let members = Mutex<[ObjectIdentifier: Member]>([:])

    init(bytes: Int, sessions: Int) {
        byteLimit = max(0, bytes)
        sessionLimit = max(0, sessions)
    }

    /// Bytes that are kept.
    var byteCount: Int { bytes.load(ordering: .relaxed) }
    /// Sessions that are kept.
    var sessionCount: Int { sessions.load(ordering: .relaxed) }

    func join(_ recovery: NamespaceRecovery) {
        members.withLock { $0[ObjectIdentifier(recovery)] = Member(recovery: recovery) }
    }

    /// A namespace that has ended keeps nothing any more.
    func leave(_ recovery: NamespaceRecovery, bytes: Int, sessions: Int) {
        change(bytes: 0 &- bytes, sessions: 0 &- sessions)
        _ = members.withLock { $0.removeValue(forKey: ObjectIdentifier(recovery)) }
    }

    /// A namespace keeps so much more, or less.
    func change(bytes: Int, sessions: Int) {
        if bytes != 0 { self.bytes.wrappingAdd(bytes, ordering: .relaxed) }
        if sessions != 0 { self.sessions.wrappingAdd(sessions, ordering: .relaxed) }
    }

    /// Makes room if too much is kept. Under no lock of a namespace.
    func enforce() {
        if sessionCount > sessionLimit {
            shrink(to: sessionLimit, { self.sessionCount }, \.sessionCount, drop: { $0.shrink(toSessions: $1) })
        }
        if byteCount > byteLimit {
            shrink(to: byteLimit, { self.byteCount }, \.keptBytes, drop: { $0.shrink(toBytes: $1) })
        }
    }

    private func shrink(
        to limit: Int, _ count: () -> Int, _ kept: (NamespaceRecovery) -> Int, drop: (NamespaceRecovery, Int) -> Void
    ) {
        // What they release may be the last reference: not under the lock.
        let all = members.withLock { $0.values.compactMap(\.recovery) }
        // To have looked at all namespaces is to pay for a while.
        let target = limit &- limit / 8
        for (recovery, size) in all.map({ ($0, kept($0)) }).sorted(by: { $0.1 > $1.1 }) {
            let excess = count() &- target
            guard excess > 0 else { return }
            drop(recovery, max(0, size &- excess))
        }
    }
}
