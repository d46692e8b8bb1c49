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

    enum State {
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

    let connection: HTTP2ConnectionHandler
    /// The stream's.
    let number: Int
    let output: ConnectionOutput
    var codec: HTTP2StreamCodec?
    var context: ChannelHandlerContext?
    var state = State.idle
    var body = ByteBuffer() {
        didSet { connection.bodyChanged(of: number, to: body.readableBytes) }
    }
    var isTunnel = false
    /// The answer to a WebSocket's handshake, until it is written.
    var answer: HPACKHeaders?
    var isReadHeld = false
    /// While a request is given to the server, which may hand the stream over.
    var isDelivering = false
    /// Bytes of the response that are not sent yet, and how many there were when the time came last.
    var unsentBytes = 0
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

    private init(_ connection: HTTP2ConnectionHandler, _ id: HTTP2StreamID) {
        self.connection = connection
        number = Int(id)
        output = ConnectionOutput(loop: connection.loop, descriptor: -1)
    }

    /// Makes a new stream one of requests.
    static func add(to channel: any Channel, of connection: HTTP2ConnectionHandler) throws {
        guard let id = try channel.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID) else {
            throw ChannelError.operationUnsupported
        }
        let handler = HTTP2StreamHandler(connection, id)
        let codec = HTTP2StreamCodec(of: connection, requests: handler)
        handler.codec = codec
        try channel.pipeline.syncOperations.addHandlers(codec, handler)
        connection.opened(handler, id, on: channel)
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

    func read(context: ChannelHandlerContext) { readOrHold(context) }

    /// Whether what the client sends has to wait in the stream's window: for the budget of the connection, for the
    /// program's word, or for the WebSocket that it is for.
    var mustWait: Bool {
        switch state {
        case .idle: !connection.budget.admitsRequests
        case .asking: true
        case .receiving: !connection.budget.admitsBody(of: number)
        case .waiting: isTunnel
        case .sending, .leaving, .done: false
        }
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

    func isCurrent(_ exchange: HTTPExchange) -> Bool {
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
    func awaitProgress() {
        unsent = .max
        loop.streamDeadlines.schedule(self, at: loop.now &+ engine.options.requestTimeout)
    }

    func deadlineReached(now: Instant) {
        switch state {
        case .waiting, .leaving: return
        case .idle, .asking, .receiving, .sending, .done: break
        }
        if isSending() {
            loop.streamDeadlines.schedule(self, at: now &+ engine.options.requestTimeout)
        } else {
            if case .asking(let exchange) = state { engine.hooksAreLate(exchange) }
            // First: what waits in the stream's window comes when it is closed.
            abort()
            context?.close(promise: nil)
        }
    }

    /// Whether the client has taken some of the response since the last call, and more of it waits.
    private func isSending() -> Bool {
        var left = unsentBytes
        if case .sending(let sender) = state { left &+= sender.left }
        defer { unsent = left }
        return left > 0 && left < unsent
    }

    // MARK: The request

    func received(_ headers: HPACKHeaders) {
        // Behind a body they are trailers, which mean nothing here.
        guard case .idle = state else { return }
        // What was not asked for comes because the stream is closed.
        guard !(isReadHeld && mustWait) else {
            state = .done
            return
        }
        let fields = headers.lazy.map { (name: $0.name, value: $0.value) }
        do throws(HTTPRequestError) {
            let (head, kind) = try HTTP2Head.parse(fields, engine.options.limits.http)
            isTunnel = kind == .tunnel
            start(head)
        } catch {
            engine.log(.warning, .malformedRequest, on: loop) {
                "A request from \(source.peer.host) is refused: \(error.rawValue)."
            }
            let text = HTTPResponse.reason(of: error.status)
            let fields: StaticString = "Content-Type: text/plain; charset=utf-8\r\n"
            write(HTTPResponse(status: error.status, fields: fields, body: .text(text)), isHead: false)
        }
    }

    private func start(_ head: HTTPRequestHead) {
        let exchange = HTTPExchange(head: head, on: self)
        if let busy = engine.busy(for: exchange) {
            state = .receiving(exchange)
            return engine.refuse(exchange, busy)
        }
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
        readHeld()
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
        } else if head.expectsContinue, codec?.isInputEnded == false, !exchange.isAnswered {
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
        // What came together with the head: at most what the stream's window holds.
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
}
