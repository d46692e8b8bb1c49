/// What decides the fate of a request, apart from the session it names.
public struct HandshakeRequest: Sendable {
    public enum Method: Sendable {
        case get
        case post
        case options
        case other
    }

    let method: Method
    /// Whether the request asks to become a WebSocket.
    let isUpgrade: Bool
    let transport: RequestQuery.NamedTransport
    let revision: RequestQuery.NamedRevision
    /// Whether it has a `sid`, whatever that is.
    let namesSession: Bool

    public init(method: Method, isUpgrade: Bool = false, query: RequestQuery) {
        self.method = method
        self.isUpgrade = isUpgrade
        transport = query.transport
        revision = query.namedRevision
        if case .none = query.session { namesSession = false } else { namesSession = true }
    }
}

/// The session that the `sid` of a request resolves to, by its current transport.
public enum KnownSession: Sendable {
    case none
    case polling
    case webSocket

    fileprivate var transport: Transport? {
        switch self {
        case .none: nil
        case .polling: .polling
        case .webSocket: .webSocket
        }
    }
}

public enum HandshakeVerdict: Equatable, Sendable {
    /// Answer with the error. `detail` says more, for the log and the application; it quotes nothing of the request.
    /// The client is shown it where ``EngineError/isExplainedToClient``.
    case refuse(EngineError, detail: String)
    /// Ask the application, if it wants to be asked, then open a session.
    case newSession(Transport)
    /// The request belongs to the session of its `sid`: a poll, or the probe of an upgrade.
    case existingSession
}

public struct HandshakeOptions: Sendable {
    /// The transports that clients may use.
    public var transports: [Transport]

    /// Whether clients of revision 3 may come: those of Socket.IO 1 and 2.
    public var allowsRevision3: Bool

    public init(transports: [Transport] = [.polling, .webSocket], allowsRevision3: Bool = true) {
        self.transports = transports
        self.allowsRevision3 = allowsRevision3
    }
}

/// The verification of requests, before anything is opened, switched or stored for them.
public enum HandshakeRules {
    /// Checks a request. The order is the reference server's, since it decides which code a client gets to see.
    ///
    /// It departs from the reference in what would otherwise happen after a protocol switch: a WebSocket of a
    /// revision that is not allowed or for `transport=polling` is refused while the answer can still be a readable one. The revision is
    /// therefore checked before the application is asked.
    public static func verify(
        _ request: HandshakeRequest, session: KnownSession, options: HandshakeOptions = HandshakeOptions()
    ) -> HandshakeVerdict {
        let transport: Transport
        switch request.transport {
        case .none: return .refuse(.transportUnknown, detail: "the request names no transport")
        case .unknown:
            return .refuse(.transportUnknown, detail: "the request names a transport that does not exist")
        case .known(let known): transport = known
        }
        guard options.transports.contains(transport) else {
            return .refuse(.transportUnknown, detail: "the transport \(transport.rawValue) is not enabled")
        }
        return request.namesSession
            ? verifyRequest(request, over: transport, of: session)
            : verifyHandshake(request, over: transport, options)
    }

    /// The rules of requests with a `sid`.
    private static func verifyRequest(
        _ request: HandshakeRequest, over transport: Transport, of session: KnownSession
    ) -> HandshakeVerdict {
        guard let current = session.transport else {
            return .refuse(.sessionUnknown, detail: "no session has this id")
        }
        guard request.isUpgrade else {
            guard current == transport else {
                return .refuse(
                    .badRequest,
                    detail: "the session is on \(current.rawValue), the request on \(transport.rawValue)")
            }
            guard transport == .polling else {
                return .refuse(.badRequest, detail: "a plain request cannot carry a WebSocket")
            }
            return .existingSession
        }
        return refusalOfUpgrade(request, to: transport) ?? .existingSession
    }

    /// The rules of requests without a `sid`.
    private static func verifyHandshake(
        _ request: HandshakeRequest, over transport: Transport, _ options: HandshakeOptions
    ) -> HandshakeVerdict {
        guard request.method == .get else {
            return .refuse(.badHandshakeMethod, detail: "a session is opened with GET")
        }
        guard request.isUpgrade || transport == .polling else {
            return .refuse(.badRequest, detail: "a plain request cannot open a WebSocket")
        }
        if request.isUpgrade, let refusal = refusalOfUpgrade(request, to: transport) {
            return refusal
        }
        guard options.allowsRevision3 || request.revision.spoken != .three else {
            return .refuse(
                .unsupportedProtocol,
                detail:
                    "\(request.revision.meaning), and this server is set to revision 4 alone: use a client of "
                    + "Socket.IO 3 or later, which asks with EIO=4, or let the server allow EIO3")
        }
        return .newSession(transport)
    }

    private static func refusalOfUpgrade(
        _ request: HandshakeRequest, to transport: Transport
    ) -> HandshakeVerdict? {
        guard request.method == .get else {
            return .refuse(.badHandshakeMethod, detail: "a WebSocket is opened with GET")
        }
        guard transport == .webSocket else {
            return .refuse(.badRequest, detail: "an upgrade request must name the transport websocket")
        }
        return nil
    }
}

extension RequestQuery.NamedRevision {
    /// What the request is taken to ask for, by one that is not served or may not be meant so.
    fileprivate var meaning: String {
        switch self {
        case .known(let revision):
            "the request asks for revision \(revision.rawValue) of Engine.IO, as clients of Socket.IO 1 and 2 do"
        case .none: "the request names no revision of Engine.IO, which means revision 3, that of Socket.IO 1 and 2"
        case .unknown:
            "the request asks for a revision of Engine.IO that does not exist (EIO is neither 3 nor 4), which counts as "
                + "revision 3, that of Socket.IO 1 and 2"
        }
    }

    /// For the log: that a client is served as one of revision 3 without having asked for that; nil if it has asked.
    public var warning: String? {
        switch self {
        case .known: nil
        case .none, .unknown: "\(meaning): a client of Socket.IO 3 or later has to ask with EIO=4"
        }
    }
}
