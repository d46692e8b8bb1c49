import SocketIOCore
import SocketIOTransport

/// A client that comes back before the server has noticed that it was gone: its old connection is ended, and then it is
/// let in.
///
/// SAFETY of `@unchecked Sendable`: `client` is used on its loop only.
final class Takeover: @unchecked Sendable {
    let namespace: Namespace
    let auth: String
    private weak var client: Client?
    private let loop: SocketLoop

    init(of namespace: Namespace, auth: String, by client: Client) {
        self.namespace = namespace
        self.auth = auth
        self.client = client
        loop = client.loop
    }

    func begin(_ old: ServerSocket) {
        old.loop.engineLoop.run {
            old.session.closeNow(.transportClose, .other("The client has come back on another connection."))
            // A loop that has ended has no clients any more.
            self.loop.engineLoop.run { self.client?.taken(self) ?? self.namespace.left() }
        }
    }
}
