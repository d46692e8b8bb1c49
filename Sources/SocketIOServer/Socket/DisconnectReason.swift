import EngineIOCore

/// Reasons of a disconnect that are Socket.IO's own; the others are ``CloseReason``'s.
enum DisconnectReason {
    static let clientNamespaceDisconnect = "client namespace disconnect"
    static let serverNamespaceDisconnect = "server namespace disconnect"

    /// Those of ``CloseReason``, too.
    static let all =
        CloseReason.allCases.map(\.rawValue) + [clientNamespaceDisconnect, serverNamespaceDisconnect]
}
