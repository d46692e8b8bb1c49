import EngineIOCore
import Synchronization

/// What a manager's connection is doing, for those who ask on other threads; as it was a moment ago.
package final class ConnectionState: Sendable {
    private let transportNumber = Atomic<Int>(0)
    private let revisionNumber = Atomic<Int>(0)
    private let attempt = Atomic<Int>(0)

    /// What carries the connection; nil: there is none.
    package var transport: ManagerOptions.TransportKind? {
        switch transportNumber.load(ordering: .relaxed) {
        case 1: .polling
        case 2: .webSocket
        default: nil
        }
    }

    /// Of Engine.IO, in the latest connection; 0: there was none.
    package var revision: Int { revisionNumber.load(ordering: .relaxed) }

    /// Which attempt to connect again is under way, or was the last one; 0: the connection is there, or not wanted.
    package var attempts: Int { attempt.load(ordering: .relaxed) }

    // MARK: On the manager's loop

    func opened(_ handshake: ClientHandshake) {
        transportNumber.store(handshake.transport == .polling ? 1 : 2, ordering: .relaxed)
        revisionNumber.store(handshake.revision == .three ? 3 : 4, ordering: .relaxed)
        attempts(0)
    }

    func upgraded() { transportNumber.store(2, ordering: .relaxed) }

    func closed() { transportNumber.store(0, ordering: .relaxed) }

    func attempts(_ number: Int) { attempt.store(number, ordering: .relaxed) }
}
