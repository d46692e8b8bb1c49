/// The reasons for which a request is refused. The raw values are the codes of the wire.
public enum EngineError: Int, Error, Sendable, CaseIterable {
    case transportUnknown = 0
    case sessionUnknown
    case badHandshakeMethod
    case badRequest
    case forbidden
    case unsupportedProtocol

    /// The text of the wire, which is also the whole body when a WebSocket upgrade is refused.
    public var message: String {
        switch self {
        case .transportUnknown: "Transport unknown"
        case .sessionUnknown: "Session ID unknown"
        case .badHandshakeMethod: "Bad handshake method"
        case .badRequest: "Bad request"
        case .forbidden: "Forbidden"
        case .unsupportedProtocol: "Unsupported protocol version"
        }
    }

    /// The status of the answer to a plain request. A refused WebSocket upgrade gets 400 whatever the reason.
    public var httpStatus: Int {
        self == .forbidden ? 403 : 400
    }

    /// The body of the answer to a plain request.
    public var json: String {
        json(message: message)
    }

    /// The body with a text of the application's own, which it may give when it refuses a request.
    public func json(message: String) -> String {
        "{\"code\":\(rawValue),\"message\":\(JSONText.quoted(message))}"
    }
}
