/// How packets are written; both sides have to use the same parser. Handlers see the same either way.
public enum SocketParser: Sendable, Equatable {
    /// JSON text, and binary values behind it.
    case json
    /// socket.io-msgpack-parser: one binary message for each packet.
    case msgpack
}
