import EngineIOCore
import NIOCore

/// What becomes of a request: an answer, a message for its session, a WebSocket.
extension EngineServer {
    // MARK: Requests

    /// The head of a request arrived.
    func requestStarted(_ exchange: HTTPExchange) {
        guard exchange.head.method == .post, let request = exchange.handshake else { return }
        if case .refused(let sentence) = exchange.origin { return refuseAny(exchange, .forbidden, sentence) }
        let session = session(of: exchange)
        switch verify(request, session) {
        case .refuse(let error, let detail): refuseAny(exchange, error, detail)
        case .newSession: refuse(exchange, .badHandshakeMethod)
        case .existingSession:
            guard let session else { return refuse(exchange, .sessionUnknown) }
            if session.loop.isCurrent {
                session.postStarted(exchange)
            } else {
                session.loop.post { session.postStarted(exchange) }
            }
        }
    }

    /// The body of a request turned out to be too large.
    func requestTooLarge(_ exchange: HTTPExchange) {
        guard exchange.head.method == .post, let session = session(of: exchange) else { return }
        exchange.forgetSession()
        session.loop.run { session.postRefused(exchange) }
    }

    /// A request is complete. `body` is borrowed.
    func requestEnded(_ exchange: HTTPExchange, body: UnsafeRawBufferPointer) {
        guard !exchange.isAnswered else { return }
        if let bundle = exchange.engineRequest?.bundle { return serve(bundle, to: exchange) }
        guard let request = exchange.handshake else {
            if let readiness = readiness(for: exchange) { return respond(to: exchange, readiness) }
            if isClosing { return respond(to: exchange, status: 503) }
            exchange.body = ByteBuffer(bytes: body)
            handlers.request(exchange)
            if exchange.head.isWebSocketUpgrade { destroyLater(exchange) }
            return
        }
        if exchange.head.method == .options, exchange.head.has(.requestedMethod), options.originPolicy != .unchecked {
            return preflight(exchange)
        }
        if case .refused(let sentence) = exchange.origin { return refuseAny(exchange, .forbidden, sentence) }

        let session = session(of: exchange)
        switch verify(request, session) {
        case .refuse(let error, let detail):
            // The session may have upgraded while the body was read.
            if let session, exchange.head.method == .post { session.loop.run { session.postRefused(exchange) } }
            refuseAny(exchange, error, detail)
        case .newSession(let transport):
            if transport == .webSocket { upgrade(exchange, session: nil) } else { openPolling(exchange) }
        case .existingSession:
            guard let session else { return refuse(exchange, .sessionUnknown) }
            if exchange.head.isWebSocketUpgrade { return upgrade(exchange, session: session) }
            if session.loop.isCurrent { return received(exchange, body: body, for: session) }
            exchange.body = ByteBuffer(bytes: body)
            session.loop.post {
                exchange.body.withUnsafeReadableBytes { self.received(exchange, body: $0, for: session) }
            }
        }
    }

    /// A request of a session, on its loop.
    private func received(_ exchange: HTTPExchange, body: UnsafeRawBufferPointer, for session: EngineSession) {
        switch exchange.head.method {
        case .get: session.poll(exchange)
        case .post: session.postEnded(exchange, body: body)
        case .head, .options, .other: respond(to: exchange, status: 500)
        }
    }

    private func verify(_ request: HandshakeRequest, _ session: EngineSession?) -> HandshakeVerdict {
        let known: KnownSession =
            switch session?.transport {
            case nil: .none
            case .polling?: .polling
            case .webSocket?: .webSocket
            }
        return HandshakeRules.verify(request, session: known, options: options.handshake)
    }

    /// Whether a request is about to open a session.
    func opensSession(_ exchange: HTTPExchange) -> Bool {
        guard let request = exchange.handshake else { return false }
        if case .refused = exchange.origin { return false }
        if case .newSession = verify(request, session(of: exchange)) { return true }
        return false
    }

    private static let isTaken = "the program gave the session an id that another one has"

    private func openPolling(_ exchange: HTTPExchange) {
        guard let session = open(.polling, for: exchange) else { return refuse(exchange, .badRequest, Self.isTaken) }
        var response = pollResponse(to: exchange, [session.takeOpenPacket()], session.format)
        if let cookie = options.cookie {
            response.headers.append(("Set-Cookie", cookie.value(for: session.id.description)))
        }
        respond(to: exchange, response, opensSession: true)
        session.begin(with: handlers.session(session))
    }

    /// A request for a WebSocket that nobody here serves would keep its connection for ever.
    private func destroyLater(_ exchange: HTTPExchange) {
        guard let timeout = options.destroyUpgradeTimeout, !exchange.isAnswered else { return }
        exchange.loop.eventLoop.scheduleTask(in: .milliseconds(timeout)) { exchange.abandon() }
    }

    // MARK: Upgrades

    /// Turns the connection into a WebSocket: of a new session, or to probe for one.
    private func upgrade(_ exchange: HTTPExchange, session: EngineSession?) {
        guard let connection = exchange.connection else { return }
        let deflate = options.deflate.flatMap { DeflateAgreement.negotiate(exchange.head, $0) }
        guard WebSocketAccept.hasVersion(exchange.head) else {
            return refuseAny(exchange, .badRequest, "the WebSocket handshake has no Sec-WebSocket-Version")
        }
        guard WebSocketAccept.isVersion13(exchange.head) else { return refuseVersion(exchange) }
        guard
            let answer = connection.webSocketAnswer(
                to: exchange.head, session == nil ? options.openingHeaders : options.headers,
                acceptance(of: exchange, deflate))
        else {
            return refuseAny(exchange, .badRequest, "the WebSocket handshake has no valid key")
        }
        if session == nil, let name = exchange.hooked?.sessionName, isInUse(name) {
            return refuseAny(exchange, .badRequest, Self.isTaken)
        }
        guard exchange.markAnswered() else { return }
        let loop = session?.loop ?? exchange.loop
        let query = exchange.engineRequest?.query ?? RequestQuery()
        let binaryForm = BinaryForm(revision: session?.format.revision ?? query.revision, b64: query.b64)
        if let session, session.loop !== exchange.loop {
            // What is relayed is a part of a connection that counts already.
            let isConnection = connection.isMovable
            return ConnectionMove.move(connection, to: loop, answer: answer) { descriptor in
                let webSocket = WebSocketHandler(
                    engine: self, loop: loop, output: ConnectionOutput(loop: loop, descriptor: descriptor),
                    binaryForm: binaryForm, deflate: deflate, isConnection: isConnection)
                return (webSocket, { session.probed(by: webSocket) })
            }
        }
        let webSocket = WebSocketHandler(
            engine: self, loop: loop, output: connection.output, binaryForm: binaryForm, deflate: deflate,
            isConnection: connection.isWhole)
        // SAFETY: used on the channel's loop, which is its own.
        nonisolated(unsafe) let reader = webSocket
        guard connection.hand(overTo: webSocket, then: { reader.readEnded() }) else { return }
        webSocket.begin(with: answer)
        if let session {
            session.probed(by: webSocket)
        } else {
            // Another one may have got the id just now.
            guard let session = open(.webSocket, for: exchange) else { return webSocket.close() }
            session.opened(over: webSocket)
            session.begin(with: handlers.session(session))
        }
        webSocket.flush()
    }

    /// The fields of the answer that makes a connection a WebSocket, besides the protocol's own.
    private func acceptance(
        of exchange: HTTPExchange, _ deflate: DeflateAgreement?
    ) -> [(name: String, value: String)] {
        var fields = corsHeaders(for: exchange) + (exchange.hooked?.headers ?? [])
        if let offered = exchange.head.firstElement(of: .webSocketProtocol) {
            fields.append(("Sec-WebSocket-Protocol", offered))
        }
        if let deflate { fields.append(("Sec-WebSocket-Extensions", deflate.response)) }
        return fields
    }

    // MARK: Answers

    private func corsHeaders(for exchange: HTTPExchange) -> [(name: String, value: String)] {
        let decision = exchange.origin
        if case .noOrigin = decision { return [] }
        return CORSHeaders.response(to: decision, options: options.cors)
    }

    private func preflight(_ exchange: HTTPExchange) {
        let decision = exchange.origin
        if case .refused(let sentence) = decision { return refuse(exchange, .forbidden, sentence) }
        let requested = exchange.head.value(of: .requestedHeaders)
        var headers = CORSHeaders.preflight(to: decision, requestedHeaders: requested, options: options.cors)
        headers.removeAll { $0.name == "Content-Length" }
        respond(to: exchange, HTTPResponse(status: 204, headers: headers), withCORS: false)
    }

    /// Answers a poll.
    func respond(toPoll exchange: HTTPExchange, _ packets: [EnginePacket], _ format: PollingFormat) {
        respond(to: exchange, pollResponse(to: exchange, packets, format))
    }

    private func pollResponse(
        to exchange: HTTPExchange, _ packets: [EnginePacket], _ format: PollingFormat
    ) -> HTTPResponse {
        let form = format.form(of: packets)
        let body = PollingBody(packets, form)
        var response = HTTPResponse(
            status: 200,
            fields: form == .binary
                ? "Content-Type: application/octet-stream\r\ncache-control: no-store\r\n"
                : "Content-Type: text/plain; charset=UTF-8\r\ncache-control: no-store\r\n",
            body: .packets(body))
        response.isCompressible = packets.contains { $0.compresses }
        if let callback = format.callback {
            response.body = .bytes(
                ByteBuffer(bytes: body.bytes.withUnsafeReadableBytes { JSONPBody.script(calling: callback, with: $0) }))
        }
        if let agent = exchange.head.value(of: .userAgent),
            agent.containsBytes(";MSIE") || agent.containsBytes("Trident/")
        {
            // Internet Explorer takes some payloads for an attack.
            response.headers.append(("X-XSS-Protection", "0"))
        }
        return response
    }

    private func serve(_ bundle: ClientBundle, to exchange: HTTPExchange) {
        runtime.workers.run { self.respond(to: exchange, bundle.response(to: exchange.head)) }
    }

    /// Answers a POST whose packets were delivered.
    func respond(toPost exchange: HTTPExchange) {
        respond(
            to: exchange,
            HTTPResponse(
                status: 200, fields: "Content-Type: text/html\r\ncache-control: no-store\r\n", body: .text("ok")))
    }

    func respond(to exchange: HTTPExchange, status: Int) {
        respond(to: exchange, HTTPResponse(status: status))
    }

    /// Responds with what is to be in all responses of the path.
    func respond(
        to exchange: HTTPExchange, _ response: consuming HTTPResponse, opensSession: Bool = false, withCORS: Bool = true
    ) {
        if exchange.engineRequest != nil { response.lines = opensSession ? options.openingHeaders : options.headers }
        if withCORS { response.headers += corsHeaders(for: exchange) }
        if let hooked = exchange.hooked { response.headers += hooked.headers }
        exchange.respond(response)
    }

    func refuseTooLarge(_ exchange: HTTPExchange) {
        var response = HTTPResponse(status: 413)
        response.closes = true
        respond(to: exchange, response)
    }

    /// Refuses a plain request. `message` is the program's own.
    func refuse(_ exchange: HTTPExchange, _ error: EngineError, _ detail: String = "", message: String? = nil) {
        logRefusal(exchange, error, detail)
        respond(
            to: exchange,
            HTTPResponse(
                status: error.httpStatus, contentType: "application/json",
                text: message.map(error.json(message:))
                    ?? (error.isExplainedToClient ? error.json(context: detail) : error.json)))
        tell(exchange, error, detail, message)
    }

    /// Refuses a request, or an upgrade as Node does: always 400, with the message as text, and the end of the
    /// connection.
    func refuseAny(_ exchange: HTTPExchange, _ error: EngineError, _ detail: String, message: String? = nil) {
        guard exchange.head.isWebSocketUpgrade else { return refuse(exchange, error, detail, message: message) }
        logRefusal(exchange, error, detail)
        var response = HTTPResponse(
            status: 400, contentType: "text/html",
            text: message ?? (error.isExplainedToClient ? "\(error.message): \(detail)." : error.message))
        response.closes = true
        respond(to: exchange, response, withCORS: false)
        tell(exchange, error, detail, message)
    }

    /// Refuses a WebSocket of another version than ours, and names ours (RFC 6455, 4.4).
    private func refuseVersion(_ exchange: HTTPExchange) {
        let sentence = "the WebSocket is of another version than 13, which alone is served"
        logRefusal(exchange, .badRequest, sentence)
        var response = HTTPResponse(status: 426, contentType: "text/html", text: "Upgrade Required: \(sentence).")
        response.headers += [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")]
        response.closes = true
        response.namesUpgrade = true
        respond(to: exchange, response, withCORS: false)
        tell(exchange, .badRequest, sentence, nil)
    }

    /// Tells the layer above of a refusal, behind the answer. `message` is the program's own.
    func tell(_ exchange: HTTPExchange, _ error: EngineError, _ detail: String, _ message: String?) {
        handlers.refused(exchange, EngineRefusal(error: error, message: message ?? error.message, context: detail))
    }

    private func logRefusal(_ exchange: HTTPExchange, _ error: EngineError, _ detail: String) {
        log(.warning, .refusedRequest(error), on: exchange.loop) {
            "Refused \(LogText.of(exchange.head.text.method.utf8)) from \(exchange.peer.host) with code \(error.rawValue), "
                + "\(error.message)\(detail.isEmpty ? "" : ": \(detail)")."
        }
    }
}
