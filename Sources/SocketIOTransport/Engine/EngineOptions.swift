import EngineIOCore

/// What a server's Engine.IO layer is told.
package struct EngineOptions: Sendable {
    package var path = PathMatcher()
    package var handshake = HandshakeOptions()
    package var allowUpgrades = true
    package var session = SessionConfiguration()
    /// Bytes of a message or of a request's body.
    package var maxHTTPBufferSize = 1_000_000
    package var limits = EngineLimits()
    /// Where load balancers ask whether the server takes new sessions; nil: nowhere.
    package var readyPath: String?
    /// Milliseconds that a connection may take for a complete request, the time before it included.
    package var requestTimeout: Int64 = 60_000
    /// Milliseconds that a connection may take for its PROXY header, where one is expected.
    package var proxyHeaderTimeout: Int64 = 10_000
    /// Whose word for a client's address is taken.
    package var trustedProxies = TrustedProxies()
    /// Bytes from which on polling responses are compressed; nil: none is.
    package var httpCompressionThreshold: Int? = 1024
    /// permessage-deflate; nil: WebSocket messages are not compressed.
    package var deflate: PerMessageDeflate?
    package var originPolicy = OriginPolicy.sameOrigin
    package var cors = CORSOptions()
    /// What polling handshakes set; nil for none.
    package var cookie: SessionCookie?
    /// Fields of every response in the path, and of the 101 of a WebSocket.
    package var headers = HeaderLines()
    /// Those of the response that opens a session, `headers` among them.
    package var openingHeaders = HeaderLines()
    /// Milliseconds after which a request for a WebSocket outside of the path is ended if nobody has answered; nil for
    /// never.
    package var destroyUpgradeTimeout: Int64? = 1000

    /// The files of the client that are served in the path.
    package var client = ClientFiles()

    package init() {}

    /// The first packet of sessions that start on a transport.
    func openPacket(on transport: Transport) -> OpenPacket {
        OpenPacket(
            upgrades: OpenPacket.upgrades(from: transport, enabled: allowUpgrades ? handshake.transports : []),
            pingInterval: Int(session.pingInterval), pingTimeout: Int(session.pingTimeout),
            maxPayload: maxHTTPBufferSize)
    }
}

/// How important a line of the log is.
package enum LogLevel: Int, Sendable, Comparable {
    case error = 1
    case warning
    case info
    case debug

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}
