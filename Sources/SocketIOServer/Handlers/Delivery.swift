import EngineIOCore
import SocketIOHandlers

/// What becomes of an event that does not fit into the queue of a client that reads too slowly.
public typealias OverflowPolicy = EngineIOCore.QueuePolicy

/// What may become of an event while it waits for its client.
struct Delivery: Sendable {
    var isVolatile = false
    /// An event with the same key that waits for the same socket is replaced.
    var key: String?
    /// Nil: the server's.
    var policy: OverflowPolicy?

    /// It stays until it leaves.
    static let kept = Delivery(policy: .close)
}

extension ValidMessage {
    func delivery(isVolatile: Bool) -> Delivery {
        Delivery(
            isVolatile: isVolatile, key: coalesceKey.isEmpty ? nil : String(decoding: coalesceKey, as: UTF8.self),
            policy: overflow)
    }
}
