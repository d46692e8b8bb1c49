import SocketIOHandlers
import SocketIOTransport
import Synchronization

/// A layer above that keeps events in a queue until the program takes them.
package protocol EventQueueOwner: AnyObject {
    var queuedEvents: Int { get }
}

/// What is counted where it happens, for the whole server, and what a layer above attaches to the server.
final class Counters: Sendable {
    /// Replies that are awaited from clients.
    let pendingAcks = Atomic<Int>(0)
    /// Replies that clients await.
    let pendingReplies = ReplyCounter()
    /// Whether somebody listens, or did, to clients that have caught up.
    let hearsOfDrains = Atomic<Bool>(false)
    /// What has happened so far.
    let metrics = SocketMetrics()
    let owner = Owner()

    /// Set once, before the server listens.
    final class Owner: @unchecked Sendable {
        // SAFETY: written before any other thread can know of the server.
        private weak var object: AnyObject?

        func load() -> AnyObject? { object }
        func store(_ object: AnyObject) { self.object = object }
    }
}
