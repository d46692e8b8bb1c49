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
    private var streams: [ObjectIdentifier: HTTP2StreamHandler] = [:]
    /// Streams whose channels are open, those of WebSockets among them.
    private var openStreams = 0
    private var lastStream = HTTP2StreamID.rootStream
    private var isClosing = false
    private var idle: Scheduled<Void>?

    private init(engine: EngineServer, loop: EngineLoop, source: RequestSource) {
        self.engine = engine
        self.loop = loop
        self.source = source
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
            mode: .server, eventLoop: context.eventLoop, connectionConfiguration: HTTP2Limits.connection,
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
        engine.log(.debug) { "HTTP/2 from \(source.peer.host) broke a rule: \(error)." }
        if !Self.isOfStream(error) { context.close(promise: nil) }
    }

    /// Whether NIO has answered with the reset of a stream, and the connection goes on; else it has said goodbye to it.
    private static func isOfStream(_ error: any Error) -> Bool {
        error is NIOHTTP2Errors.ContentLengthViolated || error is NIOHTTP2Errors.ContentLengthHeadersMismatch
            || error is NIOHTTP2Errors.ContentLengthHeaderNegative
            || error is NIOHTTP2Errors.ContentLengthHeaderMalformedValue
            || error is NIOHTTP2Errors.InvalidPseudoHeaders || error is NIOHTTP2Errors.DuplicatePseudoHeader
            || error is NIOHTTP2Errors.EmptyPathHeader || error is NIOHTTP2Errors.ForbiddenHeaderField
            || error is NIOHTTP2Errors.InvalidHTTP2HeaderFieldName
            || error is NIOHTTP2Errors.InvalidHTTP2HeaderFieldValue || error is NIOHTTP2Errors.InvalidPseudoHeaderValue
            || error is NIOHTTP2Errors.PseudoHeaderAfterRegularHeader || error is NIOHTTP2Errors.UnknownPseudoHeader
            || error is NIOHTTP2Errors.MissingPseudoHeader
    }

    // MARK: Streams

    func opened(_ stream: HTTP2StreamHandler, on channel: any Channel) {
        openStreams &+= 1
        idle?.cancel()
        idle = nil
        let key = ObjectIdentifier(stream)
        streams[key] = stream
        if let id = try? channel.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID) {
            lastStream = max(lastStream, id)
        }
        channel.closeFuture.assumeIsolated().whenComplete { _ in
            self.streams[key] = nil
            self.openStreams &-= 1
            guard self.openStreams == 0 else { return }
            self.isClosing ? self.context?.close(promise: nil) : self.awaitStream()
        }
    }

    /// A connection without streams ends after a while.
    private func awaitStream() {
        guard let context else { return }
        let time = TimeAmount.milliseconds(engine.options.requestTimeout)
        idle = context.eventLoop.assumeIsolated().scheduleTask(in: time) { self.goAway() }
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
        if openStreams == 0 { context.close(promise: nil) }
    }

    func closeSoon() {
        for stream in Array(streams.values) { stream.closeSoon() }
        goAway()
        guard let channel = context?.channel else { return }
        idle?.cancel()
        idle = channel.eventLoop.scheduleTask(in: Self.shutdownTimeout) { channel.close(promise: nil) }
    }
}
