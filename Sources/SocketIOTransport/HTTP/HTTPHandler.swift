import EngineIOCore
import NIOCore

/// The requests of one connection, one at a time, until it becomes a WebSocket.
///
/// A request that arrives while another one waits for its response is held, and no more is read: a client that
/// pipelines costs what one read brings, not more.
final class HTTPHandler: ChannelInboundHandler, ChannelOutboundHandler, LoopConnection, ReadHolder, DeadlineTarget {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// Between requests.
        case idle
        /// The body comes.
        case receiving(HTTPExchange)
        /// The body comes, and is thrown away: a response was sent before it was complete.
        case discarding(HTTPExchange)
        /// The request is complete and waits for its response.
        case waiting(HTTPExchange)
        /// The connection becomes another handler's, which stands behind this one: what still comes is for that one.
        case leaving(then: @Sendable () -> Void)
        /// The last response is written: what still comes is thrown away.
        case closing
    }

    /// The body of the request that is being received.
    private enum Body {
        case none
        /// In one piece, at this place of the bytes that are being parsed.
        case range(Range<Int>)
        case collected(ByteBuffer)
    }

    let engine: EngineServer
    let loop: EngineLoop
    private let peer: PeerAddress
    /// The WebSocket's, once the connection has become one: the channel may still hold a response.
    let output: ConnectionOutput
    private var state = State.idle
    private var reader = HTTPRequestReader()
    private var body = Body.none
    private var context: ChannelHandlerContext?
    /// What is not parsed yet: the start of a head, or what came behind a request that waits.
    private var unread = ByteBuffer()
    private var isParsing = false
    private var isReadHeld = false
    private var lingering: Scheduled<Void>?
    /// When the request that is being received, or awaited, has to be complete.
    private var requestDue: Instant = 0
    /// How much of the responses was not sent yet when that time came last.
    private var unsent = Int.max

    var deadlinePosition: Int32 = -1
    var scheduledDeadline: Instant = 0

    init(engine: EngineServer, loop: EngineLoop, peer: PeerAddress, descriptor: CInt) {
        output = ConnectionOutput(loop: loop, descriptor: descriptor)
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
        context.close(promise: nil)
    }

    func read(context: ChannelHandlerContext) {
        if holdsRequest || isClogged {
            isReadHeld = true
        } else if loop.isReadingPaused {
            isReadHeld = true
            loop.holdRead(of: self)
        } else {
            context.read()
        }
    }

    func readHeld() {
        guard isReadHeld, !holdsRequest, !isClogged, let context else { return }
        if loop.isReadingPaused { return loop.holdRead(of: self) }
        isReadHeld = false
        context.read()
    }

    /// Whether something came behind a request that waits.
    private var holdsRequest: Bool {
        if case .waiting = state { return unread.readableBytes > 0 }
        return false
    }

    /// Whether the client leaves its responses unread: its next request waits until it has read them.
    private var isClogged: Bool {
        if case .idle = state { return context?.channel.isWritable == false }
        return false
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            if unread.readableBytes > 0 { parseUnread() }
            readHeld()
        }
        context.fireChannelWritabilityChanged()
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
        guard isCurrent(exchange) else { return }
        exchange.detach()
        state = .closing
        context?.close(promise: nil)
    }

    private func isCurrent(_ exchange: HTTPExchange) -> Bool {
        switch state {
        case .receiving(let current), .waiting(let current): current === exchange
        case .idle, .discarding, .leaving, .closing: false
        }
    }

    private func abort() {
        switch state {
        case .receiving(let exchange), .waiting(let exchange): exchange.abort()
        case .discarding(let exchange): exchange.detach()
        case .idle, .leaving, .closing: break
        }
        state = .closing
        unread = ByteBuffer()
        body = .none
    }

    // MARK: Time

    /// A complete request has to come in time: a connection that says nothing, or a byte now and then, ends.
    private func awaitRequest() {
        requestDue = loop.now &+ engine.options.requestTimeout
        unsent = .max
        // Else it comes earlier, and is moved then: not each request moves it.
        if deadlinePosition < 0 { loop.requestDeadlines.schedule(self, at: requestDue) }
    }

    func deadlineReached(now: Instant) {
        switch state {
        case .waiting, .leaving: break
        case .idle, .receiving, .discarding, .closing:
            if now < requestDue {
                loop.requestDeadlines.schedule(self, at: requestDue)
            } else if isSending() {
                requestDue = now &+ engine.options.requestTimeout
                loop.requestDeadlines.schedule(self, at: requestDue)
            } else {
                context?.close(promise: nil)
            }
        }
    }

    /// Whether the client has read some of a response since the last call, and more of it waits: a large one may take
    /// longer than a request.
    private func isSending() -> Bool {
        let left = (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        defer { unsent = left }
        return left > 0 && left < unsent
    }

    // MARK: Bytes

    /// How much was received and not parsed yet.
    var unreadBytes: Int { unread.readableBytes }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        // What comes behind the last response is not kept.
        if case .closing = state { return loop.receiveBuffers.giveBack(bytes) }
        if unread.readableBytes > 0 {
            unread.discardReadBytes()
            unread.writeImmutableBuffer(bytes)
            loop.receiveBuffers.giveBack(bytes)
            return parseUnread()
        }
        bytes.moveReaderIndex(forwardBy: bytes.withUnsafeReadableBytes { parse($0) })
        switch state {
        case .leaving(let then) where bytes.readableBytes > 0: leave(to: context, with: bytes, then)
        case .leaving(let then):
            loop.receiveBuffers.giveBack(bytes)
            leave(to: context, with: nil, then)
        case .closing: loop.receiveBuffers.giveBack(bytes)
        case .idle, .receiving, .discarding, .waiting:
            // A copy of its own: the buffer is the loop's.
            bytes.withUnsafeReadableBytes { if !$0.isEmpty { unread = ByteBuffer(bytes: $0) } }
            loop.receiveBuffers.giveBack(bytes)
        }
    }

    private func parseUnread() {
        guard !isParsing else { return }
        let bytes = unread
        let used = bytes.withUnsafeReadableBytes { parse($0) }
        if case .closing = state { return }
        unread.moveReaderIndex(forwardBy: used)
        if case .leaving(let then) = state {
            guard let context else { return }
            let rest = unread
            unread = ByteBuffer()
            return leave(to: context, with: rest.readableBytes > 0 ? rest : nil, then)
        }
        if unread.readableBytes == 0 { unread = ByteBuffer() }
    }

    /// Takes requests out of the bytes until one waits; returns how many bytes they took.
    private func parse(_ bytes: UnsafeRawBufferPointer) -> Int {
        isParsing = true
        defer { isParsing = false }
        var offset = 0
        while true {
            switch state {
            case .idle where isClogged: return offset
            case .idle, .receiving, .discarding: break
            case .waiting, .leaving, .closing: return offset
            }
            do throws(HTTPRequestError) {
                switch try reader.next(in: bytes, at: &offset) {
                case .incomplete:
                    keepBody(of: bytes)
                    return offset
                case .head(let head): start(head)
                case .body(let range): collect(range, of: bytes)
                case .end: end(bytes)
                }
            } catch {
                refuse(error)
            }
        }
    }

    // MARK: Requests

    private func start(_ head: HTTPRequestHead) {
        let request = EngineRequest(head, engine.options)
        let exchange = HTTPExchange(head: head, engineRequest: request, peer: peer, handler: self)
        state = .receiving(exchange)
        if case .length(let length) = head.framing, length > engine.options.maxHTTPBufferSize {
            return refuseTooLarge(exchange)
        }
        engine.requestStarted(exchange)
        if head.expectsContinue, head.framing != .length(0), !exchange.isAnswered {
            output.append(shared: ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
            output.flush()
        }
    }

    private func collect(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) {
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
    private func keepBody(of bytes: UnsafeRawBufferPointer) {
        guard case .range(let range) = body else { return }
        body = .collected(ByteBuffer(bytes: UnsafeRawBufferPointer(rebasing: bytes[range])))
    }

    private func bodyTooLarge(_ exchange: HTTPExchange) {
        engine.requestTooLarge(exchange)
        refuseTooLarge(exchange)
    }

    private func refuseTooLarge(_ exchange: HTTPExchange) {
        var response = HTTPResponse(status: 413, headers: engine.corsHeaders(for: exchange))
        response.closes = true
        exchange.respond(response)
    }

    private func end(_ bytes: UnsafeRawBufferPointer) {
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
        case .idle, .waiting, .leaving, .closing: break
        }
    }

    /// What came is not a request, or none that is served.
    private func refuse(_ error: HTTPRequestError) {
        engine.log(.warning) { "A request from \(peer.host) is refused: \(error.rawValue)." }
        switch state {
        case .idle: break
        case .receiving(let exchange):
            exchange.abort()
            // Its end may have closed the connection.
            if case .closing = state { return }
        case .discarding, .waiting, .leaving, .closing:
            state = .closing
            context?.close(promise: nil)
            return
        }
        let text = HTTPResponse.reason(of: error.status)
        let fields: StaticString = "Content-Type: text/plain; charset=utf-8\r\n"
        write(HTTPResponse(status: error.status, fields: fields, body: .text(text)), keepAlive: false, withBody: true)
    }

    // MARK: Responses

    func respond(_ response: HTTPResponse, to exchange: HTTPExchange) {
        guard isCurrent(exchange) else { return }
        let head = exchange.head
        // Behind an `Upgrade` that is not taken up, nobody knows which protocol the client goes on with.
        let isComplete = if case .waiting = state { true } else { false }
        // One who was to wait for a word before the body may leave it out now, and send a request in its place.
        let keepAlive =
            head.keepsAlive && !response.closes && !head.hasUpgrade && (isComplete || !head.expectsContinue)
        body = .none
        state = .discarding(exchange)
        write(response, keepAlive: keepAlive, withBody: head.method != .head)
        if isComplete && keepAlive { finish() }
    }

    /// Writes a response; without keep-alive, closes the connection behind it.
    private func write(_ response: HTTPResponse, keepAlive: Bool, withBody: Bool) {
        guard let context else { return }
        response.write(to: output, date: loop.date.now(), keepAlive: keepAlive, withBody: withBody)
        output.flush()
        if !keepAlive {
            if case .discarding(let exchange) = state { exchange.detach() }
            state = .closing
            lingerAndClose(context)
        }
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
    private func finish() {
        guard case .discarding(let exchange) = state else { return }
        exchange.detach()
        state = .idle
        body = .none
        awaitRequest()
        guard !isParsing else { return }
        if unread.readableBytes > 0 { parseUnread() }
        readHeld()
    }

    // MARK: Becoming a WebSocket

    /// Gives the connection to `handler`, which reads bytes, and calls `then` when it has those that arrived behind
    /// the request. False, and no call, if the connection is gone.
    @discardableResult
    func hand(overTo handler: any ChannelHandler, then: @escaping @Sendable () -> Void = {}) -> Bool {
        guard let context, case .waiting(let exchange) = state else { return false }
        do {
            try context.pipeline.syncOperations.addHandler(handler, position: .after(self))
        } catch {
            exchange.detach()
            state = .closing
            context.close(promise: nil)
            return false
        }
        exchange.detach()
        state = .leaving(then: then)
        if !isParsing { parseUnread() }
        return true
    }

    private func leave(to context: ChannelHandlerContext, with rest: ByteBuffer?, _ then: () -> Void) {
        state = .closing
        let channel = context.channel
        let wasReadHeld = isReadHeld
        if let rest { context.fireChannelRead(NIOAny(rest)) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        // The new handler holds it if it has to.
        if wasReadHeld { channel.read() }
        then()
    }

    /// The channel, while the handler is in its pipeline.
    var channel: (any Channel)? { context?.channel }
}

extension HTTPHandler: RemovableChannelHandler {}
