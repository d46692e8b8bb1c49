import EngineIOCore

/// How a client reaches its server, and what it puts up with.
package struct EngineClientOptions: Sendable {
    /// The path of the server's requests; used as it is, with the slash at its end.
    package var path = "/socket.io/"
    /// Parameters of all requests, behind those of the URL.
    package var query: [(name: String, value: String)] = []
    /// Header fields of all requests. Those that the protocol sends itself are not replaced, but `Host` and
    /// `User-Agent`.
    package var headers: [(name: String, value: String)] = []
    /// In the order in which they are tried.
    package var transports: [Transport] = [.polling, .webSocket]
    /// Whether another transport is tried if one cannot open the session.
    package var triesAllTransports = false
    /// Whether WebSocket comes first, whatever the order: for who remembers that it has worked. Forget it when it fails.
    package var startsWithWebSocket = false
    package var revisions = OpeningPlan.Revisions.only(.four)
    /// Whether binary messages come as base64, over WebSocket too.
    package var forcesBase64 = false
    /// The name of the parameter that keeps caches from answering polls; nil: there is none.
    package var stamp: String? = "t"
    /// Whether WebSockets have it too.
    package var stampsWebSockets = false
    /// Subprotocols that are offered with WebSockets.
    package var protocols: [String] = []
    /// Whether cookies are kept between the requests of the session.
    package var keepsCookies = true

    /// Times, the size of what is sent, whether polling upgrades.
    package var session = ClientConfiguration()
    /// The largest message, and the largest polling body, that is received, compressed ones as they are inflated.
    package var maxPayload = 100 * 1024 * 1024
    /// From a polling request to its response, in milliseconds; 0: as long as the session lives.
    package var requestTimeout: Int64 = 0
    /// permessage-deflate that WebSockets offer; nil: none. The window bits are those of both sides.
    package var deflate: PerMessageDeflate? {
        get { rareDeflate?.value }
        set { rareDeflate = newValue.map { .some($0) } }
    }
    /// Whether polling responses may be compressed.
    package var acceptsCompression = true
    /// What the head of a response may take.
    package var limits = HTTPLimits(headBytes: 32 * 1024, fields: 100)

    /// The path of a Unix socket that is connected to instead of the URL's host; "@name" for one without a file.
    package var unixPath: String?
    /// The address of this machine that connections come from.
    package var localAddress: String?
    /// Through which the server is reached.
    package var proxy: ClientProxy? {
        get { rareProxy?.value }
        set { rareProxy = newValue.map { .some($0) } }
    }
    package var tls: ClientTLSOptions {
        get { rareTLS?.value ?? ClientTLSOptions() }
        set { rareTLS = .some(newValue) }
    }
    private var rareDeflate: Rare<PerMessageDeflate>?
    private var rareProxy: Rare<ClientProxy>?
    private var rareTLS: Rare<ClientTLSOptions>?

    package init() {}

    /// What is wrong with them, in a sentence; nil: nothing.
    package var mistake: String? {
        if let mistake = RequestTargets.mistake(inPath: path) { return mistake }
        if let field = headers.first(where: { !BasicCredentials.isLegal(field: $0.name, $0.value) }) {
            return "The header field \"\(LogText.of(field.name.utf8))\" has characters that HTTP does not allow."
        }
        if let name = protocols.first(where: { !BasicCredentials.isLegal(field: $0, "") }) {
            return "\"\(LogText.of(name.utf8))\" is not the name of a subprotocol."
        }
        if let address = localAddress, IPAddress(address) == nil {
            return "The local address \"\(LogText.of(address.utf8))\" is no IP address."
        }
        if transports.isEmpty { return "There are no transports: allow polling, WebSocket, or both." }
        if let mistake = deflate?.mistake { return mistake }
        if let mistake = proxy?.mistake { return mistake }
        if maxPayload < 1 || session.bufferedBytes < 1 || session.packetsPerPost < 1 {
            return "The largest message, the bytes that may wait and the packets of a POST are 1 at least."
        }
        return nil
    }
}

/// A proxy that is asked for a tunnel to the server (CONNECT).
package struct ClientProxy: Sendable {
    package var host: String
    package var port: Int
    /// "name:password"; nil: it does not ask.
    package var userInfo: String?

    package init(host: String, port: Int, userInfo: String? = nil) {
        self.host = host
        self.port = port
        self.userInfo = userInfo
    }

    fileprivate var mistake: String? {
        guard (1...65535).contains(port), !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            return "The proxy is not the host and the port of one."
        }
        return nil
    }
}
