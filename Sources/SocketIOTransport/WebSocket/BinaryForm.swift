import EngineIOCore

/// How a WebSocket carries a binary message.
enum BinaryForm: Sendable {
    /// As it is.
    case bytes
    /// Behind its type: revision 3.
    case typedBytes
    /// As text, for a client that asked for it (`b64` in its query): `b`, and base64.
    case base64
    /// The same in revision 3: `b4`, and base64.
    case typedBase64

    /// A WebSocket that probes for a session speaks the session's revision, whatever its own query says.
    init(revision: ProtocolRevision, b64: Bool) {
        self =
            switch revision {
            case .four: b64 ? .base64 : .bytes
            case .three: b64 ? .typedBase64 : .typedBytes
            }
    }
}
