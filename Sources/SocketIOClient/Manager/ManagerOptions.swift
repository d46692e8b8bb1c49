import EngineIOCore
import SocketIOCore
import SocketIOHandlers
import SocketIOTransport

/// Compression of WebSocket messages.
public typealias PerMessageDeflate = EngineIOCore.PerMessageDeflate

/// What a client is told when it is made. Names and defaults are those of Socket.IO, but for the limits that it does not
/// have. Zero is zero, where JavaScript takes it for "not given".
public struct ManagerOptions: Sendable {
    /// How packets travel.
    public enum TransportKind: Sendable, Equatable {
        case polling
        case webSocket
    }

    /// The version of the server.
    public enum ServerVersion: Sendable, Equatable {
        /// Socket.IO 3 and later.
        case current
        /// Socket.IO 1 and 2.
        case old
        /// The one or the other: it is found out, and remembered.
        case automatic
    }

    /// A proxy that is asked for a tunnel to the server.
    public struct Proxy: Sendable, Equatable {
        public var host: String
        public var port: Int
        /// "name:password"; nil: it does not ask.
        public var userInfo: String?

        public init(host: String, port: Int, userInfo: String? = nil) {
            self.host = host
            self.port = port
            self.userInfo = userInfo
        }
    }

    public typealias Parser = SocketParser
    /// What becomes of an event for which there is no room; the same as the server's.
    public typealias OverflowPolicy = EngineIOCore.QueuePolicy

    // MARK: Which connection

    /// Whether ``io(_:options:)`` makes a manager of its own, even if there is one for the same server.
    public var forceNew = false
    /// Whether namespaces of one server share a connection.
    public var multiplex = true
    /// The path of the server's requests.
    public var path = "/socket.io"
    public var addTrailingSlash = true
    /// Parameters of all requests, behind those of the URL.
    public var query: [(name: String, value: String)] = []
    /// Header fields of all requests.
    public var extraHeaders: [(name: String, value: String)] = []
    /// In the order in which they are tried.
    public var transports: [TransportKind] = [.polling, .webSocket]
    /// Whether polling is left for WebSocket when the server can.
    public var upgrade = true
    /// Whether the next transport is tried if one cannot connect.
    public var tryAllTransports = false
    /// Whether WebSocket comes first once it has worked.
    public var rememberUpgrade = false
    /// Whether the server's cookies are sent back, within a connection.
    public var cookies = true
    /// Whether polling responses may be compressed.
    public var httpCompression = true
    /// Whether binary values travel as text.
    public var forceBase64 = false
    /// Whether requests have a parameter that caches do not know: those of polling, and those of WebSockets.
    public var timestampRequests = true
    public var timestampParam = "t"
    /// Subprotocols that are offered with WebSockets.
    public var protocols: [String] = []
    public var serverVersion = ServerVersion.current
    public var parser = Parser.json
    /// Compression of WebSocket messages; nil: none.
    public var perMessageDeflate: PerMessageDeflate? {
        get { rareDeflate?.value }
        set { rareDeflate = newValue.map { .some($0) } }
    }
    /// How long one request of polling may take; nil: as long as the server lets it wait.
    public var requestTimeout: Duration?
    /// The path of a Unix socket to connect to instead of the URL's host; "@name" for one without a file.
    public var unixSocket: String?
    /// The address of this machine that connections come from.
    public var localAddress: String?
    public var proxy: Proxy? {
        get { rareProxy?.value }
        set { rareProxy = newValue.map { .some($0) } }
    }
    public var tls: ClientTLS {
        get { rareTLS?.value ?? ClientTLS() }
        set { rareTLS = .some(newValue) }
    }
    private var rareDeflate: Rare<PerMessageDeflate>?
    private var rareProxy: Rare<Proxy>?
    private var rareTLS: Rare<ClientTLS>?

    // MARK: Connecting, and connecting again

    /// How long an attempt to connect may take; nil: as long as the system lets it.
    public var timeout: Duration? = .seconds(20)
    /// How long the upgrade to WebSocket may take; beyond, polling goes on.
    public var upgradeTimeout: Duration = .seconds(10)
    /// How long an orderly end may take until it is one at once.
    public var closeTimeout: Duration = .seconds(5)
    /// Whether a connection that is lost, or did not open, is followed by others.
    public var reconnection = true
    /// How many attempts are made until ``ManagerEvent/reconnectFailed``; nil: any number.
    public var reconnectionAttempts: Int?
    public var reconnectionDelay: Duration = .seconds(1)
    public var reconnectionDelayMax: Duration = .seconds(5)
    /// By how much the delay grows from one attempt to the next.
    public var reconnectionDelayFactor = 2.0
    /// Which part of the delay is random, from 0 to 1.
    public var randomizationFactor = 0.5

    // MARK: Limits

    /// Bytes of one message, or of one polling response.
    public var maxPayload = 100 * 1024 * 1024
    /// Binary values of one event, or reply, from the server and to it; the msgpack parser sends any number.
    public var maxAttachments = 10
    /// How deep arrays and objects of a packet may be nested. The connection with a server that sends more is ended.
    public var maxJSONDepth = 512
    /// Bytes of events that may wait in one namespace: while it is not connected, or while the server reads slowly.
    public var maxBufferedBytes = 16 * 1024 * 1024
    /// Events that may wait in one namespace, and so the events that wait for ``ClientSocketOptions/retries``.
    public var maxBufferedPackets = 65_536
    /// What becomes of an event for which there is no room.
    public var overflowPolicy = OverflowPolicy.dropNewest
    /// Bytes of events that may come for a namespace before the server says that the client is in. More end the
    /// connection.
    public var maxEarlyBytes = 16 * 1024 * 1024
    /// Replies that are awaited in one namespace at a time; emits that ask for more end at once with
    /// ``AckFailure/limit``.
    public var maxPendingAcks = 65_536
    /// Replies that the server may await in one namespace at a time; more requests for replies go unanswered.
    public var maxPendingReplies = 65_536

    public init() {}

    var backoff: Backoff.Options {
        var options = Backoff.Options()
        options.delay = reconnectionDelay <= .zero ? 0 : reconnectionDelay.wholeMilliseconds
        options.maxDelay = reconnectionDelayMax <= .zero ? 0 : reconnectionDelayMax.wholeMilliseconds
        options.factor = reconnectionDelayFactor
        options.randomization = randomizationFactor
        options.attempts = reconnectionAttempts.map { max(0, $0) }
        return options
    }

    /// In milliseconds.
    var openTimeout: Int64 { timeout?.wholeMilliseconds ?? 1_000_000_000_000 }

    var packetLimits: PacketLimits {
        PacketLimits(
            attachments: max(0, maxAttachments), depth: max(1, maxJSONDepth), disconnectMayHavePayload: true)
    }

    var queueLimits: BoundedQueue<[EnginePacket]>.Limits {
        .init(packets: max(0, maxBufferedPackets), bytes: max(0, maxBufferedBytes))
    }

    var bufferPolicy: BufferPolicy { BufferPolicy(overflowPolicy) }

    /// What the engine is told. `revision`: what the server is known to speak.
    func engine(_ revision: ProtocolRevision? = nil, startsWithWebSocket: Bool = false) -> EngineClientOptions {
        var engine = EngineClientOptions()
        engine.path = addTrailingSlash && path.utf8.last != UInt8(ascii: "/") ? path + "/" : path
        engine.query = query
        engine.headers = extraHeaders
        engine.transports = transports.map { $0 == .polling ? .polling : .webSocket }
        engine.triesAllTransports = tryAllTransports
        engine.revisions =
            switch serverVersion {
            case .current: .only(.four)
            case .old: .only(.three)
            case .automatic: revision.map { .only($0) } ?? .automatic
            }
        engine.startsWithWebSocket = startsWithWebSocket
        engine.forcesBase64 = forceBase64
        engine.stamp = timestampRequests ? timestampParam : nil
        engine.protocols = protocols
        engine.session.openTimeout = openTimeout
        engine.session.upgrades = upgrade
        engine.session.upgradeTimeout = upgradeTimeout.wholeMilliseconds
        engine.session.closeTimeout = closeTimeout.wholeMilliseconds
        engine.keepsCookies = cookies
        engine.acceptsCompression = httpCompression
        // Events wait in the sockets; here are replies, and what is flushed at the end.
        engine.session.bufferedBytes = 2 * min(max(0, maxBufferedBytes), SizeLimit.bytes) + 16 * 1024 * 1024
        engine.maxPayload = max(1, maxPayload)
        engine.requestTimeout = requestTimeout?.wholeMilliseconds ?? 0
        engine.deflate = perMessageDeflate
        engine.unixPath = unixSocket
        engine.localAddress = localAddress
        engine.proxy = proxy.map { ClientProxy(host: $0.host, port: $0.port, userInfo: $0.userInfo) }
        if let tls = rareTLS?.value { engine.tls = tls.engine }
        return engine
    }
}

extension BufferPolicy {
    init(_ policy: QueuePolicy) {
        self =
            switch policy {
            case .close: .close
            case .dropNewest: .dropNewest
            case .dropOldest: .dropOldest
            case .coalesce: .coalesce
            }
    }
}

/// TLS of a client: whom it believes, and what it shows.
public struct ClientTLS: Sendable {
    /// Certificates or keys in the PEM format.
    public typealias PEM = SocketIOTransport.TLSOptions.PEM
    public typealias Version = SocketIOTransport.TLSOptions.Version

    public enum Verification: Sendable {
        /// The server's certificate is valid, signed by somebody who is believed, and names the host.
        case full
        /// The same, but for the name.
        case withoutName
        /// Anybody is believed: for tests only.
        case none
    }

    /// A part of the server's certificate that is known: without it there is no connection, whoever signed it.
    public enum Pin: Sendable {
        /// SHA-256 of the public key (`SubjectPublicKeyInfo`), which a renewed certificate may keep.
        case publicKey([UInt8])
        /// SHA-256 of the certificate.
        case certificate([UInt8])
    }

    public var verification = Verification.full
    /// Who signs the certificates of servers; nil: whom the system believes.
    public var authorities: PEM?
    /// One of them has to be the server's; none: any is.
    public var pins: [Pin] = []
    /// What this side shows to a server that asks; with the certificates that signed it behind it.
    public var certificate: PEM?
    /// nil: it stands with the certificate.
    public var key: PEM?
    public var keyPassword: String?
    /// The name that the server is asked for (SNI) and has to have; nil: the URL's host.
    public var serverName: String?
    public var minimumVersion = Version.tls1_2

    public init() {}

    fileprivate var engine: ClientTLSOptions {
        var engine = ClientTLSOptions()
        engine.verification =
            switch verification {
            case .full: .full
            case .withoutName: .withoutName
            case .none: .none
            }
        engine.authorities = authorities
        engine.pins = pins.map { pin in
            switch pin {
            case .publicKey(let hash): .publicKey(hash)
            case .certificate(let hash): .certificate(hash)
            }
        }
        engine.certificate = certificate
        engine.key = key
        engine.keyPassword = keyPassword
        engine.serverName = serverName
        engine.minimumVersion = minimumVersion
        return engine
    }
}
