/// The revisions of the Engine.IO protocol that are spoken here. A session has one for life.
///
/// Whoever does not ask for 4 speaks 3: the clients of Socket.IO 1 and 2 came before anyone had to say.
public enum ProtocolRevision: Int, Sendable {
    case three = 3
    case four = 4
}
