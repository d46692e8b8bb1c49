import EngineIOCore
import NIOCore

/// A response, whole.
struct ClientResponse {
    let head: HTTPResponseHead
    var body: ByteBuffer
}

/// The client's end of a connection of HTTP/1.1: one request at a time, until it becomes a WebSocket. On its loop.
final class ClientHTTPHandler: ChannelInboundHandler, ChannelOutboundHandler, RemovableChannelHandler, ReadHolder {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// For a response with the status 101 the body holds what came behind it.
    typealias Completion = (Result<ClientResponse, EngineClientFailure>) -> Void

    private enum State {
        case idle
        /// The head of the response is awaited.
        case awaiting(Completion)
        case receiving(Completion, HTTPResponseHead, ByteBuffer)
        /// It is another handler's, or nobody's.
        case ended
    }

    let loop: EngineLoop
    private let maxBody: Int
    private var state = State.idle
    private var reader: HTTPResponseReader
    private(set) var context: ChannelHandlerContext?
    /// The start of a part that has not come completely.
    private var unread = ByteBuffer()
    var isReadHeld = false
    /// How long an idle connection may be used again, in milliseconds, as the server says.
    private(set) var keepAlive: Instant?
    /// Called when the connection ends while no response is awaited.
    var onIdleEnd: (() -> Void)?

    init(loop: EngineLoop, maxBody: Int, limits: HTTPLimits) {
        self.loop = loop
        self.maxBody = maxBody
        reader = HTTPResponseReader(limits)
    }

    /// Whether a request can be sent.
    var isIdle: Bool {
        if case .idle = state { return context != nil }
        return false
    }

    // MARK: Requests

    /// Sends a request. `completion` is called once, unless the connection is closed before by ``close()``.
    func send(_ request: ByteBuffer, _ completion: @escaping Completion) {
        guard let context, case .idle = state else {
            return completion(.failure(EngineClientFailure(.lost, "The connection was closed.")))
        }
        state = .awaiting(completion)
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    /// Closes the connection; nobody is told.
    func close() {
        state = .ended
        onIdleEnd = nil
        unread = ByteBuffer()
        context?.close(promise: nil)
    }

    /// The connection becomes `handler`'s. For a response with the status 101 only, from its completion.
    func hand(overTo handler: any ChannelHandler) throws {
        guard let context else { throw ChannelError.ioOnClosedChannel }
        state = .ended
        onIdleEnd = nil
        unread = ByteBuffer()
        let wasReadHeld = isReadHeld
        let channel = context.channel
        try context.pipeline.syncOperations.addHandler(handler, position: .after(self))
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        if wasReadHeld { channel.read() }
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        loop.forgetRead(of: self)
        lost(0)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .receiving(let completion, let head, let body) = state, reader.connectionEnded() {
            finish(completion, ClientResponse(head: head, body: body), keepsConnection: false)
        }
        lost(0)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        lost((error as? IOError)?.errnoCode ?? 0)
        context.close(promise: nil)
    }

    func read(context: ChannelHandlerContext) { readOrHold(context) }

    private func lost(_ systemError: CInt) {
        let old = state
        state = .ended
        unread = ByteBuffer()
        let onIdleEnd = onIdleEnd
        self.onIdleEnd = nil
        switch old {
        case .idle: onIdleEnd?()
        case .ended: break
        case .awaiting(let completion), .receiving(let completion, _, _):
            let cause = systemError == 0 ? "" : " (\(EngineClientFailure.text(of: systemError)))"
            completion(
                .failure(
                    EngineClientFailure(
                        .lost, systemError: systemError,
                        "The server, or something on the way to it, closed the connection before it answered\(cause): "
                            + "does it want https:// at this port, or has it just ended?"))
            )
        }
    }

    private func fail(_ failure: EngineClientFailure) {
        let old = state
        close()
        switch old {
        case .idle, .ended: break
        case .awaiting(let completion), .receiving(let completion, _, _): completion(.failure(failure))
        }
    }

    // MARK: Bytes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        defer { loop.receiveBuffers.giveBack(bytes) }
        switch state {
        case .ended: return
        // Nothing was asked for.
        case .idle: return close()
        case .awaiting, .receiving: break
        }
        if unread.readableBytes > 0 {
            unread.discardReadBytes()
            unread.writeImmutableBuffer(bytes)
            let whole = unread
            unread = ByteBuffer()
            parse(whole)
        } else {
            parse(bytes)
        }
    }

    private func parse(_ bytes: ByteBuffer) {
        var offset = 0
        while true {
            switch state {
            case .idle, .ended: return
            case .awaiting, .receiving: break
            }
            let part: HTTPResponseReader.Part
            do throws(HTTPResponseError) {
                part = try bytes.withUnsafeReadableBytes { memory throws(HTTPResponseError) in
                    try reader.next(in: memory, at: &offset)
                }
            } catch {
                // An alert of TLS, in its record.
                let speaksTLS = bytes.readableBytesView.starts(with: [0x15, 0x03])
                let mend = speaksTLS ? "It speaks TLS: use https:// or wss://." : "Are host and port right?"
                return fail(
                    EngineClientFailure(
                        error == .syntax(.tooLarge) ? .tooLarge : .protocolError,
                        "What answers is no HTTP server, or a broken one: in its response \(error.cause). \(mend)"))
            }
            switch part {
            case .incomplete:
                // A copy of its own: the buffer is the loop's.
                bytes.withUnsafeReadableBytes { memory in
                    if offset < memory.count { unread = ByteBuffer(bytes: memory[offset...]) }
                }
                return
            case .head(let head): received(head, bytes, offset)
            case .body(let range): received(bodyOf: range, in: bytes)
            case .end: ended(isLast: offset == bytes.readableBytes)
            }
        }
    }

    private func received(_ head: HTTPResponseHead, _ bytes: ByteBuffer, _ offset: Int) {
        guard case .awaiting(let completion) = state else { return }
        guard head.status == 101 else {
            // What is too large need not come first.
            if let size = head.bodySize, size > maxBody { return tooLarge(head) }
            state = .receiving(completion, head, ByteBuffer())
            return
        }
        let rest = bytes.withUnsafeReadableBytes { ByteBuffer(bytes: $0[min(offset, $0.count)...]) }
        // The handler goes with its completion, or the connection does.
        state = .ended
        completion(.success(ClientResponse(head: head, body: rest)))
    }

    private func received(bodyOf range: Range<Int>, in bytes: ByteBuffer) {
        guard case .receiving(let completion, let head, var body) = state else { return }
        guard range.count <= maxBody - body.readableBytes else { return tooLarge(head) }
        // Leaves `body` the only owner of its memory.
        state = .ended
        bytes.withUnsafeReadableBytes { memory in
            _ = body.writeBytes(UnsafeRawBufferPointer(rebasing: memory[range]))
        }
        state = .receiving(completion, head, body)
    }

    private func tooLarge(_ head: HTTPResponseHead) {
        fail(
            EngineClientFailure(
                .tooLarge, status: head.status,
                "A response of the server is larger than \(maxBody) bytes: raise the limit, or send less at once."))
    }

    private func ended(isLast: Bool) {
        guard case .receiving(let completion, let head, let body) = state else { return }
        finish(
            completion, ClientResponse(head: head, body: body), keepsConnection: head.keepsAlive && isLast)
    }

    private func finish(_ completion: Completion, _ response: ClientResponse, keepsConnection: Bool) {
        if keepsConnection {
            state = .idle
            keepAlive = response.head.value(of: "keep-alive").flatMap(Self.timeout)
        } else {
            state = .ended
            context?.close(promise: nil)
        }
        completion(.success(response))
    }

    /// "timeout=5, max=100", in milliseconds.
    private static func timeout(_ text: String) -> Instant? {
        for element in text.split(separator: ",") {
            let parts = element.split(separator: "=").map { $0.filter { $0 != " " } }
            if parts.count == 2, parts[0] == "timeout", let seconds = Int32(parts[1]) { return Instant(seconds) * 1000 }
        }
        return nil
    }
}
