import EngineIOCore
import Synchronization

/// Is told that a message was dropped. On the loop of its session.
package protocol DropListener: AnyObject, Sendable {
    func dropped()
}

/// The messages that were dropped since the server was made, and the clients that were disconnected because too much
/// waited for them.
package final class DropCounters: Sendable {
    package let volatile = Atomic<Int>(0)
    package let newest = Atomic<Int>(0)
    package let oldest = Atomic<Int>(0)
    package let coalesced = Atomic<Int>(0)
    package let server = Atomic<Int>(0)
    package let clients = Atomic<Int>(0)

    package init() {}

    func count(_ reason: DropReason) {
        switch reason {
        case .volatile: volatile.wrappingAdd(1, ordering: .relaxed)
        case .newest: newest.wrappingAdd(1, ordering: .relaxed)
        case .oldest: oldest.wrappingAdd(1, ordering: .relaxed)
        case .coalesced: coalesced.wrappingAdd(1, ordering: .relaxed)
        case .server: server.wrappingAdd(1, ordering: .relaxed)
        }
    }
}
