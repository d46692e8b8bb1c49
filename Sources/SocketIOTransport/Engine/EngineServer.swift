import EngineIOCore
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// What an Engine.IO server tells the layer above.
package struct EngineHandlers: Sendable {
    /// A session opened; what it returns becomes the session's delegate. On the session's loop.
    package var session: @Sendable (EngineSession) -> any EngineSessionDelegate
    /// A complete request outside the path; answer it with ``HTTPExchange/respond(_:)``. On the connection's loop.
    package var request: @Sendable (HTTPExchange) -> Void
    /// A line for the log. On any thread.
    package var log: @Sendable (LogLevel, String) -> Void
    /// Which lines `log` wants.
    package var logLevel: @Sendable () -> LogLevel?

    package init(
        session: @escaping @Sendable (EngineSession) -> any EngineSessionDelegate,
        request: @escaping @Sendable (HTTPExchange) -> Void,
        log: @escaping @Sendable (LogLevel, String) -> Void,
        logLevel: @escaping @Sendable () -> LogLevel?
    ) {
        self.session = session
        self.request = request
        self.log = log
        self.logLevel = logLevel
    }
}

/// An Engine.IO server on the loops of a runtime: listens, answers HTTP, keeps the sessions.
package final class EngineServer: Sendable {
    package let options: EngineOptions
    package let runtime: EngineRuntime
    private let handlers: EngineHandlers

    private struct Listening {
        var listeners: [Listener] = []
        var isClosing = false
        var onClosed: [@Sendable () -> Void] = []
        /// Every loop has closed what it had; the last connections may still be saying goodbye.
        var isFinished = false
    }

    private let listening = Mutex(Listening())
    private let sessions = Mutex<[SessionID: EngineSession]>([:])
    private let connections = Atomic<Int>(0)
    /// Listeners whose channels are not closed yet.
    private let openListeners = Atomic<Int>(0)
    private let buffered = Atomic<Int>(0)

    package init(options: EngineOptions, runtime: EngineRuntime, handlers: EngineHandlers) {
        self.options = options
        self.runtime = runtime
        self.handlers = handlers
    }

    // MARK: Counts

    package var connectionCount: Int { connections.load(ordering: .relaxed) }
    package var sessionCount: Int { sessions.withLock { $0.count } }

    /// Bytes that wait for polls and slow clients.
    package var bufferedBytes: Int { buffered.load(ordering: .relaxed) }

    func bufferedBytesChanged(by change: Int) {
        buffered.wrappingAdd(change, ordering: .relaxed)
    }

    func connectionOpened() {
        connections.wrappingAdd(1, ordering: .relaxed)
    }

    func connectionClosed() {
        let left = connections.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
        if left == 0 { finishIfClosed() }
    }

    func listenerOpened() {
        openListeners.wrappingAdd(1, ordering: .relaxed)
    }

    func listenerClosed() {
        let left = openListeners.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
        if left == 0 { finishIfClosed() }
    }

    func log(_ level: LogLevel, _ text: () -> String) {
        guard let wanted = handlers.logLevel(), level <= wanted else { return }
        handlers.log(level, text())
    }

    // MARK: Listening

    /// Binds on this thread and serves from then on.
    package func listen(_ endpoint: ListenEndpoint, _ options: ListenOptions) throws(ListenError) {
        let group = try runtime.start()
        let bound = try BoundSocket.bind(endpoint, options)
        let listener = Listener(socket: bound, engine: self)
        let isClosing = listening.withLock { listening in
            guard !listening.isClosing else { return true }
            listening.listeners.append(listener)
            // Before anyone can close it.
            listenerOpened()
            return false
        }
        guard !isClosing else {
            bound.close()
            throw .closed
        }
        listener.start(on: group)
        log(.info) { "Listening on \(bound.address.text)." }
    }

    /// Where the server listens, in the order of the calls.
    package var addresses: [BoundAddress] {
        listening.withLock { $0.listeners.map(\.socket.address) }
    }

    /// Sets a new connection up, on its loop.
    func accepted(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            guard let loop = runtime.loops.first(where: { $0.eventLoop === channel.eventLoop }) else {
                throw ChannelError.ioOnClosedChannel
            }
            if listening.withLock({ $0.isClosing }) { throw ChannelError.ioOnClosedChannel }
            let descriptor = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable {
                (descriptor: NIOBSDSocket.Handle) in
                CloseOnExec.set(descriptor)
                return descriptor
            }
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = 16 * 1024
            limits.maxHeaderListSize = 64 * 1024
            limits.maxHeaderFieldCount = 128
            let decoder = ByteToMessageHandler(
                HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits))
            let handler = HTTPHandler(
                engine: self, loop: loop, decoder: decoder, peer: PeerAddress(channel.remoteAddress),
                descriptor: descriptor ?? -1)
            try channel.pipeline.syncOperations.addHandlers(decoder, handler)
        }
    }

    // MARK: Closing

    /// Stops listening, ends every session with `server shutting down`, closes every connection, then calls
    /// `completion`, on any thread.
    package func close(_ completion: @escaping @Sendable () -> Void) {
        let (listeners, isFirst) = listening.withLock { listening in
            listening.onClosed.append(completion)
            defer { listening.isClosing = true }
            return (listening.listeners, !listening.isClosing)
        }
        guard isFirst else { return finishIfClosed() }
        for listener in listeners { listener.stop() }
        let loops = runtime.loops
        let busy = Remaining(loops.count + 1)
        for loop in loops {
            loop.post {
                self.closeAll(on: loop)
                // Another turn, for a connection that was accepted before the listener stopped.
                loop.post {
                    self.closeAll(on: loop)
                    if busy.decrement() { self.loopsAreQuiet() }
                }
            }
        }
        if busy.decrement() { loopsAreQuiet() }
    }

    private func closeAll(on loop: EngineLoop) {
        let own = sessions.withLock { $0.values.filter { $0.loop === loop } }
        for session in own { session.closeNow(.serverShuttingDown) }
        for session in own { forget(session) }
        loop.flush()
        for connection in Array(loop.connections.values) where connection.engine === self { connection.closeSoon() }
    }

    private func loopsAreQuiet() {
        listening.withLock { $0.isFinished = true }
        finishIfClosed()
    }

    private func finishIfClosed() {
        let completions = listening.withLock { listening -> [@Sendable () -> Void] in
            guard listening.isFinished, connections.load(ordering: .acquiring) == 0,
                openListeners.load(ordering: .acquiring) == 0
            else { return [] }
            defer {
                listening.onClosed = []
                // They hold the server.
                listening.listeners = []
            }
            return listening.onClosed
        }
        for completion in completions { completion() }
    }

    package var isClosing: Bool { listening.withLock { $0.isClosing } }

    // MARK: Sessions

    private func session(_ text: String?) -> EngineSession? {
        guard let text, let id = SessionID(text.utf8) else { return nil }
        return sessions.withLock { $0[id] }
    }

    private func open(_ transport: Transport, for request: HTTPExchange.Request, on loop: EngineLoop) -> EngineSession {
        let record = HandshakeRecord(head: request.head, peer: request.peer, isSecure: false)
        let session = EngineSession(engine: self, loop: loop, transport: transport, handshake: record)
        sessions.withLock { $0[session.id] = session }
        log(.debug) { "A session opened over \(transport.rawValue) from \(request.peer.host)." }
        return session
    }

    func forget(_ session: EngineSession) {
        sessions.withLock { _ = $0.removeValue(forKey: session.id) }
    }

    // MARK: Requests

    /// The head of a request arrived.
    func requestStarted(_ exchange: HTTPExchange) {
        let request = exchange.request
        guard options.path.matches(request.head.uri), request.head.method == .POST else { return }
        if case .refused(let sentence) = origin(of: request.head) { return refuseOrigin(exchange, sentence) }
        switch verify(request, isUpgrade: false) {
        case .refuse(let error, let detail): refuse(exchange, error, detail)
        case .newSession: refuse(exchange, .badHandshakeMethod)
        case .existingSession:
            guard let session = session(request.query.sid) else { return refuse(exchange, .sessionUnknown) }
            let isBinary = request.head.headers.first(name: "content-type") == "application/octet-stream"
            session.loop.run { session.postStarted(exchange, isBinary: isBinary) }
        }
    }

    /// The body of a request turned out to be too large.
    func requestTooLarge(_ exchange: HTTPExchange) {
        let request = exchange.request
        guard options.path.matches(request.head.uri), request.head.method == .POST,
            let session = session(request.query.sid)
        else { return }
        exchange.setAbortHandler(nil)
        session.loop.run { session.postRefused(exchange) }
    }

    /// A request is complete.
    func requestEnded(_ exchange: HTTPExchange, isUpgrade: Bool) {
        guard !exchange.isAnswered else { return }
        let request = exchange.request
        guard options.path.matches(request.head.uri) else {
            if isClosing { return respond(to: exchange, status: 503) }
            return handlers.request(exchange)
        }
        let origin = origin(of: request.head)
        if request.head.method == .OPTIONS, request.head.headers.contains(name: "access-control-request-method") {
            return preflight(exchange, origin)
        }
        if case .refused(let sentence) = origin { return refuseOrigin(exchange, sentence, isUpgrade: isUpgrade) }

        let session = session(request.query.sid)
        switch verify(request, isUpgrade: isUpgrade) {
        case .refuse(let error, let detail):
            // The session may have upgraded while the body was read.
            if let session, request.head.method == .POST { session.loop.run { session.postRefused(exchange) } }
            isUpgrade ? refuseUpgrade(exchange, error, detail) : refuse(exchange, error, detail)
        case .newSession(let transport):
            if transport == .webSocket { upgrade(exchange, session: nil) } else { openPolling(exchange) }
        case .existingSession:
            guard let session else { return refuse(exchange, .sessionUnknown) }
            if isUpgrade { return upgrade(exchange, session: session) }
            session.loop.run {
                switch request.head.method {
                case .GET: session.poll(exchange)
                case .POST: session.postEnded(exchange)
                default: self.respond(to: exchange, status: 500)
                }
            }
        }
    }

    private func verify(_ request: HTTPExchange.Request, isUpgrade: Bool) -> HandshakeVerdict {
        let method: HandshakeRequest.Method =
            switch request.head.method {
            case .GET: .get
            case .POST: .post
            case .OPTIONS: .options
            default: .other
            }
        let known: KnownSession =
            switch session(request.query.sid)?.transport {
            case nil: .none
            case .polling?: .polling
            case .webSocket?: .webSocket
            }
        return HandshakeRules.verify(
            HandshakeRequest(
                method: method, isUpgrade: isUpgrade, query: request.query,
                origin: request.head.headers.first(name: "origin")),
            session: known, options: options.handshake)
    }

    private func openPolling(_ exchange: HTTPExchange) {
        let session = open(.polling, for: exchange.request, on: exchange.loop)
        respond(to: exchange, [session.openPacket])
        session.delegate = handlers.session(session)
    }

    // MARK: Upgrades

    /// Turns the connection into a WebSocket: of a new session, or to probe for one.
    private func upgrade(_ exchange: HTTPExchange, session: EngineSession?) {
        guard let handler = exchange.httpHandler, let channel = handler.channel else { return }
        let head = exchange.request.head
        var headers = HTTPHeaders()
        for (name, value) in corsHeaders(for: head) { headers.add(name: name, value: value) }
        if let offered = head.headers[canonicalForm: "sec-websocket-protocol"].first,
            HTTPResponse.isLegalField(name: "x", value: String(offered))
        {
            headers.add(name: "Sec-WebSocket-Protocol", value: String(offered))
        }
        guard let accepted = WebSocketAccept.response(to: head, on: channel, headers: headers) else {
            return refuseUpgrade(exchange, .badRequest, "the WebSocket handshake has no valid key or version 13")
        }
        let response = WebSocketAccept.bytes(accepted)
        guard exchange.markAnswered() else { return }
        let loop = session?.loop ?? exchange.loop
        let sendsBase64 = exchange.request.query.b64
        if let session, session.loop !== exchange.loop {
            return ConnectionMove.move(handler, to: loop, response: response) { descriptor in
                let webSocket = WebSocketHandler(
                    engine: self, loop: loop, output: ConnectionOutput(loop: loop, descriptor: descriptor),
                    sendsBase64: sendsBase64)
                return (webSocket, { session.probed(by: webSocket) })
            }
        }
        let webSocket = WebSocketHandler(
            engine: self, loop: loop, output: handler.output, sendsBase64: sendsBase64)
        // SAFETY: used on the channel's loop, which is its own.
        nonisolated(unsafe) let reader = webSocket
        guard handler.hand(overTo: webSocket, then: { reader.leftoversEnded() }) else { return }
        webSocket.begin(with: response)
        if let session {
            session.probed(by: webSocket)
        } else {
            let session = open(.webSocket, for: exchange.request, on: exchange.loop)
            session.opened(over: webSocket)
            session.delegate = handlers.session(session)
        }
        webSocket.flush()
    }

    // MARK: Answers

    private func origin(of head: HTTPRequestHead) -> OriginDecision {
        options.originPolicy.decide(
            origin: head.headers.first(name: "origin"), host: head.headers.first(name: "host"), secure: false)
    }

    func corsHeaders(for head: HTTPRequestHead) -> [(name: String, value: String)] {
        guard options.path.matches(head.uri) else { return [] }
        return CORSHeaders.response(to: origin(of: head), options: options.cors)
    }

    private func preflight(_ exchange: HTTPExchange, _ decision: OriginDecision) {
        if case .refused(let sentence) = decision { return refuseOrigin(exchange, sentence) }
        let requested = exchange.request.head.headers.first(name: "access-control-request-headers")
        var headers = CORSHeaders.preflight(to: decision, requestedHeaders: requested, options: options.cors)
        headers.removeAll { $0.name == "Content-Length" }
        exchange.respond(HTTPResponse(status: 204, headers: headers))
    }

    /// Answers a poll.
    func respond(to exchange: HTTPExchange, _ packets: [EnginePacket]) {
        var response = HTTPResponse(
            status: 200, headers: [("Content-Type", "text/plain; charset=UTF-8")],
            body: EnginePacket.payload(of: packets))
        if let agent = exchange.request.head.headers.first(name: "user-agent"),
            agent.containsBytes(";MSIE") || agent.containsBytes("Trident/")
        {
            // Internet Explorer takes some payloads for an attack.
            response.headers.append(("X-XSS-Protection", "0"))
        }
        respond(to: exchange, response, isCacheable: false)
    }

    func respond(to exchange: HTTPExchange, status: Int) {
        respond(to: exchange, HTTPResponse(status: status), isCacheable: true)
    }

    func respond(to exchange: HTTPExchange, _ response: HTTPResponse, isCacheable: Bool) {
        var response = response
        if !isCacheable { response.headers.append(("cache-control", "no-store")) }
        response.headers += corsHeaders(for: exchange.request.head)
        exchange.respond(response)
    }

    func refuse(_ exchange: HTTPExchange, _ error: EngineError, _ detail: String = "") {
        logRefusal(exchange, error, detail)
        respond(
            to: exchange,
            HTTPResponse(status: error.httpStatus, contentType: "application/json", text: error.json),
            isCacheable: true)
    }

    /// As Node does: always 400, with the bare message, and the end of the connection.
    private func refuseUpgrade(_ exchange: HTTPExchange, _ error: EngineError, _ detail: String) {
        logRefusal(exchange, error, detail)
        var response = HTTPResponse(status: 400, contentType: "text/html", text: error.message)
        response.closes = true
        exchange.respond(response)
    }

    private func refuseOrigin(_ exchange: HTTPExchange, _ sentence: String, isUpgrade: Bool = false) {
        isUpgrade ? refuseUpgrade(exchange, .forbidden, sentence) : refuse(exchange, .forbidden, sentence)
    }

    private func logRefusal(_ exchange: HTTPExchange, _ error: EngineError, _ detail: String) {
        log(.warning) {
            let head = exchange.request.head
            let peer = exchange.request.peer
            return "Refused \(head.method.rawValue) from \(peer.host) with code \(error.rawValue), "
                + "\(error.message)\(detail.isEmpty ? "" : ": \(detail)")."
        }
    }
}

/// Counts down to the last of several loops.
private final class Remaining: Sendable {
    private let count: Atomic<Int>

    init(_ count: Int) { self.count = Atomic(count) }

    /// True for the last.
    func decrement() -> Bool {
        count.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }
}
