/// Why a session ended, in the words that Node's server uses (protocol.md, sections 8 and 15.2).
public enum CloseReason: String, CaseIterable, Sendable {
    /// The client closed the connection, or it was cut.
    case transportClose = "transport close"
    /// The transport failed, or the client broke a rule of the transport.
    case transportError = "transport error"
    /// The client did not answer a ping in time.
    case pingTimeout = "ping timeout"
    /// The client sent an undecodable Engine.IO packet.
    case parseError = "parse error"
    /// This side closed the connection because of what the client sent, or because the application said so.
    case forcedClose = "forced close"
    /// The client broke a rule of Socket.IO on a polling session that had no poll to answer.
    case forcedServerClose = "forced server close"
    /// The server is shutting down.
    case serverShuttingDown = "server shutting down"
}
