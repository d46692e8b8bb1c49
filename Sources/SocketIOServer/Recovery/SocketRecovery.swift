import EngineIOCore
import SocketIOCore
import SocketIOTransport

/// What a socket of a namespace that recovers has besides. On its loop.
final class SocketRecovery {
    private enum State {
        /// The client asks to go on with this session, and is not accepted yet.
        case claimed(SavedSession, after: UInt64)
        /// The client asks for a session of its own, and is not accepted yet.
        case new
        case connected(since: UInt64)
        /// What the client has missed is gone, or too much.
        case lost
    }

    private let namespace: NamespaceRecovery
    let outcome: RecoveryOutcome
    /// With which the client asks for the session.
    let privateID: SessionID
    private var state: State

    /// Takes the session that a client asks for in `auth`, if it is there.
    init(_ namespace: NamespaceRecovery, auth: String, loop: SocketLoop) {
        self.namespace = namespace
        guard let request = RecoveryRequest(auth: auth) else {
            outcome = .fresh
            privateID = loop.engineLoop.random.sessionID()
            state = .new
            return
        }
        switch namespace.claim(request, now: loop.engineLoop.now) {
        case .session(let session, let after):
            outcome = .recovered
            privateID = session.privateID
            state = .claimed(session, after: after)
        case .none(let why):
            outcome = .failed(why)
            privateID = loop.engineLoop.random.sessionID()
            state = .new
        }
    }

    /// The session that the client goes on with.
    var claimed: SavedSession? {
        guard case .claimed(let session, _) = state else { return nil }
        return session
    }

    /// The client is accepted: `join` puts its socket into the namespace, and `rooms`. Returns what it has missed; nil
    /// if it cannot go on after all.
    func accept(_ socket: ServerSocket, _ join: (_ rooms: Set<String>) -> Void) -> [[EnginePacket]]? {
        switch state {
        case .new:
            state = .connected(since: namespace.begin(privateID, as: socket) { join([]) })
            return []
        case .claimed(let session, let after):
            guard let missed = namespace.resume(session, as: socket, after: after, { join(session.rooms) }) else {
                state = .lost
                return nil
            }
            state = .connected(since: session.since)
            return missed
        case .connected, .lost: return []
        }
    }

    /// The socket has ended; its client may come back, if the reason says so.
    func ended(_ socket: ServerSocket, rooms: Set<String>, data: DataBox?, reason: String) {
        switch state {
        case .new, .lost: break
        // It was refused or left: it may try again.
        case .claimed(let session, _):
            save(socket, rooms: session.rooms, since: session.since, data: data)
        case .connected(let since):
            guard Self.reasons.contains(reason) else { return namespace.ended(privateID) }
            save(socket, rooms: rooms, since: since, data: data)
        }
    }

    private func save(_ socket: ServerSocket, rooms: Set<String>, since: UInt64, data: DataBox?) {
        let expires = socket.loop.engineLoop.now &+ namespace.duration
        namespace.save(
            SavedSession(
                privateID: privateID, socketID: socket.socketID, rooms: rooms, since: since, expires: expires,
                data: data),
            on: socket.loop)
    }

    /// After which clients come back: the connection ended, not the socket.
    private static let reasons: Set<String> = Set(
        [CloseReason.transportClose, .transportError, .pingTimeout, .forcedClose, .forcedServerClose].map(\.rawValue))
}
