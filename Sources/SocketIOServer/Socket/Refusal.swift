import SocketIOCore

/// What a client is told that a middleware refuses. The parts are JSON text.
struct Refusal {
    let message: String
    let data: String?

    /// The payload of the packet: of version 4 the data alone or, without any, the message.
    func json(_ version: ProtocolVersion) -> String {
        switch version {
        case .four: data ?? message
        case .five: "{\"message\":\(message)" + (data.map { ",\"data\":\($0)" } ?? "") + "}"
        }
    }
}
