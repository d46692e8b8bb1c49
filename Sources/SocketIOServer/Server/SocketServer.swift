import EngineIOCore
import SocketIOCore
import SocketIOHandlers
import SocketIOTransport
import Synchronization

/// A Socket.IO server.
///
/// ```swift
/// let io = try SocketServer()
/// try io.on("message") { event in try? event.socket.emit("message", event.args) }
/// try io.listen(port: 3000)
/// io.wait()
/// ```
///
/// Its methods may be called from every thread.
public final class SocketServer: Sendable {
    private struct State {
        var closeHandlers: [@Sendable () -> Void] = []
        /// Threads that wait for the end; they go on when the handlers are done and gone.
        var waiters: [Signal] = []
        /// The engine of a server that listens; it keeps the server alive until it is closed.
        var engine: EngineServer?
        var isClosing = false
        var isClosed = false
    }

    public let options: ServerOptions
    /// The namespace "/".
    public let sockets: Namespace
    package let runtime: EngineRuntime
    let packetLimits: PacketLimits
    let counters = Counters()
    let namespaces: NamespaceTable
    let hooks = EngineHooks()
    let connectionErrors = ConnectionErrorHandlers()
    private let state = Mutex(State())
    let requests = Mutex(RequestHandlers())
    let client = ClientFiles()
    private let logger: LogSink

    /// A server that does not listen yet. `threads` is the number of its event loops.
    public convenience init(_ options: ServerOptions = ServerOptions(), threads: Int = 1) throws(SocketError) {
        try self.init(options, runtime: EngineRuntime(threads: threads), logger: LogSink())
    }

    package init(_ options: ServerOptions, runtime: EngineRuntime, logger: LogSink) throws(SocketError) {
        guard options.path.utf8.first == UInt8(ascii: "/"), options.path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw SocketError(
                .argument, "\"\(options.path)\" is not a path: it begins with \"/\" and has printable ASCII only.")
        }
        guard max(options.maxHTTPBufferSize, options.maxBufferedBytes) <= SizeLimit.bytes else {
            throw SocketError(
                .limit, "maxHTTPBufferSize and maxBufferedBytes can be \(SizeLimit.bytes) bytes at the most.")
        }
        guard options.maxHeaderBytes <= HTTPLimits.mostHeadBytes else {
            throw SocketError(.limit, "maxHeaderBytes can be \(HTTPLimits.mostHeadBytes) at the most.")
        }
        if let path = options.readyPath {
            try Self.check(ownPath: path, "ready_path", options)
        }
        if let path = options.metricsPath {
            try Self.check(ownPath: path, "metrics_path", options)
            guard path != options.readyPath else {
                throw SocketError(.argument, "metrics_path and ready_path are both \"\(path)\": choose another one.")
            }
        }
        if let origin = options.engine.originPolicy.illegalOrigin {
            throw SocketError(
                .argument,
                "\"\(origin)\" is not an origin: give scheme, host and port as browsers do, \"https://example.com\", "
                    + "or \"*\" for any.")
        }
        do throws(ProxyListError) {
            _ = try TrustedProxies(options.trustedProxies)
        } catch {
            throw SocketError(.argument, error.sentence)
        }
        guard !options.transports.isEmpty else {
            throw SocketError(.argument, "There is no transport: give polling, webSocket or both.")
        }
        if let problem = options.engine.cors.problem ?? options.cookie?.problem {
            throw SocketError(.argument, problem)
        }
        for (name, value) in options.headers + options.initialHeaders {
            try HTTPRequest.check(added: name, value)
        }
        if let mistake = options.perMessageDeflate?.mistake { throw SocketError(.argument, mistake) }
        self.options = options
        self.runtime = runtime
        self.logger = logger
        packetLimits = options.packetLimits
        namespaces = NamespaceTable(counters: counters, options: options)
        sockets = namespaces.of("/")
    }

    /// Throws for a path that could not be one of the server's own, beside that of Socket.IO.
    private static func check(
        ownPath path: String, _ name: StaticString, _ options: ServerOptions
    ) throws(SocketError) {
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3F }),
            !path.utf8.starts(with: options.engine.path.prefix.utf8)
        else {
            throw SocketError(
                .argument,
                "\(name) is \"\(path)\": it begins with \"/\", has printable ASCII without \"?\", and is outside of "
                    + "\(options.engine.path.prefix).")
        }
    }

    /// Attaches an object of a layer above, which ``Namespace/owner`` finds; before the server listens.
    package func setOwner(_ owner: AnyObject) {
        counters.owner.store(owner)
    }

    private var engine: EngineServer? { state.withLock { $0.engine } }

    /// The engine, made at the first call; nil once the server is closing.
    func startEngine() -> EngineServer? {
        state.withLock { state in
            guard !state.isClosing else { return nil }
            if let engine = state.engine { return engine }
            var engineOptions = options.engine
            engineOptions.client = client
            let engine = EngineServer(
                options: engineOptions, runtime: runtime,
                handlers: EngineHandlers(
                    session: { session in Client(server: self, session: session) },
                    request: { exchange in self.received(exchange) },
                    refused: { [connectionErrors] in connectionErrors.tell($1, of: $0) },
                    log: { [logger] level, text in logger.write(level, text) },
                    logLevel: { [logger] in logger.level }),
                hooks: hooks, metrics: counters.metrics.engine)
            state.engine = engine
            return engine
        }
    }

    func log(_ level: LogLevel, _ text: () -> String) {
        guard let wanted = logger.level, level <= wanted else { return }
        logger.write(level, text())
    }

    /// A warning about what a client of this loop did; they are kept from flooding the log.
    func warn(_ cause: LogCause, on loop: EngineLoop, _ text: () -> String) {
        log(.warning, cause, on: loop, text)
    }

    func log(_ level: LogLevel, _ cause: LogCause, on loop: EngineLoop, _ text: () -> String) {
        let metrics = counters.metrics.engine
        metrics.count(cause)
        guard let wanted = logger.level, level <= wanted else { return }
        loop.log(level, cause, to: { [logger] level, text in logger.write(level, text) }, counting: metrics, text)
    }

    // MARK: Listening (see also `SocketServer+listening`)

    /// Where the server listens, "127.0.0.1:3000", in the order of the calls.
    public var addresses: [String] { boundAddresses.map(\.text) }

    package var boundAddresses: [BoundAddress] { engine?.addresses ?? [] }

    // MARK: Closing

    /// Calls `handler` once, when the server is closed; at once if it is.
    public func onClose(_ handler: @escaping @Sendable () -> Void) {
        let isClosed = state.withLock { state in
            if !state.isClosed { state.closeHandlers.append(handler) }
            return state.isClosed
        }
        if isClosed { handler() }
    }

    /// Starts an orderly end: no new connections, every socket is disconnected with "server shutting down", every
    /// connection closed.
    public func close() {
        let (engine, isFirst) = state.withLock { state in
            defer { state.isClosing = true }
            return (state.engine, !state.isClosing)
        }
        guard isFirst else { return }
        if let engine { engine.close { self.finish() } } else { finish() }
    }

    /// Starts an end in which the clients leave one after the other, evenly over `spread`: from now on new sessions are
    /// refused with 503 and `Retry-After`, and ``ServerOptions/readyPath`` answers 503; the sessions that there are go
    /// on until it is their turn, and get what was sent to them. Their clients connect again by themselves, to another
    /// server. Then the server is closed, as by ``close()``, which ends a drain at once.
    public func drain(over spread: Duration) {
        guard let engine else { return close() }
        let spread = spread <= .zero ? 0 : spread.wholeMilliseconds
        _ = engine.drain(over: spread) { self.close() }
    }

    private func finish() {
        log(.info) { "The server is closed." }
        let engine = state.withLock { state in
            defer { state.engine = nil }
            return state.engine
        }
        withExtendedLifetime(engine) {}
        callCloseHandlers()
        let waiters = state.withLock { state in
            let waiters = state.waiters
            state.waiters = []
            state.isClosed = true
            return waiters
        }
        // One may have been added in between.
        callCloseHandlers()
        for waiter in waiters { waiter.signal() }
    }

    private func callCloseHandlers() {
        let handlers = state.withLock { state in
            let handlers = state.closeHandlers
            state.closeHandlers = []
            return handlers
        }
        for handler in handlers { handler() }
    }

    /// Whether the server is closed.
    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Blocks until the server is closed. Not on an event loop.
    public func wait() {
        let done = Signal()
        let isClosed = state.withLock { state in
            if !state.isClosed { state.waiters.append(done) }
            return state.isClosed
        }
        if !isClosed { done.wait() }
    }

    /// Lets go of all handlers; for a server that is closed.
    package func removeHandlers() {
        let old = requests.withLock { requests in
            defer { requests = RequestHandlers() }
            return requests
        }
        withExtendedLifetime(old) {}
        hooks.removeAll()
        connectionErrors.removeAll()
        namespaces.removeHandlers()
    }

    // MARK: Counts

    /// What is alive at this moment.
    public struct Counts: Sendable, Equatable {
        public var connections = 0
        public var sessions = 0
        /// Those of the sessions that are on polling, on WebSocket, and of revision 3, on either.
        public var pollingSessions = 0
        public var webSocketSessions = 0
        public var revision3Sessions = 0
        public var sockets = 0
        /// (socket, room) pairs, own rooms included.
        public var roomEntries = 0
        public var pendingAcks = 0
        public var pendingReplies = 0
        public var bufferedBytes = 0
    }

    public var counts: Counts {
        var counts = Counts()
        if let engine {
            counts.connections = engine.connectionCount
            counts.sessions = engine.sessionCount
            counts.bufferedBytes = engine.bufferedBytes
        }
        for kind in EngineMetrics.SessionKind.allCases {
            let count = Int(clamping: counters.metrics.engine.openSessions(kind))
            switch kind.transport {
            case .polling: counts.pollingSessions &+= count
            case .webSocket: counts.webSocketSessions &+= count
            }
            if kind.revision == .three { counts.revision3Sessions &+= count }
        }
        for namespace in namespaces.all {
            let own = namespace.counts
            counts.sockets &+= own.sockets
            counts.roomEntries &+= own.roomEntries
        }
        counts.pendingAcks = counters.pendingAcks.load(ordering: .relaxed)
        counts.pendingReplies = counters.pendingReplies.value
        return counts
    }
}
