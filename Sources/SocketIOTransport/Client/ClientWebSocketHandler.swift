import EngineIOCore
import NIOCore

/// The client's end of a WebSocket: parses all frames of a read, answers control frames itself, masks what it sends, and
/// gathers what a turn of the loop writes into one write. On its loop. ``WebSocketHandler`` is the server's.
final class ClientWebSocketHandler: ChannelInboundHandler, ChannelOutboundHandler, ReadHolder, Flushable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum State {
        case open
        /// A Close frame was sent; the server's answer is awaited, and the end of the connection, which is the server's
        /// to make (RFC 6455, 7.1.1).
        case closing
        case closed
    }

    /// How long the answer to a Close frame may take.
    private static let closeTimeout = TimeAmount.seconds(5)

    let loop: EngineLoop
    /// The session that uses the connection, or probes it; nil once they have parted. They hold each other until then.
    var client: EngineClient?
    /// That of the session's revision, which may turn out to be another than was asked for.
    var binaryForm: BinaryForm
    let output: ConnectionOutput
    var context: ChannelHandlerContext?
    var state = State.open
    var assembler: WebSocketMessageAssembler
    /// permessage-deflate, if it was negotiated.
    let compression: MessageCompression?
    /// Larger payloads are compressed; without permessage-deflate none is as large.
    let largestPlain: Int
    let maxPayload: Int
    let maxFrame: Int
    /// The start of a frame that has not arrived completely.
    var incomplete: ByteBuffer?
    /// Whether the channel takes more without buffering beyond its water mark.
    var isWritable = false
    var needsFlush = false
    var isReading = false
    var isReadHeld = false
    private var closing: Scheduled<Void>?
    private var systemError: CInt = 0
    /// The latest ping that could not be answered, because the peer does not read.
    var unansweredPing: [UInt8]?

    /// `descriptor` is the socket's; -1 if the bytes do not reach it as they are written.
    init(_ client: EngineClient, _ descriptor: CInt, _ agreement: DeflateAgreement?) {
        let options = client.options
        self.client = client
        loop = client.loop
        output = ConnectionOutput(loop: client.loop, descriptor: descriptor)
        binaryForm = BinaryForm(revision: client.revision, b64: options.forcesBase64)
        maxPayload = options.maxPayload
        assembler = WebSocketMessageAssembler(maxPayload: options.maxPayload)
        if let agreement, let deflate = options.deflate {
            compression = MessageCompression(agreement, deflate, on: .client, loop: client.loop)
            // zlib compresses with no window of 8 bits: to a server that insists on one all goes as it is.
            largestPlain = agreement.clientWindowBits < 9 ? .max : max(0, deflate.threshold &- 1)
            maxFrame = WebSocketMessageAssembler.maxCompressed(options.maxPayload)
        } else {
            compression = nil
            largestPlain = .max
            maxFrame = options.maxPayload
        }
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        output.context = context
        isWritable = context.channel.isWritable
        if !output.hasDescriptor { output.onFull = { [unowned self] in noteFullness($0) } }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        loop.forgetRead(of: self)
        closing?.cancel()
        closing = nil
        lost()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        lost()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        systemError = (error as? IOError)?.errnoCode ?? 0
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
        client?.webSocketWritabilityChanged(self, isWritable: isWritable)
    }

    /// A channel that is given more than it should be cannot be asked how much it holds before the flush.
    private func noteFullness(_ isFull: Bool) {
        if isFull {
            isWritable = false
        } else if !isWritable, let channel = context?.channel {
            noteWritability(of: channel)
        }
    }

    func read(context: ChannelHandlerContext) { readOrHold(context) }

    // MARK: The end

    private func lost() {
        let cause = systemError == 0 ? "" : " (\(EngineClientFailure.text(of: systemError)))"
        ended(
            .transportClose,
            EngineClientFailure(
                .lost, transport: .webSocket, systemError: systemError,
                "The connection was closed by the server, or something on the way to it\(cause)."))
    }

    /// Tells the client, once, that the connection is gone.
    func ended(_ reason: CloseReason, _ failure: EngineClientFailure) {
        guard state != .closed else { return }
        state = .closed
        output.end()
        incomplete = nil
        let client = client
        self.client = nil
        client?.webSocketEnded(self, reason, failure)
    }

    /// Sends a Close frame behind what was written, and waits a little for the answer.
    func close(_ code: WebSocketCloseCode? = nil) {
        guard state == .open else { return }
        writeClose(code)
        state = .closing
        isReading = false
        flush()
        closeChannel(in: Self.closeTimeout)
    }

    /// Ends the connection at once.
    func abort() {
        client = nil
        context?.close(promise: nil)
    }

    func closeChannel(in time: TimeAmount) {
        guard let channel = context?.channel else { return }
        closing?.cancel()
        closing = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}
