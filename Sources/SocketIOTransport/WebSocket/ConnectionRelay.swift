import Glibc
import NIOCore
import NIOPosix

/// Joins a connection that cannot move to another loop, one behind TLS or a stream of HTTP/2, with a session that
/// lives there: through a pair of sockets, whose one end is the session's connection. The other end is passed bytes to
/// and from on the loop of the client's connection. See docs/decisions/0013.
enum ConnectionRelay {
    /// Gives `connection` away, and the far end of the pair to `adopt`.
    static func join(_ connection: any HTTPConnection, _ adopt: @escaping @Sendable (CInt) -> Void) {
        let (loop, engine) = (connection.loop, connection.engine)
        var ends: [CInt] = [-1, -1]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            engine.log(.error, .noDescriptors, on: loop) {
                "A WebSocket is refused: the system has no descriptors left (ulimit -n)."
            }
            connection.channel?.close(promise: nil)
            return
        }
        let (near, far) = (ends[0], ends[1])
        let client = RelayHandler(engine: engine, loop: loop, isConnection: connection.isWhole)
        let session = RelayHandler(engine: engine, loop: loop, isConnection: false)
        client.partner = session
        session.partner = client
        // SAFETY: used on this loop only.
        nonisolated(unsafe) let handler = session
        guard connection.hand(overTo: client, then: { handler.flush() }) else {
            client.gone()
            close(near)
            close(far)
            return
        }
        adopt(far)
        ClientBootstrap(group: loop.eventLoop)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.syncOptions?.setOption(.writeBufferWaterMark, value: Listener.waterMark)
                    try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .withConnectedSocket(near)
            .whenFailure { _ in handler.gone() }
    }
}

/// One side of a relay: what is read on its channel is written to its partner's. A side is not read from while the
/// other is full, and ends in order when the other ends: what was read before is written first. On one loop.
final class RelayHandler: ChannelInboundHandler, ChannelOutboundHandler, LoopConnection {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long the peer of a side may take to read the rest and to end the connection.
    private static let endTimeout = TimeAmount.seconds(5)
    /// The same when the whole server closes: longer than a WebSocket takes then.
    private static let shutdownTimeout = TimeAmount.milliseconds(400)

    let engine: EngineServer
    private let loop: EngineLoop
    /// Whether this side is a client's connection, which the server counts, and closes when it closes.
    private let isConnection: Bool
    /// They hold each other until one of them ends.
    var partner: RelayHandler?
    private var context: ChannelHandlerContext?
    /// What came for the channel before it was there; no more than one read.
    private var early: ByteBuffer?
    private var isReadHeld = false
    /// The peer of the channel sends no more.
    private var isInputClosed = false
    private var isEnding = false
    private var isOutputClosed = false
    private var closing: Scheduled<Void>?

    init(engine: EngineServer, loop: EngineLoop, isConnection: Bool) {
        self.engine = engine
        self.loop = loop
        self.isConnection = isConnection
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if isConnection {
            loop.connections[ObjectIdentifier(self)] = self
            engine.connectionOpened()
        }
        if context.channel.isActive { begin() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        closing?.cancel()
        gone()
        guard isConnection else { return }
        loop.connections[ObjectIdentifier(self)] = nil
        engine.connectionClosed()
    }

    func channelActive(context: ChannelHandlerContext) {
        begin()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        gone()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The peer sends no more; what it is sent still reaches it.
        if case .inputClosed? = event as? ChannelEvent {
            isInputClosed = true
            partner?.end()
            closeIfDone()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func closeSoon() { close(in: Self.shutdownTimeout) }

    /// The channel is there.
    private func begin() {
        if let bytes = early {
            early = nil
            write(bytes)
            flush()
        }
        partner?.readHeld()
        if isEnding { closeOutput() }
    }

    /// The channel is gone, or was never there.
    func gone() {
        context = nil
        early = nil
        let partner = partner
        self.partner = nil
        partner?.partner = nil
        partner?.end()
    }

    // MARK: Bytes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        partner?.write(unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        partner?.flush()
    }

    private func write(_ bytes: ByteBuffer) {
        if let context, context.channel.isActive { return context.write(NIOAny(bytes), promise: nil) }
        early.setOrWriteImmutableBuffer(bytes)
    }

    func flush() {
        context?.flush()
    }

    // MARK: Not reading what cannot be written

    private var isWritable: Bool {
        guard let channel = context?.channel else { return false }
        return channel.isActive && channel.isWritable
    }

    func read(context: ChannelHandlerContext) {
        // Without a partner nobody waits for it, but for the end.
        if partner?.isWritable ?? true { context.read() } else { isReadHeld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if isWritable { partner?.readHeld() }
        context.fireChannelWritabilityChanged()
    }

    private func readHeld() {
        guard isReadHeld else { return }
        isReadHeld = false
        context?.read()
    }

    // MARK: The end

    /// No more is to be written: the peer is told behind what was.
    private func end() {
        guard !isEnding else { return }
        isEnding = true
        readHeld()
        if context?.channel.isActive == true { closeOutput() }
    }

    private func closeOutput() {
        // What was read a moment ago may still wait for the end of that read.
        flush()
        guard let context else { return }
        let closed = context.eventLoop.makePromise(of: Void.self)
        closed.futureResult.assumeIsolated().whenComplete { _ in
            self.isOutputClosed = true
            self.closeIfDone()
        }
        context.close(mode: .output, promise: closed)
        close(in: Self.endTimeout)
    }

    private func closeIfDone() {
        if isInputClosed && isOutputClosed { context?.close(promise: nil) }
    }

    private func close(in time: TimeAmount) {
        guard let channel = context?.channel else { return }
        closing?.cancel()
        closing = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}
