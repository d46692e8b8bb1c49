import EngineIOCore

/// How the polling bodies of a session are written and read, as the request settled it that opened the session.
struct PollingFormat: Sendable {
    let revision: ProtocolRevision
    /// Whether the client can receive bytes, rather than base64; of revision 3 only.
    private let takesBytes: Bool
    /// The client is a script, and its bodies are JSONP.
    let callback: JSONPCallback?

    init(_ query: RequestQuery) {
        revision = query.revision
        takesBytes = !query.b64
        callback = query.callback
    }

    /// The form of a response with these packets.
    func form(of packets: [EnginePacket]) -> PayloadForm {
        switch revision {
        case .four: .separated
        case .three: takesBytes && packets.contains(where: \.isBinary) ? .binary : .counted
        }
    }
}
