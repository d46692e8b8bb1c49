import NIOCore
import NIOHPACK
import NIOHTTP2

/// Stands between a stream of HTTP/2 and its handlers: what it sends as bytes becomes DATA frames, and the other way
/// round once the stream is a tunnel. Until then frames are the request's.
final class HTTP2StreamCodec: ChannelInboundHandler, ChannelOutboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// A response is written in pieces, so that it is seen whether the client takes it: one frame each.
    private static let pieceBytes = 16 * 1024
    /// How long the peer of a tunnel may take to end its half.
    private static let closeTimeout = TimeAmount.seconds(1)

    private let connection: HTTP2ConnectionHandler
    /// Whose the request is; nil for a tunnel.
    var requests: HTTP2StreamHandler?
    private var context: ChannelHandlerContext?
    private(set) var isInputEnded = false
    private var isOutputEnded = false
    private var closing: Scheduled<Void>?

    init(of connection: HTTP2ConnectionHandler, requests: HTTP2StreamHandler) {
        self.connection = connection
        self.requests = requests
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        requests = nil
        closing?.cancel()
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // An answer, which may be written at once, depends on whether the request is complete.
        switch unwrapInboundIn(data) {
        case .headers(let headers):
            isInputEnded = headers.endStream
            requests?.received(headers.headers)
        case .data(let data):
            isInputEnded = data.endStream
            if case .byteBuffer(let bytes) = data.data, bytes.readableBytes > 0 {
                if let requests { requests.received(bytes) } else { context.fireChannelRead(wrapInboundOut(bytes)) }
            }
        default: return
        }
        if isInputEnded { inputEnded(context) }
    }

    private func inputEnded(_ context: ChannelHandlerContext) {
        if let requests { return requests.inputEnded() }
        // As a connection does whose peer has closed its half.
        context.fireChannelReadComplete()
        end()
    }

    // MARK: Writing

    func write(_ headers: HPACKHeaders, isEnd: Bool) {
        guard let context, !isOutputEnded else { return }
        let payload = HTTP2Frame.FramePayload.headers(.init(headers: headers, endStream: isEnd))
        context.write(wrapOutboundOut(payload), promise: isEnd ? lastPromise(context) : nil)
    }

    func write(_ bytes: ByteBuffer, isEnd: Bool, promise: EventLoopPromise<Void>? = nil) {
        guard let context, !isOutputEnded else { return promise?.fail(ChannelError.outputClosed) ?? () }
        var (bytes, promise) = (bytes, promise)
        while let requests, bytes.readableBytes > Self.pieceBytes, let piece = bytes.readSlice(length: Self.pieceBytes)
        {
            let sent = context.eventLoop.makePromise(of: Void.self)
            requests.count(piece.readableBytes, until: sent.futureResult)
            context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(piece), endStream: false))), promise: sent)
        }
        if isEnd, requests != nil {
            let last = lastPromise(context)
            if let promise { last.futureResult.cascade(to: promise) }
            promise = last
        }
        if isEnd { isOutputEnded = true }
        if let requests, bytes.readableBytes > 0 {
            let sent = promise ?? context.eventLoop.makePromise()
            requests.count(bytes.readableBytes, until: sent.futureResult)
            promise = sent
        }
        context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(bytes), endStream: isEnd))), promise: promise)
    }

    /// The promise of the end of a response. Once that has left, whatever the client still sends is in vain, and it is
    /// told so; not before: a reset takes from it what it has not received.
    private func lastPromise(_ context: ChannelHandlerContext) -> EventLoopPromise<Void> {
        isOutputEnded = true
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenSuccess {
            guard !self.isInputEnded, let context = self.context else { return }
            context.writeAndFlush(self.wrapOutboundOut(.rstStream(.noError)), promise: nil)
        }
        return sent
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        write(unwrapOutboundIn(data), isEnd: false, promise: promise)
    }

    /// Ends our half behind what was written.
    func end(promise: EventLoopPromise<Void>? = nil) {
        guard !isOutputEnded else { return promise?.succeed(()) ?? () }
        write(ByteBuffer(), isEnd: true, promise: promise)
        context?.flush()
    }

    func flush() { context?.flush() }

    // MARK: The end

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output: end(promise: promise)
        case .input: promise?.fail(ChannelError.operationUnsupported)
        case .all:
            guard requests == nil, closing == nil, !isInputEnded else { return reset(context, promise) }
            // The peer of a tunnel reads the end first: a reset may take from it what was written before.
            end()
            promise?.succeed(())
            closing = context.eventLoop.assumeIsolated().scheduleTask(in: Self.closeTimeout) {
                if let context = self.context { self.reset(context, nil) }
            }
        }
    }

    /// Ends the stream at once. If not even that leaves in the time of a request, nobody reads the connection, and it
    /// ends, too.
    private func reset(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        context.close(promise: promise)
        closing?.cancel()
        closing = context.eventLoop.assumeIsolated().scheduleTask(in: connection.patience) {
            self.connection.close()
        }
    }
}
