import EngineIOCore
import SocketIOCore
import SocketIOHandlers
import SocketIOTransport

/// Compression of WebSocket messages.
public typealias PerMessageDeflate = EngineIOCore.PerMessageDeflate

/// What a server is told when it is made. The defaults are Node's, but for the limits that Node does not have.
public struct ServerOptions: Sendable {
    /// Which pages may connect from a browser.
    public enum Origins: Sendable, Equatable {
        /// Pages of the same scheme, host and port as the server.
        case sameOrigin
        /// All pages.
        case any
        /// Pages of these origins, such as "https://example.com".
        case list([String])
        /// All pages, and responses say nothing about origins: somebody else sees to that.
        case unchecked
    }

    public typealias Cookie = SessionCookie

    /// How packets travel.
    public enum TransportKind: Sendable, Equatable {
        case polling
        case webSocket
    }

    public typealias Parser = SocketParser

    /// Where requests of Socket.IO go; others go to ``SocketServer/onRequest(_:)``.
    public var path = "/socket.io"
    /// Whether the path has to be followed by a slash.
    public var addTrailingSlash = true
    public var transports: [TransportKind] = [.polling, .webSocket]
    /// Whether polling sessions may become WebSocket ones.
    public var allowUpgrades = true
    /// Whether clients of Socket.IO 1 and 2 may come, which speak revision 3 of Engine.IO.
    public var allowEIO3 = true
    public var pingInterval: Duration = .seconds(25)
    public var pingTimeout: Duration = .seconds(20)
    public var upgradeTimeout: Duration = .seconds(10)
    /// How long a client may take to join a first namespace.
    public var connectTimeout: Duration = .seconds(45)
    /// Bytes of one message, or of the body of one request.
    public var maxHTTPBufferSize = 1_000_000
    /// Binary values of one event from a client.
    public var maxAttachments = 10
    /// Whether a namespace that clients have asked for goes when its last client has left; see
    /// ``SocketServer/of(matching:)``.
    public var cleanupEmptyChildNamespaces = false
    /// Namespaces that clients may ask for. When there are so many, empty ones go, then those whose clients are all away.
    public var maxChildNamespaces = 10_000
    /// Connections at a time; more are closed as they come.
    public var maxConnections = 1_000_000
    /// Connections of one address at a time, of a /64 with IPv6; more are closed as they come. Nil: any number, since
    /// all clients behind a proxy have one address. Trusted proxies and Unix sockets are not counted.
    public var maxConnectionsPerAddress: Int?
    /// Sessions that may be opened in a second, and at once after a quiet one; more are answered 503. Nil: any number.
    public var maxHandshakesPerSecond: Int?
    /// Namespaces that one client may be in, or be about to join; more are refused.
    public var maxNamespacesPerConnection = 256
    /// Rooms that one socket may be in, besides that of its id; to join more throws.
    public var maxRoomsPerSocket = 65_536
    /// Replies that are awaited from one socket at a time; emits that ask for more end at once with
    /// ``AckFailure/limit``.
    public var maxPendingAcks = 65_536
    /// Bytes of the head of a request, its first line included; at the most 65000. More is answered 431.
    public var maxHeaderBytes = 65_000
    /// Header fields of a request. More are answered 431.
    public var maxHeaders = 128
    /// How deep arrays and objects of a packet may be nested. Who sends more is disconnected.
    public var maxJSONDepth = 512
    /// How long a connection may take for a complete request, head and body, the time before it included.
    public var requestTimeout: Duration = .seconds(60)
    /// Bytes that may wait for one client that does not read; beyond, see ``overflowPolicy``.
    public var maxBufferedBytes = 16 * 1024 * 1024
    /// Packets that may wait for one client, the binary values of events included: each takes memory besides its bytes.
    public var maxBufferedPackets = 100_000
    /// Bytes that may wait for all clients together. Beyond, ``overflowPolicy`` holds for those clients that have more
    /// than their share: this, divided by the number of sessions. What a broadcast sends to many is counted for each of
    /// them, though it is in memory once.
    public var maxServerBufferedBytes = 4 * 1024 * 1024 * 1024
    /// Bytes that other threads may have emitted and the event loops have not come to yet, of all together. Beyond, an
    /// emit throws, or the event is dropped if it may be. An event counts for each loop that it goes to, with 256 bytes,
    /// and 8 for each client, besides its own.
    public var maxPendingEmitBytes = 256 * 1024 * 1024
    /// What becomes of an event beyond what may wait for its client, unless the emit says something else.
    public var overflowPolicy = OverflowPolicy.close
    /// Packets of one polling response. Clients in Python refuse more than 16.
    public var maxPacketsPerPoll = 16
    /// Replies that one client may await at a time; more requests for replies go unanswered.
    public var maxPendingReplies = 65_536
    /// Whether polling responses are compressed for clients that ask for it.
    public var httpCompression = true
    /// Smaller polling responses, in bytes, go as they are.
    public var httpCompressionThreshold = 1024
    /// Compression of WebSocket messages; nil: none.
    public var perMessageDeflate: PerMessageDeflate?
    public var origins = Origins.sameOrigin
    /// Whether browsers may send cookies from other origins; not together with ``Origins/any``.
    public var allowCredentials = false
    /// The methods that preflights allow, with commas between them.
    public var corsMethods = CORSOptions().methods
    /// The request headers that preflights allow, "X-One,X-Two"; nil for those that they ask for.
    public var corsAllowedHeaders: String?
    /// The response headers that pages may read.
    public var corsExposedHeaders: String?
    /// How long browsers may remember a preflight.
    public var corsMaxAge: Duration?
    /// What polling handshakes set, for load balancers; nil for none.
    public var cookie: Cookie?
    /// Header fields of every response in the path, errors and the 101 of a WebSocket included.
    public var headers: [(name: String, value: String)] = []
    /// Header fields of the responses that open a session, besides.
    public var initialHeaders: [(name: String, value: String)] = []
    /// When to end a request for a WebSocket outside of the path that nobody has answered; nil for never.
    public var destroyUpgradeTimeout: Duration? = .seconds(1)
    public var parser = Parser.json
    /// Whether clients may go on where they were after their connection broke; nil: no.
    public var connectionStateRecovery: ConnectionStateRecovery?

    /// Where load balancers ask whether the server takes new sessions, "/ready": 200, or 503 once it drains. Nil: nowhere.
    public var readyPath: String?

    /// Where the metrics are, "/metrics", in the form that Prometheus reads; see ``SocketServer/metrics()``. Everybody who
    /// reaches the server can read them. Nil: nowhere.
    public var metricsPath: String?

    /// Proxies whose word for the client's address is taken (`X-Forwarded-For`, `Forwarded`, the PROXY protocol):
    /// "127.0.0.1", "10.0.0.0/8", "::1", "unix".
    public var trustedProxies: [String] = []

    public init() {}

    var engine: EngineOptions {
        var engine = EngineOptions()
        engine.path = PathMatcher(path: path, addTrailingSlash: addTrailingSlash)
        engine.handshake.transports = transports.map { $0 == .polling ? .polling : .webSocket }
        engine.allowUpgrades = allowUpgrades
        engine.handshake.allowsRevision3 = allowEIO3
        engine.session.pingInterval = pingInterval.wholeMilliseconds
        engine.session.pingTimeout = pingTimeout.wholeMilliseconds
        engine.session.upgradeTimeout = upgradeTimeout.wholeMilliseconds
        engine.session.bufferedBytes = max(0, maxBufferedBytes)
        engine.session.bufferedPackets = max(0, maxBufferedPackets)
        engine.session.packetsPerPoll = max(1, maxPacketsPerPoll)
        engine.maxHTTPBufferSize = max(1, maxHTTPBufferSize)
        engine.httpCompressionThreshold = httpCompression ? max(0, httpCompressionThreshold) : nil
        engine.deflate = perMessageDeflate
        engine.limits = EngineLimits(
            connections: max(1, maxConnections), connectionsPerAddress: maxConnectionsPerAddress.map { max(1, $0) },
            handshakesPerSecond: maxHandshakesPerSecond.map { max(1, $0) },
            bufferedBytes: max(0, maxServerBufferedBytes), pendingEmitBytes: max(0, maxPendingEmitBytes),
            http: HTTPLimits(headBytes: maxHeaderBytes, fields: maxHeaders))
        engine.readyPath = readyPath
        engine.requestTimeout = requestTimeout.wholeMilliseconds
        engine.originPolicy =
            switch origins {
            case .sameOrigin: .sameOrigin
            case .any: .any
            case .list(let origins): .list(origins)
            case .unchecked: .unchecked
            }
        engine.cors = CORSOptions(
            allowsCredentials: allowCredentials, methods: corsMethods, allowedHeaders: corsAllowedHeaders,
            exposedHeaders: corsExposedHeaders, maxAge: corsMaxAge.map { Int($0.components.seconds) })
        engine.cookie = cookie
        engine.headers = HeaderLines(headers)
        engine.openingHeaders = HeaderLines(headers + initialHeaders)
        engine.destroyUpgradeTimeout = destroyUpgradeTimeout?.wholeMilliseconds
        // SocketServer has checked them.
        engine.trustedProxies = (try? TrustedProxies(trustedProxies)) ?? TrustedProxies()
        return engine
    }

    var packetLimits: PacketLimits {
        var limits = PacketLimits()
        limits.attachments = max(0, maxAttachments)
        limits.depth = max(1, maxJSONDepth)
        return limits
    }
}
