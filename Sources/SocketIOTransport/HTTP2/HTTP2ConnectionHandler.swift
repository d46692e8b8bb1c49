import NIOCore
import NIOHTTP2

/// A connection of HTTP/2, behind the handler that makes streams of it: counts it, ends it when it is idle, and when
/// its server ends.
final class HTTP2ConnectionHandler: ChannelInboundHandler, LoopConnection {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// How long the streams may take to end when the server does: longer than their WebSockets.
    private static let shutdownTimeout = TimeAmount.milliseconds(400)

    let engine: EngineServer
    let loop: EngineLoop
    /// The other end.
    let source: RequestSource
    let trustsPeer: Bool
    private var context: ChannelHandlerContext?
    /// Streams whose channels are open, those of WebSockets among them.
    private(set) var streams: [Int: HTTP2StreamHandler] = [:]
    private(set) var budget: HTTP2Budget
    private var willGoOn = false
    private var lastStream = HTTP2StreamID.rootStream
    private var isClosing = false
    private var idle: Scheduled<Void>?

    private init(engine: EngineServer, loop: EngineLoop, source: RequestSource) {
        self.engine = engine
        self.loop = loop
        self.source = source
        budget = HTTP2Budget(bodyLimit: engine.options.maxHTTPBufferSize, responseLimit: HTTP2Limits.responseBytes)
        let proxies = engine.options.trustedProxies
        trustsPeer = !proxies.isEmpty && proxies.contains(source.peer.hop)
    }

    /// Adds what makes streams of a connection's bytes, behind `handler`.
    static func add(
        behind handler: any ChannelHandler, in context: ChannelHandlerContext, _ engine: EngineServer,
        on loop: EngineLoop, from source: RequestSource
    ) throws {
        let connection = HTTP2ConnectionHandler(engine: engine, loop: loop, source: source)
        // SAFETY: used on the channel's loop, which is its own.
        nonisolated(unsafe) let own = connection
        let frames = NIOHTTP2Handler(
            mode: .server, eventLoop: context.eventLoop,
            connectionConfiguration: HTTP2Limits.connection(engine.options.limits.http),
            streamConfiguration: HTTP2Limits.stream
        ) { channel in
            channel.eventLoop.makeCompletedFuture { try HTTP2StreamHandler.add(to: channel, of: own) }
        }
        try context.pipeline.syncOperations.addHandlers([frames, connection], position: .after(handler))
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.connections[ObjectIdentifier(self)] = self
        engine.connectionOpened()
        awaitStream()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        idle?.cancel()
        loop.connections[ObjectIdentifier(self)] = nil
        engine.connectionClosed()
    }

    /// Frames of the connection itself mean nothing here.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        engine.log(.debug) { "HTTP/2 from \(source.peer.host) broke a rule: \(Self.name(of: error))." }
        if !Self.isOfStream(error) { context.close(promise: nil) }
    }

    /// Only what kind it is: some of NIO's errors hold the header fields of a request.
    private static func name(of error: any Error) -> String {
        switch error {
        case let error as NIOHTTP2Errors.StreamError: name(of: error.baseError)
        default: String(describing: type(of: error))
        }
    }

    /// Whether NIO has answered with the reset of a stream, and the connection goes on; else it has said goodbye to it,
    /// or may have, and what breaks a rule of a stream ends the connection, too.
    private static func isOfStream(_ error: any Error) -> Bool {
        switch error {
        // A request that has crossed our goodbye.
        case is NIOHTTP2Errors.StreamError, is NIOHTTP2Errors.TrailersWithoutEndStream,
            is NIOHTTP2Errors.ContentLengthViolated, is NIOHTTP2Errors.ContentLengthHeadersMismatch,
            is NIOHTTP2Errors.ContentLengthHeaderNegative, is NIOHTTP2Errors.ContentLengthHeaderMalformedValue,
            is NIOHTTP2Errors.InvalidPseudoHeaders, is NIOHTTP2Errors.InvalidPseudoHeaderValue,
            is NIOHTTP2Errors.DuplicatePseudoHeader, is NIOHTTP2Errors.MissingPseudoHeader,
            is NIOHTTP2Errors.UnknownPseudoHeader, is NIOHTTP2Errors.PseudoHeaderAfterRegularHeader,
            is NIOHTTP2Errors.EmptyPathHeader, is NIOHTTP2Errors.ForbiddenHeaderField,
            is NIOHTTP2Errors.InvalidHTTP2HeaderFieldName, is NIOHTTP2Errors.InvalidHTTP2HeaderFieldValue:
            true
        default: false
        }
    }

    // MARK: Streams

    /// How long a client may take for a request, for the next one, and to read a response.
    var patience: TimeAmount { .milliseconds(engine.options.requestTimeout) }

    func opened(_ stream: HTTP2StreamHandler, _ id: HTTP2StreamID, on channel: any Channel) {
        idle?.cancel()
        idle = nil
        let key = stream.number
        streams[key] = stream
        lastStream = max(lastStream, id)
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            self.streams[key] = nil
            guard self.streams.isEmpty else { return }
            self.isClosing ? self.context?.close(promise: nil) : self.awaitStream()
        }
    }

    /// A connection without streams ends after a while.
    private func awaitStream() {
        guard let context else { return }
        idle = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { self.goAway() }
    }

    // MARK: What the streams hold

    func bodyChanged(of stream: Int, to count: Int) {
        if budget.bodyChanged(of: stream, to: count) { goOn() }
    }

    func writing(_ count: Int) { budget.writing(count) }

    func wrote(_ count: Int) {
        if budget.wrote(count) { goOn() }
    }

    /// Lets streams go on that had to wait, the oldest first; not while one of them is at work.
    private func goOn() {
        guard !willGoOn, let context else { return }
        willGoOn = true
        context.eventLoop.assumeIsolated().execute {
            self.willGoOn = false
            for (_, stream) in self.streams.sorted(by: { $0.key < $1.key }) { stream.readHeld() }
        }
    }

    // MARK: The end

    /// Tells the client that no more requests are taken, and ends behind those that are there.
    private func goAway() {
        guard let context, !isClosing else { return }
        isClosing = true
        let frame = HTTP2Frame(
            streamID: .rootStream,
            payload: .goAway(lastStreamID: lastStream, errorCode: .noError, opaqueData: nil))
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        if streams.isEmpty { context.close(promise: nil) }
    }

    func close() {
        context?.close(promise: nil)
    }

    func closeSoon() {
        for stream in Array(streams.values) { stream.closeSoon() }
        goAway()
        guard let channel = context?.channel else { return }
        idle?.cancel()
        idle = channel.eventLoop.scheduleTask(in: Self.shutdownTimeout) { channel.close(promise: nil) }
    }
}
