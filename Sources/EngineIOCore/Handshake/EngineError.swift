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

    /// Whether the client is told more than the message: who meets a server of another version cannot know what to do.
    /// It tells nothing that an attacker would not find out by asking twice.
    public var isExplainedToClient: Bool { self == .unsupportedProtocol }

    /// The body of the answer to a plain request.
    public var json: String {
        json(message: message)
    }

    /// The body with a text of the application's own, which it may give when it refuses a request.
    public func json(message: String) -> String {
        "{\"code\":\(rawValue),\"message\":\(JSONText.quoted(message))}"
    }

    /// The body with an explanation. `code` and `message` stay what clients and their tests compare, so it has a key of
    /// its own: the one that Node's server gives the same thing in its event `connection_error`.
    public func json(context: String) -> String {
        "{\"code\":\(rawValue),\"message\":\(JSONText.quoted(message)),\"context\":\(JSONText.quoted(context))}"
    }
}
