/// The versions of the Socket.IO protocol, which differ in how clients join namespaces.
public enum ProtocolVersion: Sendable {
    /// Of the clients of Socket.IO 1 and 2. They are in the root namespace without asking, ask for others with a query
    /// behind the name, and know the ids of their sockets by themselves.
    case four
    /// Of the clients of Socket.IO 3 and later. They ask for every namespace, and are told the id.
    case five
}
