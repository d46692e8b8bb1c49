import EngineIOCore
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One request of a connection of HTTP/2 and its response, on a stream of their own; or what becomes a WebSocket.
final class HTTP2StreamHandler: ChannelInboundHandler, ChannelOutboundHandler, RemovableChannelHandler, HTTPConnection,
    ReadHolder, DeadlineTarget
{
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// The head is to come.
        case idle
        /// The head is there, and the program is asked about it.
        case asking(HTTPExchange)
        /// The body comes.
        case receiving(HTTPExchange)
        /// The request is complete and waits for its response.
        case waiting(HTTPExchange)
        /// A large body is written, as fast as the client takes it.
        case sending(HTTPBodySender)
        /// The stream becomes another handler's, which stands behind this one.
        case leaving(then: @Sendable () -> Void)
        /// The response is written, or there will be none: what still comes is thrown away.
        case done
    }

    /// A response in memory is written in pieces, so that it is seen whether the client takes it.
    private static let pieceBytes = 64 * 1024

    private let connection: HTTP2ConnectionHandler
    let output: ConnectionOutput
    private var codec: HTTP2StreamCodec?
    private var context: ChannelHandlerContext?
    private var state = State.idle
    private var body = ByteBuffer()
    private var isTunnel = false
    /// The answer to a WebSocket's handshake, until it is written.
    private var answer: HPACKHeaders?
    private var isReadHeld = false
    /// While a request is given to the server, which may hand the stream over.
    private var isDelivering = false
    private var due: Instant = 0
    /// Pieces of the response that are not sent yet, and how many there were when the time came last.
    private var unsentPieces = 0
    private var unsent = Int.max

    var deadlinePosition: Int32 = -1
    var scheduledDeadline: Instant = 0

    var engine: EngineServer { connection.engine }
    var loop: EngineLoop { connection.loop }
    var source: RequestSource { connection.source }
    var trustsPeer: Bool { connection.trustsPeer }
    var isWhole: Bool { false }
    var isMovable: Bool { false }
    var channel: (any Channel)? { context?.channel }

    private init(_ connection: HTTP2ConnectionHandler) {
        self.connection = connection
        output = ConnectionOutput(loop: connection.loop, descriptor: -1)
    }

    /// Makes a new stream one of requests.
    static func add(to channel: any Channel, of connection: HTTP2ConnectionHandler) throws {
        let handler = HTTP2StreamHandler(connection)
        let codec = HTTP2StreamCodec(requests: handler)
        handler.codec = codec
        try channel.pipeline.syncOperations.addHandlers(codec, handler)
        connection.opened(handler, on: channel)
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        output.context = context
        awaitProgress()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        if output.context === context { output.end() }
        loop.streamDeadlines.remove(self)
        loop.forgetRead(of: self)
        abort()
        self.context = nil
        codec = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        output.end()
        abort()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func read(context: ChannelHandlerContext) {
        if loop.isReadingPaused {
            isReadHeld = true
            loop.holdRead(of: self)
        } else {
            context.read()
        }
    }

    func readHeld() {
        guard isReadHeld else { return }
        isReadHeld = false
        context?.read()
    }

    /// The connection ends in a moment.
    func closeSoon() {
        switch state {
        case .asking(let exchange), .waiting(let exchange):
            exchange.abort()
            write(HTTPResponse(status: 503), isHead: false)
        case .idle, .receiving, .sending, .leaving, .done: break
        }
    }

    func cancel(_ exchange: HTTPExchange) {
        guard isCurrent(exchange) else { return }
        exchange.detach()
        state = .done
        context?.close(promise: nil)
    }

    private func isCurrent(_ exchange: HTTPExchange) -> Bool {
        switch state {
        case .asking(let current), .receiving(let current), .waiting(let current): current === exchange
        case .idle, .sending, .leaving, .done: false
        }
    }

    private func abort() {
        switch state {
        case .asking(let exchange), .receiving(let exchange), .waiting(let exchange): exchange.abort()
        case .sending(let sender):
            sender.stop()
            sender.exchange.detach()
        case .idle, .leaving, .done: break
        }
        state = .done
        body = ByteBuffer()
    }

    // MARK: Time

    /// A complete request has to come in time, and its response has to be taken.
    private func awaitProgress() {
        due = loop.now &+ engine.options.requestTimeout
        unsent = .max
        loop.streamDeadlines.schedule(self, at: due)
    }

    func deadlineReached(now: Instant) {
        switch state {
        case .waiting, .leaving: return
        case .idle, .asking, .receiving, .sending, .done: break
        }
        if isSending() {
            due = now &+ engine.options.requestTimeout
            loop.streamDeadlines.schedule(self, at: due)
        } else {
            context?.close(promise: nil)
        }
    }

    /// Whether the client has taken some of the response since the last call, and more of it waits.
    private func isSending() -> Bool {
        var left = unsentPieces
        if case .sending(let sender) = state { left = sender.left }
        defer { unsent = left }
        return left > 0 && left < unsent
    }

    // MARK: The request

    func received(_ headers: HPACKHeaders) {
        // Behind a body they are trailers, which mean nothing here.
        guard case .idle = state else { return }
        let fields = headers.lazy.map { (name: $0.name, value: $0.value) }
        do throws(HTTPRequestError) {
            let (head, kind) = try HTTP2Head.parse(fields)
            isTunnel = kind == .tunnel
            start(head)
        } catch {
            engine.log(.warning) { "A request from \(source.peer.host) is refused: \(error.rawValue)." }
            let text = HTTPResponse.reason(of: error.status)
            let fields: StaticString = "Content-Type: text/plain; charset=utf-8\r\n"
            write(HTTPResponse(status: error.status, fields: fields, body: .text(text)), isHead: false)
        }
    }

    private func start(_ head: HTTPRequestHead) {
        let exchange = HTTPExchange(head: head, on: self)
        guard let hooks = engine.hooks(for: exchange) else { return begin(exchange) }
        state = .asking(exchange)
        awaitProgress()
        engine.ask(hooks, about: exchange)
    }

    /// The hooks let a request pass.
    func proceed(_ exchange: HTTPExchange) {
        guard case .asking(let current) = state, current === exchange else { return }
        awaitProgress()
        begin(exchange)
        if codec?.isInputEnded == true { inputEnded() }
    }

    private func begin(_ exchange: HTTPExchange) {
        let head = exchange.head
        state = .receiving(exchange)
        // The stream is for another protocol, and there is one that is spoken here.
        if isTunnel, !head.isWebSocketUpgrade { return exchange.respond(HTTPResponse(status: 501)) }
        if case .length(let length) = head.framing, length > engine.options.maxHTTPBufferSize {
            return engine.refuseTooLarge(exchange)
        }
        engine.requestStarted(exchange)
        if isTunnel {
            inputEnded()
        } else if head.expectsContinue, head.framing != .length(0), !exchange.isAnswered {
            codec?.write(HPACKHeaders([(":status", "100")]), isEnd: false)
            codec?.flush()
        }
    }

    func received(_ bytes: ByteBuffer) {
        switch state {
        case .idle, .sending, .done: break
        case .receiving(let exchange):
            guard body.readableBytes &+ bytes.readableBytes <= engine.options.maxHTTPBufferSize else {
                engine.requestTooLarge(exchange)
                return engine.refuseTooLarge(exchange)
            }
            body.writeImmutableBuffer(bytes)
        // A client that does not wait for its WebSocket to be accepted, or sends on while the program is asked.
        case .asking, .waiting, .leaving:
            guard body.readableBytes &+ bytes.readableBytes <= engine.options.maxHTTPBufferSize else {
                context?.close(promise: nil)
                return
            }
            body.writeImmutableBuffer(bytes)
        }
    }

    /// The request is complete.
    func inputEnded() {
        guard case .receiving(let exchange) = state else { return }
        state = .waiting(exchange)
        // What comes early in a tunnel is no request's body.
        let body = isTunnel ? ByteBuffer() : body
        if !isTunnel { self.body = ByteBuffer() }
        isDelivering = true
        body.withUnsafeReadableBytes { engine.requestEnded(exchange, body: $0) }
        isDelivering = false
        leave()
    }

    // MARK: The response

    func respond(_ response: HTTPResponse, to exchange: HTTPExchange) {
        guard isCurrent(exchange) else { return }
        let isComplete = codec?.isInputEnded == true
        let isHead = exchange.head.method == .head
        if let stream = response.stream, !isHead, response.hasBody {
            return send(stream, of: response, to: exchange)
        }
        exchange.detach()
        write(response, isHead: isHead)
        // What the client still sends is in vain.
        if !isComplete { codec?.reset(.noError) }
    }

    private func write(_ response: HTTPResponse, isHead: Bool) {
        state = .done
        body = ByteBuffer()
        let bytes = isHead ? ByteBuffer() : response.bodyBytes
        codec?.write(
            HTTP2Fields.fields(of: response, date: loop.date.now()), isEnd: bytes.readableBytes == 0)
        write(bytes)
        codec?.flush()
        awaitProgress()
    }

    private func write(_ bytes: ByteBuffer) {
        var bytes = bytes
        while bytes.readableBytes > 0 {
            guard let piece = bytes.readSlice(length: min(bytes.readableBytes, Self.pieceBytes)), let context else {
                return
            }
            unsentPieces &+= 1
            let sent = context.eventLoop.makePromise(of: Void.self)
            sent.futureResult.assumeIsolated().whenComplete { _ in self.unsentPieces &-= 1 }
            codec?.write(piece, isEnd: bytes.readableBytes == 0, promise: sent)
        }
    }

    private func send(_ stream: HTTPBodyStream, of response: HTTPResponse, to exchange: HTTPExchange) {
        codec?.write(HTTP2Fields.fields(of: response, date: loop.date.now()), isEnd: false)
        codec?.flush()
        let sender = HTTPBodySender(stream, to: output, for: exchange, keepAlive: true) { [weak self] sender, isWhole in
            self?.sent(sender, isWhole)
        }
        state = .sending(sender)
        awaitProgress()
        sender.send()
    }

    private func sent(_ sender: HTTPBodySender, _ isWhole: Bool) {
        guard case .sending(let current) = state, current === sender else { return }
        sender.exchange.detach()
        state = .done
        if isWhole {
            codec?.end()
            awaitProgress()
        } else {
            engine.log(.warning) {
                "What was to be sent for \(sender.exchange.head.text.target) can no longer be read."
            }
            // The client was told of more bytes: it learns from the reset that they do not come.
            context?.close(promise: nil)
        }
    }

    // MARK: Becoming a WebSocket

    func webSocketAnswer(
        to head: HTTPRequestHead, _ lines: HeaderLines, _ fields: [(name: String, value: String)]
    ) -> ByteBuffer? {
        // There is no key to prove anything with: an extended CONNECT is no request that anybody sends by mistake.
        guard isTunnel, WebSocketAccept.isVersion13(head) else { return nil }
        answer = HTTP2Fields.acceptance(lines, fields)
        return ByteBuffer()
    }

    @discardableResult
    func hand(overTo handler: any ChannelHandler, then: @escaping @Sendable () -> Void) -> Bool {
        guard let context, let codec, case .waiting(let exchange) = state, let answer else { return false }
        exchange.detach()
        do {
            try context.pipeline.syncOperations.addHandler(handler, position: .after(self))
        } catch {
            state = .done
            context.close(promise: nil)
            return false
        }
        codec.write(answer, isEnd: false)
        codec.flush()
        self.answer = nil
        state = .leaving(then: then)
        if !isDelivering { context.eventLoop.assumeIsolated().execute { self.leave() } }
        return true
    }

    /// Lets the new handler have the stream, once whoever handed it over is ready.
    private func leave() {
        guard case .leaving(let then) = state, let context else { return }
        state = .done
        codec?.requests = nil
        let rest = body
        body = ByteBuffer()
        let wasReadHeld = isReadHeld
        let channel = context.channel
        if rest.readableBytes > 0 { context.fireChannelRead(NIOAny(rest)) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        if wasReadHeld { channel.read() }
        then()
    }
}
