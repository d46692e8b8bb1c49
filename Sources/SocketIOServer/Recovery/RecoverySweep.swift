import EngineIOCore
import SocketIOTransport

/// Calls a namespace's recovery when the time of its oldest session is over. On one loop.
final class RecoverySweep: DeadlineTarget {
    private weak let recovery: NamespaceRecovery?
    private let loop: SocketLoop

    var deadlinePosition: Int32 = -1
    var scheduledDeadline: Instant = 0

    init(_ recovery: NamespaceRecovery, on loop: SocketLoop) {
        self.recovery = recovery
        self.loop = loop
    }

    func schedule(at deadline: Instant) { loop.recoverySweeps.schedule(self, at: deadline) }

    func deadlineReached(now: Instant) {
        guard let next = recovery?.expire(now: now) else { return }
        schedule(at: next)
    }
}
