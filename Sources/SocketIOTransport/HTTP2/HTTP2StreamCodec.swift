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

    /// How long the peer of a tunnel may take to end its half.
    private static let closeTimeout = TimeAmount.seconds(1)

    /// Whose the request is; nil for a tunnel.
    var requests: HTTP2StreamHandler?
    private var context: ChannelHandlerContext?
    private(set) var isInputEnded = false
    private(set) var isOutputEnded = false
    private var closing: Scheduled<Void>?

    init(requests: HTTP2StreamHandler) {
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
        switch unwrapInboundIn(data) {
        case .headers(let headers):
            requests?.received(headers.headers)
            if headers.endStream { inputEnded(context) }
        case .data(let data):
            if case .byteBuffer(let bytes) = data.data, bytes.readableBytes > 0 {
                if let requests { requests.received(bytes) } else { context.fireChannelRead(wrapInboundOut(bytes)) }
            }
            if data.endStream { inputEnded(context) }
        default: break
        }
    }

    private func inputEnded(_ context: ChannelHandlerContext) {
        isInputEnded = true
        if let requests { return requests.inputEnded() }
        // As a connection does whose peer has closed its half.
        context.fireChannelReadComplete()
        end()
    }

    // MARK: Writing

    func write(_ headers: HPACKHeaders, isEnd: Bool) {
        if isEnd { isOutputEnded = true }
        context?.write(wrapOutboundOut(.headers(.init(headers: headers, endStream: isEnd))), promise: nil)
    }

    func write(_ bytes: ByteBuffer, isEnd: Bool, promise: EventLoopPromise<Void>?) {
        guard let context, !isOutputEnded else { return promise?.fail(ChannelError.outputClosed) ?? () }
        if isEnd { isOutputEnded = true }
        context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(bytes), endStream: isEnd))), promise: promise)
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

    /// Ends the stream at once: the peer hears why.
    func reset(_ code: HTTP2ErrorCode) {
        context?.writeAndFlush(wrapOutboundOut(.rstStream(code)), promise: nil)
    }

    func flush() { context?.flush() }

    // MARK: The end

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output: end(promise: promise)
        case .input: promise?.fail(ChannelError.operationUnsupported)
        case .all:
            guard requests == nil, closing == nil, !isInputEnded else { return context.close(promise: promise) }
            // The peer of a tunnel reads the end first: a reset may take from it what was written before.
            end()
            promise?.succeed(())
            closing = context.eventLoop.assumeIsolated().scheduleTask(in: Self.closeTimeout) {
                self.context?.close(promise: nil)
            }
        }
    }
}
