import EngineIOCore
import NIOCore

/// A WebSocket connection: parses all frames of a read in place, unmasks each message into the loop's scratch memory,
/// answers control frames itself, and gathers what a turn of the loop writes into one write.
final class WebSocketHandler: ChannelInboundHandler, ChannelOutboundHandler, LoopConnection, ReadHolder, Flushable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum State {
        case open
        /// A Close frame was sent; the peer's answer is awaited.
        case closing
        /// The peer broke a rule and was told: what it still sends is thrown away until it ends the connection. Where
        /// its frames begin is not known any more, and to close with bytes unread would take the Close frame from it.
        case failed
        case closed
    }

    /// How long the answer to a Close frame may take.
    private static let closeTimeout = TimeAmount.seconds(5)
    /// How long a peer that broke a rule may go on sending.
    static let failureTimeout = TimeAmount.seconds(2)
    /// The same when the whole server closes, which nobody should hold up.
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
    var state = State.open
    var assembler: WebSocketMessageAssembler
    /// permessage-deflate, if it was negotiated.
    let compression: MessageCompression?
    /// Larger payloads are compressed; without permessage-deflate none is as large.
    let largestPlain: Int
    let maxFrame: Int
    /// The start of a frame that has not arrived completely.
    var incomplete: ByteBuffer?
    /// Whether the channel takes more without buffering beyond its water mark.
    var isWritable = false
    var needsFlush = false
    var isReading = false
    var isReadHeld = false
    private var closing: Scheduled<Void>?
    /// The latest ping that could not be answered, because the peer does not read.
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
        if let deflate, let options = engine.options.deflate {
            compression = MessageCompression(deflate, options, loop: loop)
            largestPlain = max(0, options.threshold &- 1)
            maxFrame = WebSocketMessageAssembler.maxCompressed(maxPayload)
        } else {
            compression = nil
            largestPlain = .max
            maxFrame = maxPayload
        }
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        output.context = context
        isWritable = context.channel.isWritable
        if !output.hasDescriptor { output.onFull = { [unowned self] in noteFullness($0) } }
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

    func noteWritability(of channel: any Channel) {
        isWritable = channel.isWritable
        if isWritable, let ping = unansweredPing {
            unansweredPing = nil
            ping.withUnsafeBytes { writeFrame(.pong, $0) }
        }
        session?.webSocketWritabilityChanged(self, isWritable: isWritable)
    }

    func read(context: ChannelHandlerContext) { readOrHold(context) }

    /// Tells the session, once, that the connection is gone.
    func ended(_ reason: CloseReason, _ details: CloseDetails) {
        guard state != .closed else { return }
        state = .closed
        output.end()
        incomplete = nil
        let session = session
        self.session = nil
        session?.webSocketEnded(self, reason, details)
    }

    // MARK: Closing

    /// Sends a Close frame behind what was written, and waits a little for the answer.
    func close(_ code: WebSocketCloseCode? = nil) {
        guard state == .open else { return }
        writeClose(code)
        state = .closing
        isReading = false
        flush()
        closeChannel(in: Self.closeTimeout)
    }

    func writeClose(_ code: WebSocketCloseCode?) {
        guard let code, code.isLegalOnTheWire else { return writeFrame(.close, payload: 0) { _ in 0 } }
        writeFrame(.close, payload: 2) { memory in
            memory.storeBytes(of: code.rawValue.bigEndian, as: UInt16.self)
            return 2
        }
    }

    func closeSoon() {
        close(.goingAway)
        closeChannel(in: Self.shutdownTimeout)
    }

    func closeChannel(in time: TimeAmount) {
        guard let channel = context?.channel else { return }
        closing?.cancel()
        closing = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}
