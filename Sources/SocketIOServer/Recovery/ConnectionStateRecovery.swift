/// What lets clients of Socket.IO 4.6 and later go on where they were, after their connection broke for a moment: with
/// their id, their rooms, ``ServerSocket/data``, and the events that they missed.
///
/// Every event that the server sends without asking for a reply then has one more argument, its offset, which handlers
/// at the client see. Events that are volatile or ask for a reply are not kept.
public struct ConnectionStateRecovery: Sendable, Equatable {
    /// How long clients may be away.
    public var maxDisconnectionDuration: Duration = .seconds(120)
    /// Whether middlewares are not asked again about a client that comes back.
    public var skipMiddlewares = false
    /// Clients that may be away, of all namespaces together; beyond, those that left first cannot come back, of the
    /// namespaces that have most.
    public var maxSessions = 10_000
    /// Bytes of events that are kept, and of the rooms of clients that are away, for all namespaces together; beyond,
    /// the oldest events of those that keep most go, and clients that need them begin anew. So do clients that were in
    /// very many rooms.
    public var maxBytes = 16 * 1024 * 1024

    public init() {}
}

/// Whether a client went on where it was.
public enum RecoveryOutcome: Sendable, Equatable {
    /// It did not ask to.
    case fresh
    case recovered
    /// It asked, and begins anew. The sentence says why.
    case failed(String)
}
