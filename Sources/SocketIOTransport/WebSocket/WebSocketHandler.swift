import EngineIOCore
import NIOCore

/// The server's end of a WebSocket. What both ends do is in ``WebSocketEnd``.
final class WebSocketHandler: ChannelInboundHandler, ChannelOutboundHandler, LoopConnection, WebSocketEnd {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    static var side: WebSocketSide { .server }

    /// How long a peer that broke a rule may go on sending.
    private static let failureTimeout = TimeAmount.seconds(2)
    /// How long the answer to a Close frame may take when the whole server closes, which nobody should hold up.
    private static let shutdownTimeout = TimeAmount.milliseconds(200)

    let engine: EngineServer
    let loop: EngineLoop
    /// The session that uses the connection, or probes it; `nil` once they have parted. They hold each other until
    /// then: a weak reference would give the session a side table, which makes every use of it slower.
    var session: EngineSession?

    let binaryForm: BinaryForm
    /// Whether the server counts this as a connection: not what is a part of another.
    private let isConnection: Bool
    let output: ConnectionOutput
    var context: ChannelHandlerContext?
    var state = WebSocketState.open
    var assembler: WebSocketMessageAssembler
    let rules: WebSocketRules
    var incomplete: ByteBuffer?
    var isWritable = false
    var needsFlush = false
    var isReading = false
    var isReadHeld = false
    var closing: Scheduled<Void>?
    var unansweredPing: [UInt8]?

    init(
        engine: EngineServer, loop: EngineLoop, output: ConnectionOutput, binaryForm: BinaryForm = .bytes,
        deflate: DeflateAgreement? = nil, isConnection: Bool = true
    ) {
        self.engine = engine
        self.loop = loop
        self.output = output
        self.binaryForm = binaryForm
        self.isConnection = isConnection
        let maxPayload = engine.options.maxHTTPBufferSize
        assembler = WebSocketMessageAssembler(maxPayload: maxPayload)
        rules = WebSocketRules(maxPayload: maxPayload, deflate, engine.options.deflate, on: .server, loop: loop)
    }

    /// Writes the answer to the handshake, in front of everything else.
    func begin(with response: ByteBuffer) {
        guard state == .open else { return }
        output.append(shared: response)
        scheduleFlush()
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        added(context)
        loop.connections[ObjectIdentifier(self)] = self
        if isConnection { engine.connectionOpened() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        loop.connections[ObjectIdentifier(self)] = nil
        loop.forgetRead(of: self)
        closing?.cancel()
        if isConnection { engine.connectionClosed() }
        ended(.transportClose, .connectionEnded)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended(.transportClose, .connectionEnded)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        engine.log(.debug) { "A WebSocket's connection failed: \(error)." }
        ended(.transportClose, .connectionFailed("\(error)"))
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        noteWritability(of: context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { received(unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) {
        readEnded()
        // Else the channel asks for the next read, through the whole pipeline.
        readOrHold(context)
    }

    func read(context: ChannelHandlerContext) { readOrHold(context) }

    // MARK: The session

    func received(text: UnsafeMutableRawBufferPointer) { session?.received(text: text, from: self) }

    func received(binary: UnsafeMutableRawBufferPointer) { session?.received(binary: binary, from: self) }

    func writabilityChanged() { session?.webSocketWritabilityChanged(self, isWritable: isWritable) }

    /// Tells the session, once, that the connection is gone.
    private func ended(_ reason: CloseReason, _ details: CloseDetails) {
        guard state != .closed else { return }
        state = .closed
        output.end()
        incomplete = nil
        let session = session
        self.session = nil
        session?.webSocketEnded(self, reason, details)
    }

    // MARK: Closing

    func closeSoon() {
        close(.goingAway)
        closeChannel(in: Self.shutdownTimeout)
    }

    @inline(never)
    func peerClosed(_ code: WebSocketCloseCode?) {
        writeClose(code)
        readEnded()
        let context = context
        ended(.transportClose, .closeFrame(code))
        context?.close(promise: nil)
    }

    @inline(never)
    func violated(_ code: WebSocketCloseCode, _ reason: StaticString) {
        guard state == .open else {
            state = .failed
            return
        }
        engine.log(.warning, .refusedWebSocket, on: loop) { "A WebSocket is closed with \(code.rawValue): \(reason)." }
        let session = session
        self.session = nil
        close(code)
        state = .failed
        context?.close(mode: .output, promise: nil)
        closeChannel(in: Self.failureTimeout)
        session?.webSocketEnded(self, .transportError, .violation(code, reason))
    }
}
