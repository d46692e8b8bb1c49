import EngineIOCore
import NIOCore

/// The requests of one connection, one at a time, until it becomes a WebSocket.
///
/// A request that arrives while another one waits for its response is held, and no more is read: a client that
/// pipelines costs what one read brings, not more.
final class HTTPHandler: ChannelInboundHandler, ChannelOutboundHandler, HTTPConnection, LoopConnection, ReadHolder,
    DeadlineTarget
{
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum State {
        /// Between requests.
        case idle
        /// The head is there, and the program is asked about it.
        case asking(HTTPExchange)
        /// The body comes.
        case receiving(HTTPExchange)
        /// The body comes, and is thrown away: a response was sent before it was complete.
        case discarding(HTTPExchange)
        /// The request is complete and waits for its response.
        case waiting(HTTPExchange)
        /// A large body is written, as fast as the client takes it.
        case sending(HTTPBodySender)
        /// The connection becomes another handler's, which stands behind this one: what still comes is for that one.
        case leaving(then: @Sendable () -> Void)
        /// The last response is written: what still comes is thrown away.
        case closing
    }

    /// The body of the request that is being received.
    enum Body {
        case none
        /// In one piece, at this place of the bytes that are being parsed.
        case range(Range<Int>)
        case collected(ByteBuffer)
    }

    let engine: EngineServer
    let loop: EngineLoop
    /// The other end of the connection, or the client that a PROXY header has named.
    let source: RequestSource
    /// The WebSocket's, once the connection has become one: the channel may still hold a response.
    let output: ConnectionOutput
    var state = State.idle
    /// Whether ``source`` is a proxy, whose word for its clients is taken.
    let trustsPeer: Bool
    var isParsing = false
    var isReadHeld = false
    /// Whether the engine counts this for the connection.
    private var isCounted = false
    var reader: HTTPRequestReader
    var body = Body.none
    var context: ChannelHandlerContext?
    /// What is not parsed yet: the start of a head, or what came behind a request that waits.
    var unread = ByteBuffer()
    var lingering: Scheduled<Void>?
    /// When the request that is being received, or awaited, has to be complete.
    private var requestDue: Instant = 0
    /// How much of the responses was not sent yet when that time came last.
    private var unsent = Int.max

    var deadlinePosition: Int32 = -1
    var scheduledDeadline: Instant = 0

    /// `descriptor` is the socket's; -1 if the bytes do not reach it as they are written.
    init(engine: EngineServer, loop: EngineLoop, source: RequestSource, descriptor: CInt) {
        output = ConnectionOutput(loop: loop, descriptor: descriptor)
        self.engine = engine
        self.loop = loop
        self.source = source
        reader = HTTPRequestReader(engine.options.limits.http)
        let proxies = engine.options.trustedProxies
        trustsPeer = !proxies.isEmpty && proxies.contains(source.peer.hop)
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        output.context = context
        loop.connections[ObjectIdentifier(self)] = self
        engine.connectionOpened()
        isCounted = true
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
        stopCounting()
    }

    /// Counts no more for the connection.
    func stopCounting() {
        guard isCounted else { return }
        isCounted = false
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

    func channelReadComplete(context: ChannelHandlerContext) {
        // The WebSocket that takes the connection over stands behind.
        if case .leaving = state { context.fireChannelReadComplete() }
        // Else the channel asks for the next read, through the whole pipeline.
        readOrHold(context)
    }

    func read(context: ChannelHandlerContext) { readOrHold(context) }

    var mustWait: Bool { holdsRequest || isClogged }

    /// Whether something came behind what waits: for the program's word, for a response, or for the rest of it.
    private var holdsRequest: Bool {
        switch state {
        case .asking, .waiting, .sending: unread.readableBytes > 0
        case .idle, .receiving, .discarding, .leaving, .closing: false
        }
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
        switch state {
        case .asking(let exchange), .waiting(let exchange):
            exchange.abort()
            write(HTTPResponse(status: 503), keepAlive: false, withBody: true)
        case .idle, .receiving, .discarding, .sending, .leaving, .closing: break
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

    func isCurrent(_ exchange: HTTPExchange) -> Bool {
        switch state {
        case .asking(let current), .receiving(let current), .waiting(let current): current === exchange
        case .idle, .discarding, .sending, .leaving, .closing: false
        }
    }

    private func abort() {
        switch state {
        case .asking(let exchange), .receiving(let exchange), .waiting(let exchange): exchange.abort()
        case .discarding(let exchange): exchange.detach()
        case .sending(let sender):
            sender.stop()
            sender.exchange.detach()
        case .idle, .leaving, .closing: break
        }
        state = .closing
        unread = ByteBuffer()
        body = .none
    }

    // MARK: Time

    /// A complete request has to come in time: a connection that says nothing, or a byte now and then, ends.
    func awaitRequest() {
        requestDue = loop.now &+ engine.options.requestTimeout
        unsent = .max
        // Else it comes earlier, and is moved then: not each request moves it.
        if deadlinePosition < 0 { loop.requestDeadlines.schedule(self, at: requestDue) }
    }

    func deadlineReached(now: Instant) {
        switch state {
        case .waiting, .leaving: break
        case .idle, .asking, .receiving, .discarding, .sending, .closing:
            if now < requestDue {
                loop.requestDeadlines.schedule(self, at: requestDue)
            } else if isSending() {
                requestDue = now &+ engine.options.requestTimeout
                loop.requestDeadlines.schedule(self, at: requestDue)
            } else {
                if case .asking(let exchange) = state { engine.hooksAreLate(exchange) }
                context?.close(promise: nil)
            }
        }
    }

    /// Whether the client has read some of a response since the last call, and more of it waits: a large one may take
    /// longer than a request.
    private func isSending() -> Bool {
        var left = (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if case .sending(let sender) = state { left &+= sender.left }
        defer { unsent = left }
        return left > 0 && left < unsent
    }

    // MARK: Bytes

    /// How much was received and not parsed yet.
    var unreadBytes: Int { unread.readableBytes }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if ConnectionReceiveAllocator.isFirst(bytes), output.context != nil {
            bytes = loop.receiveBuffers.completing(bytes, from: output.descriptor)
        }
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
        case .idle, .asking, .receiving, .discarding, .waiting, .sending:
            // A copy of its own: the buffer is the loop's.
            bytes.withUnsafeReadableBytes { if !$0.isEmpty { unread = ByteBuffer(bytes: $0) } }
            loop.receiveBuffers.giveBack(bytes)
        }
    }

    func parseUnread() {
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
            case .asking, .waiting, .sending, .leaving, .closing: return offset
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

    /// The channel, while the handler is in its pipeline.
    var channel: (any Channel)? { context?.channel }
}

extension HTTPHandler: RemovableChannelHandler {}
