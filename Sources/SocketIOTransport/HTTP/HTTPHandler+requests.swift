import EngineIOCore
import NIOCore

/// The requests of a connection and their responses.
extension HTTPHandler {
    func start(_ head: consuming HTTPRequestHead) {
        let exchange = HTTPExchange(head: head, on: self)
        if let busy = engine.busy(for: exchange) {
            state = .receiving(exchange)
            return engine.refuse(exchange, busy)
        }
        guard let hooks = engine.hooks(for: exchange) else { return begin(exchange) }
        state = .asking(exchange)
        awaitRequest()
        engine.ask(hooks, about: exchange)
    }

    /// The hooks let a request pass.
    func proceed(_ exchange: HTTPExchange) {
        guard case .asking(let current) = state, current === exchange else { return }
        awaitRequest()
        begin(exchange)
        parseOn()
    }

    private func begin(_ exchange: HTTPExchange) {
        let head = exchange.head
        state = .receiving(exchange)
        if case .length(let length) = head.framing, length > engine.options.maxHTTPBufferSize {
            return engine.refuseTooLarge(exchange)
        }
        engine.requestStarted(exchange)
        if head.expectsContinue, head.framing != .length(0), !exchange.isAnswered {
            output.append(shared: ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
            output.flush()
        }
    }

    func collect(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) {
        guard case .receiving(let exchange) = state else { return }
        keepBody(of: bytes)
        guard case .collected(var collected) = body else {
            body = .range(range)
            if range.count > engine.options.maxHTTPBufferSize { bodyTooLarge(exchange) }
            return
        }
        guard collected.readableBytes &+ range.count <= engine.options.maxHTTPBufferSize else {
            return bodyTooLarge(exchange)
        }
        body = .none
        collected.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[range]))
        body = .collected(collected)
    }

    /// Copies what came of the body: it goes on in other bytes, or elsewhere in these.
    func keepBody(of bytes: UnsafeRawBufferPointer) {
        guard case .range(let range) = body else { return }
        body = .collected(ByteBuffer(bytes: UnsafeRawBufferPointer(rebasing: bytes[range])))
    }

    private func bodyTooLarge(_ exchange: HTTPExchange) {
        engine.requestTooLarge(exchange)
        engine.refuseTooLarge(exchange)
    }

    func end(_ bytes: UnsafeRawBufferPointer) {
        let body = body
        self.body = .none
        switch state {
        case .receiving(let exchange):
            state = .waiting(exchange)
            switch body {
            case .none: engine.requestEnded(exchange, body: UnsafeRawBufferPointer(start: nil, count: 0))
            case .range(let range):
                engine.requestEnded(exchange, body: UnsafeRawBufferPointer(rebasing: bytes[range]))
            case .collected(let collected):
                collected.withUnsafeReadableBytes { engine.requestEnded(exchange, body: $0) }
            }
        case .discarding: finish()
        case .idle, .asking, .waiting, .sending, .leaving, .closing: break
        }
    }

    /// What came is not a request, or none that is served.
    func refuse(_ error: HTTPRequestError) {
        engine.log(.warning, .malformedRequest, on: loop) {
            "A request from \(source.peer.host) is refused: \(error.rawValue)."
        }
        switch state {
        case .idle: break
        case .receiving(let exchange):
            exchange.abort()
            // Its end may have closed the connection.
            if case .closing = state { return }
        case .asking, .discarding, .waiting, .sending, .leaving, .closing:
            state = .closing
            context?.close(promise: nil)
            return
        }
        let text = HTTPResponse.reason(of: error.status)
        let fields: StaticString = "Content-Type: text/plain; charset=utf-8\r\n"
        write(HTTPResponse(status: error.status, fields: fields, body: .text(text)), keepAlive: false, withBody: true)
    }

    // MARK: Responses

    func respond(_ response: consuming HTTPResponse, to exchange: HTTPExchange) {
        guard isCurrent(exchange) else { return }
        let head = exchange.head
        // Behind an `Upgrade` that is not taken up, nobody knows which protocol the client goes on with.
        let isComplete = if case .waiting = state { true } else { false }
        let wasAsking = if case .asking = state { true } else { false }
        // One who was to wait for a word before the body may leave it out now, and send a request in its place.
        let keepAlive =
            head.keepsAlive && !response.closes && !head.hasUpgrade && (isComplete || !head.expectsContinue)
        response = compressed(response, for: head)
        body = .none
        if let stream = response.stream, head.method != .head {
            return send(stream, of: response, to: exchange, keepAlive: keepAlive && isComplete)
        }
        state = .discarding(exchange)
        write(response, keepAlive: keepAlive, withBody: head.method != .head)
        if isComplete && keepAlive { finish() }
        // What still comes of it is thrown away.
        if wasAsking && keepAlive { parseOn() }
    }

    /// Writes a response; without keep-alive, closes the connection behind it.
    func write(_ response: HTTPResponse, keepAlive: Bool, withBody: Bool) {
        guard let context else { return }
        response.write(to: output, date: loop.date.now(), keepAlive: keepAlive, withBody: withBody)
        output.flush()
        if !keepAlive { endBehindResponse(context) }
    }

    func endBehindResponse(_ context: ChannelHandlerContext) {
        if case .discarding(let exchange) = state { exchange.detach() }
        state = .closing
        lingerAndClose(context)
    }

    /// Closes our half first: a client that is still sending would otherwise lose the response to a reset.
    private func lingerAndClose(_ context: ChannelHandlerContext) {
        unread = ByteBuffer()
        awaitRequest()
        let sent = context.eventLoop.makePromise(of: Void.self)
        // Not before the response has left: a large one takes its time.
        sent.futureResult.assumeIsolated().whenComplete { _ in
            guard let context = self.context else { return }
            let channel = context.channel
            self.lingering = context.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
        }
        context.close(mode: .output, promise: sent)
    }

    /// The request and its response are over.
    func finish() {
        guard case .discarding(let exchange) = state else { return }
        exchange.detach()
        state = .idle
        body = .none
        awaitRequest()
        guard !isParsing else { return }
        if unread.readableBytes > 0 { parseUnread() }
        readHeld()
    }

    /// Goes on with a request whose head was taken, even if nothing is behind it, and reads on.
    private func parseOn() {
        guard !isParsing else { return }
        parseUnread()
        readHeld()
    }
}
