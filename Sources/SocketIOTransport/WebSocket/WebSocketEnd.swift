import EngineIOCore
import NIOCore

/// One end of a WebSocket: parses all frames of a read, answers control frames itself, and gathers what a turn of the
/// loop writes into one write. On its loop.
///
/// What both ends do is in extensions of this protocol, which the compiler makes a copy of for each of them:
/// ``WebSocketHandler``, the server's, and ``ClientWebSocketHandler``.
protocol WebSocketEnd: ReadHolder, Flushable {
    /// Frames of the client are masked, those of the server are not.
    static var side: WebSocketSide { get }

    var context: ChannelHandlerContext? { get set }
    var output: ConnectionOutput { get }
    var state: WebSocketState { get set }
    var binaryForm: BinaryForm { get }
    var rules: WebSocketRules { get }
    var assembler: WebSocketMessageAssembler { get set }
    /// The start of a frame that has not arrived completely.
    var incomplete: ByteBuffer? { get set }
    /// Whether the channel takes more without buffering beyond its water mark.
    var isWritable: Bool { get set }
    var needsFlush: Bool { get set }
    var isReading: Bool { get set }
    /// The latest ping that could not be answered, because the peer does not read.
    var unansweredPing: [UInt8]? { get set }
    /// The end of a connection whose peer does not end it.
    var closing: Scheduled<Void>? { get set }

    func received(text: UnsafeMutableRawBufferPointer)
    func received(binary: UnsafeMutableRawBufferPointer)
    /// The peer sent a Close frame.
    func peerClosed(_ code: WebSocketCloseCode?)
    /// The peer broke a rule.
    func violated(_ code: WebSocketCloseCode, _ reason: StaticString)
    /// Tells who uses the connection that ``isWritable`` was set.
    func writabilityChanged()
}

enum WebSocketSide {
    case server
    case client
}

enum WebSocketState {
    case open
    /// A Close frame was sent; the peer's answer is awaited.
    case closing
    /// The peer broke a rule and was told: what it still sends is thrown away until it ends the connection. Where
    /// its frames begin is not known any more, and to close with bytes unread would take the Close frame from it.
    case failed
    case closed

    /// Whether frames that come are looked at.
    var receives: Bool { self == .open || self == .closing }
}

/// What one connection's messages are held to.
struct WebSocketRules {
    let maxPayload: Int
    let maxFrame: Int
    /// permessage-deflate, if it was negotiated.
    let compression: MessageCompression?
    /// Larger payloads are compressed; without permessage-deflate none is as large.
    let largestPlain: Int

    init(
        maxPayload: Int, _ agreement: DeflateAgreement?, _ options: PerMessageDeflate?, on side: WebSocketSide,
        loop: EngineLoop
    ) {
        self.maxPayload = maxPayload
        guard let agreement, let options else {
            (maxFrame, compression, largestPlain) = (maxPayload, nil, .max)
            return
        }
        maxFrame = WebSocketMessageAssembler.maxCompressed(maxPayload)
        compression = MessageCompression(agreement, options, on: side, loop: loop)
        // zlib compresses with no window of 8 bits: to a server that insists on one all goes as it is.
        let isPlain = side == .client && agreement.clientWindowBits < 9
        largestPlain = isPlain ? .max : max(0, options.threshold &- 1)
    }
}

// MARK: The channel

extension WebSocketEnd {
    /// The handler is in its channel's pipeline.
    func added(_ context: ChannelHandlerContext) {
        self.context = context
        output.context = context
        isWritable = context.channel.isWritable
        if !output.hasDescriptor { output.whenFull { [unowned self] in noteFullness($0) } }
    }

    func noteWritability(of channel: any Channel) {
        isWritable = channel.isWritable
        if isWritable, let ping = unansweredPing {
            unansweredPing = nil
            ping.withUnsafeBytes { writeFrame(.pong, $0) }
        }
        writabilityChanged()
    }

    /// A channel that is given more than it should be cannot be asked how much it holds before the flush.
    private func noteFullness(_ isFull: Bool) {
        if isFull {
            isWritable = false
        } else if !isWritable, let channel = context?.channel {
            noteWritability(of: channel)
        }
    }
}

// MARK: Closing

extension WebSocketEnd {
    /// Sends a Close frame behind what was written, and waits a little for the answer.
    func close(_ code: WebSocketCloseCode? = nil) {
        guard state == .open else { return }
        writeClose(code)
        state = .closing
        readEnded()
        closeChannel(in: .seconds(5))
    }

    func writeClose(_ code: WebSocketCloseCode?) {
        guard let code, code.isLegalOnTheWire else { return writeFrame(.close, payload: 0) { _ in 0 } }
        writeFrame(.close, payload: 2) { memory in
            memory.storeBytes(of: code.rawValue.bigEndian, as: UInt16.self)
            return 2
        }
    }

    func closeChannel(in time: TimeAmount) {
        guard let channel = context?.channel else { return }
        closing?.cancel()
        closing = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}
