import EngineIOCore
import NIOCore
import NIOHTTP1

/// The requests of one connection, one at a time, until it becomes a WebSocket.
///
/// A request that arrives while another one waits for its response is held, and no more is read: a client that
/// pipelines costs what one read brings, not more.
final class HTTPHandler: ChannelInboundHandler, ChannelOutboundHandler, LoopConnection, ReadHolder, DeadlineTarget {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// Between requests.
        case idle
        /// The body comes.
        case receiving(HTTPExchange, Body)
        /// The request is complete and waits for its response.
        case waiting(HTTPExchange)
        /// The last response is written, or the connection has become a WebSocket: what still comes is thrown away.
        case closing
    }

    /// What happens to the body that arrives.
    private enum Body {
        case collected
        /// A response was sent before the body was complete.
        case discarded
    }

    private static let keptResponseBytes = 64 * 1024

    let engine: EngineServer
    let loop: EngineLoop
    private let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    private let peer: PeerAddress
    /// The WebSocket's, once the connection has become one: the channel may still hold a response.
    let output: ConnectionOutput
    private var state = State.idle
    private var context: ChannelHandlerContext?
    private var held: [HTTPServerRequestPart] = []
    private var isReadHeld = false
    private var lingering: Scheduled<Void>?

    var deadlinePosition: Int32 = -1
    var scheduledDeadline: Instant = 0

    /// `decoder` stands before this handler in the pipeline.
    init(
        engine: EngineServer, loop: EngineLoop, decoder: ByteToMessageHandler<HTTPRequestDecoder>, peer: PeerAddress,
        descriptor: CInt
    ) {
        output = ConnectionOutput(loop: loop, descriptor: descriptor)
        self.decoder = decoder
        self.engine = engine
        self.loop = loop
        self.peer = peer
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        output.context = context
        loop.connections[ObjectIdentifier(self)] = self
        engine.connectionOpened()
        awaitRequest()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        // A WebSocket may have it by now.
        if output.context === context { output.end() }
        loop.connections[ObjectIdentifier(self)] = nil
        loop.requestDeadlines.remove(self)
        loop.forgetRead(of: self)
        lingering?.cancel()
        abort()
        engine.connectionClosed()
    }

    func channelInactive(context: ChannelHandlerContext) {
        output.end()
        abort()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError, case .idle = state, context.channel.isActive {
            var response = HTTPResponse(status: 400, contentType: "text/plain; charset=utf-8", text: "Bad Request")
            response.closes = true
            write(response, keepAlive: false, withBody: true)
        } else {
            context.close(promise: nil)
        }
    }

    func read(context: ChannelHandlerContext) {
        if !held.isEmpty {
            isReadHeld = true
        } else if loop.isReadingPaused {
            isReadHeld = true
            loop.holdRead(of: self)
        } else {
            context.read()
        }
    }

    func readHeld() {
        guard isReadHeld, held.isEmpty, let context else { return }
        if loop.isReadingPaused { return loop.holdRead(of: self) }
        isReadHeld = false
        context.read()
    }

    func closeSoon() {
        // A response that is being written is behind us; what waits for one gets none.
        if case .waiting(let exchange) = state {
            exchange.abort()
            write(HTTPResponse(status: 503), keepAlive: false, withBody: true)
        }
        context?.close(promise: nil)
    }

    /// Closes the connection of a request that gets no response.
    func cancel(_ exchange: HTTPExchange) {
        switch state {
        case .receiving(let current, _) where current === exchange, .waiting(let current) where current === exchange:
            state = .closing
            context?.close(promise: nil)
        default: break
        }
    }

    private func abort() {
        switch state {
        case .receiving(let exchange, _), .waiting(let exchange): exchange.abort()
        case .idle, .closing: break
        }
        state = .closing
        held = []
    }

    // MARK: Time

    /// A complete request has to come in time: a connection that says nothing, or a byte now and then, ends.
    private func awaitRequest() {
        loop.requestDeadlines.schedule(self, at: loop.now &+ engine.options.requestTimeout)
    }

    func deadlineReached(now: Instant) {
        context?.close(promise: nil)
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received(unwrapInboundIn(data))
    }

    private func received(_ part: HTTPServerRequestPart) {
        switch (part, state) {
        case (_, .closing): break
        case (_, .waiting): held.append(part)
        case (.head(let head), _): start(head)
        case (.body(let bytes), .receiving(let exchange, .collected)): collect(bytes, of: exchange)
        case (.body, _): break
        case (.end, .receiving(let exchange, .collected)):
            state = .waiting(exchange)
            loop.requestDeadlines.remove(self)
            engine.requestEnded(exchange, isUpgrade: isWebSocketUpgrade(exchange.request.head))
        case (.end, .receiving(_, .discarded)): finish()
        case (.end, .idle): break
        }
    }

    private func start(_ head: HTTPRequestHead) {
        let request = HTTPExchange.Request(head: head, query: RequestQuery(target: head.uri), peer: peer)
        let exchange = HTTPExchange(request: request, loop: loop, handler: self)
        state = .receiving(exchange, .collected)
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }),
            length > engine.options.maxHTTPBufferSize
        {
            return refuseTooLarge(exchange)
        }
        engine.requestStarted(exchange)
        if !exchange.isAnswered, head.headers.first(name: "expect")?.lowercased() == "100-continue" {
            output.append(shared: Self.continueResponse)
            output.flush()
        }
    }

    private static let continueResponse = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")

    private func collect(_ bytes: ByteBuffer, of exchange: HTTPExchange) {
        let size = exchange.request.body.readableBytes &+ bytes.readableBytes
        guard size <= engine.options.maxHTTPBufferSize else {
            engine.requestTooLarge(exchange)
            return refuseTooLarge(exchange)
        }
        exchange.request.body.writeImmutableBuffer(bytes)
    }

    private func refuseTooLarge(_ exchange: HTTPExchange) {
        var response = HTTPResponse(status: 413, headers: engine.corsHeaders(for: exchange.request.head))
        response.closes = true
        exchange.respond(response)
    }

    private func isWebSocketUpgrade(_ head: HTTPRequestHead) -> Bool {
        head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
            && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
    }

    // MARK: Responses

    func respond(_ response: HTTPResponse, to exchange: HTTPExchange) {
        let head = exchange.request.head
        let isHead = head.method == .HEAD
        // After an `Upgrade` the decoder reads no further request from this connection.
        let keepAlive = head.isKeepAlive && !response.closes && !head.headers.contains(name: "upgrade")
        switch state {
        case .waiting(let current) where current === exchange:
            write(response, keepAlive: keepAlive, withBody: !isHead)
            if keepAlive { finish() }
        case .receiving(let current, _) where current === exchange:
            state = .receiving(exchange, .discarded)
            write(response, keepAlive: keepAlive, withBody: !isHead)
        default: break
        }
    }

    /// Writes a response; without keep-alive, closes the connection behind it.
    private func write(_ response: HTTPResponse, keepAlive: Bool, withBody: Bool) {
        guard let context else { return }
        loop.responseBuffer.clear(minimumCapacity: 256 &+ response.body.readableBytes)
        response.write(into: &loop.responseBuffer, date: loop.date.now(), keepAlive: keepAlive, withBody: withBody)
        output.append(shared: loop.responseBuffer)
        output.flush()
        if loop.responseBuffer.capacity > Self.keptResponseBytes { loop.responseBuffer = ByteBuffer() }
        if !keepAlive {
            state = .closing
            lingerAndClose(context)
        }
    }

    /// Closes our half first: a client that is still sending would otherwise lose the response to a reset.
    private func lingerAndClose(_ context: ChannelHandlerContext) {
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        lingering = context.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    }

    private func finish() {
        state = .idle
        awaitRequest()
        var parts = held[...]
        held = []
        while let part = parts.popFirst() {
            received(part)
            if case .waiting = state {
                held = Array(parts)
                return
            }
        }
        readHeld()
    }

    // MARK: Becoming a WebSocket

    /// Puts `handler`, which reads bytes, in the place of the HTTP handlers, and calls `body` when they are gone.
    /// Bytes that arrived behind the request go to `handler`. False, and no call, if the connection is gone.
    @discardableResult
    func hand(overTo handler: any ChannelHandler, then body: @escaping @Sendable () -> Void = {}) -> Bool {
        guard let context, case .waiting = state else { return false }
        state = .closing
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(handler, position: .after(decoder))
        } catch {
            context.close(promise: nil)
            return false
        }
        let channel = context.channel
        let wasReadHeld = isReadHeld
        pipeline.removeHandler(decoder).whenComplete { _ in body() }
        pipeline.removeHandler(self, promise: nil)
        // The new handler holds it if it has to.
        if wasReadHeld { channel.read() }
        return true
    }

    /// The channel, while the handler is in its pipeline.
    var channel: (any Channel)? { context?.channel }
}

extension HTTPHandler: RemovableChannelHandler {}
