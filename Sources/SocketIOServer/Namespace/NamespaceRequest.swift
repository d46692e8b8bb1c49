import SocketIOTransport
import Synchronization

/// Asked whether a namespace may be made that a client wants to join; it decides through the request, now or later.
public typealias NamespaceMatcher = @Sendable (NamespaceRequest) -> Void

/// A client that wants to join a namespace that does not exist. Decide now or later, from any thread; the first
/// decision counts.
///
/// SAFETY of `@unchecked Sendable`: `client` is used on the loop only.
public final class NamespaceRequest: @unchecked Sendable {
    /// The namespace's name, as the client gave it.
    public let name: String
    /// What the client sent along: the JSON text of an object.
    public let auth: String
    package let loop: SocketLoop
    /// The name as packets have it.
    let wireName: [UInt8]
    /// Who is asked: the first that was registered is 0.
    let position: Int
    private weak var client: Client?
    private let isDecided = Atomic<Bool>(false)
    private let onAbandon = Mutex<(@Sendable () -> Void)?>(nil)

    init(name: String, wireName: [UInt8], auth: String, client: Client, position: Int) {
        self.name = name
        self.wireName = wireName
        self.auth = auth
        self.client = client
        self.position = position
        loop = client.loop
    }

    /// Makes the namespace, a child of the one that asks.
    public func accept() throws(SocketError) { try decide(true) }

    /// Leaves it to the next one that was registered with ``SocketServer/of(_:where:)``; behind the last, the client
    /// is told "Invalid namespace".
    public func reject() throws(SocketError) { try decide(false) }

    private func decide(_ isAccepted: Bool) throws(SocketError) {
        guard isDecided.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else {
            throw SocketError(.gone, "The namespace was decided about before, or the client is gone.")
        }
        loop.engineLoop.run { self.client?.decided(self, isAccepted: isAccepted) }
    }

    /// Calls `body` on the loop when the client goes before there is a decision.
    package func onAbandon(_ body: @escaping @Sendable () -> Void) {
        onAbandon.withLock { $0 = body }
    }

    /// The client has gone. On the loop.
    func abandon() {
        isDecided.store(true, ordering: .relaxed)
        onAbandon.withLock { $0 }?()
    }
}
