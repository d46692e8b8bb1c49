import EngineIOCore
import NIOCore

/// The frames that come: parsed in place, and delivered.
extension ClientWebSocketHandler {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received(unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        readEnded()
    }

    /// Bytes that came behind the answer to the handshake.
    func received(leftover bytes: ByteBuffer) {
        received(bytes)
        readEnded()
    }

    private func readEnded() {
        isReading = false
        flush()
    }

    private func received(_ bytes: ByteBuffer) {
        isReading = true
        guard state != .closed else { return loop.receiveBuffers.giveBack(bytes) }
        if var whole = incomplete {
            incomplete = nil
            whole.writeImmutableBuffer(bytes)
            loop.receiveBuffers.giveBack(bytes)
            whole.moveReaderIndex(forwardBy: parse(whole))
            if whole.readableBytes > 0 && state != .closed {
                // Holds on to no more than what is left, but does not move the bytes of a large frame each time.
                if whole.readerIndex > 0 { whole.discardReadBytes() }
                incomplete = whole
            }
        } else {
            let consumed = parse(bytes)
            if consumed < bytes.readableBytes && state != .closed {
                incomplete = bytes.withUnsafeReadableBytes { bytes in
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
                    var incomplete = ByteBufferAllocator().buffer(capacity: sizeToKeep(of: rest))
                    incomplete.writeBytes(rest)
                    return incomplete
                }
            }
            loop.receiveBuffers.giveBack(bytes)
        }
    }

    /// How much memory the start of a frame is given: for all of it, so that it need not move while it grows; but not
    /// for what somebody only announces.
    private func sizeToKeep(of start: UnsafeRawBufferPointer) -> Int {
        guard case .frame(let header) = parse(frame: start) else { return start.count }
        return min(header.frameSize, max(start.count &* 4, 4096))
    }

    private func parse(frame bytes: UnsafeRawBufferPointer) -> WebSocketFrameParse {
        WebSocketFrameParser.parse(
            bytes, masked: false, maxPayload: maxFrame, allowsCompression: compression != nil)
    }

    /// Delivers every complete frame; returns how many bytes they took.
    private func parse(_ buffer: ByteBuffer) -> Int {
        buffer.withUnsafeReadableBytes { bytes in
            var offset = 0
            while offset < bytes.count, state != .closed {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
                switch parse(frame: rest) {
                case .incomplete: return offset
                case .violation(let code, let reason):
                    violated(code, reason)
                    return bytes.count
                case .frame(let header):
                    guard header.frameSize <= rest.count else { return offset }
                    deliver(header, rest)
                    offset &+= header.frameSize
                }
            }
            return offset
        }
    }

    private func deliver(_ header: WebSocketFrameHeader, _ frame: UnsafeRawBufferPointer) {
        guard state == .open else {
            // Only the answer to our Close frame matters now.
            if header.opcode == .close { context?.close(promise: nil) }
            return
        }
        let payload = UnsafeRawBufferPointer(rebasing: frame[header.headerSize..<header.frameSize])
        // A copy, since a message may be changed, and written to behind its end, where the next frame begins.
        loop.scratch.withCopy(of: payload) { deliver(assembler.receive(header, payload: $0)) }
    }

    @inline(__always)
    private func deliver(_ assembly: WebSocketAssembly) {
        switch assembly {
        case .none, .pong: break
        case .text(let text): deliver(text: text)
        case .binary(let bytes): deliver(binary: bytes)
        case .assembledText(let text): deliver(assembled: text) { self.deliver(text: $0) }
        case .assembledBinary(let bytes): deliver(assembled: bytes) { self.deliver(binary: $0) }
        case .compressed(let bytes, let isText): deliver(compressed: UnsafeRawBufferPointer(bytes), isText: isText)
        case .assembledCompressed(let bytes, let isText):
            bytes.withUnsafeBytes { deliver(compressed: $0, isText: isText) }
        case .ping(let data): answer(ping: UnsafeRawBufferPointer(data))
        case .close(let code): peerClosed(code)
        case .violation(let code, let reason): violated(code, reason)
        }
    }

    private func deliver(text: UnsafeMutableRawBufferPointer) {
        guard state == .open else { return }
        client?.received(text: text, from: self)
    }

    private func deliver(binary: UnsafeMutableRawBufferPointer) {
        guard state == .open else { return }
        client?.received(binary: binary, from: self)
    }

    @inline(never)
    private func deliver(assembled message: [UInt8], _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        message.withUnsafeBytes { loop.scratch.withCopy(of: $0, body) }
    }

    @inline(never)
    private func deliver(compressed message: UnsafeRawBufferPointer, isText: Bool) {
        compression?.inflate(message, limit: maxPayload) { outcome, bytes in
            switch outcome {
            case .done: deliver(assembler.receive(inflated: bytes, isText: isText))
            case .tooBig: violated(.tooBig, "a compressed message holds more than the limit")
            case .corrupt: violated(.invalidData, "a compressed message is corrupt")
            }
        }
    }

    /// RFC 6455 asks for an answer to the latest ping only, so that one who pings and does not read costs nothing.
    @inline(never)
    private func answer(ping data: UnsafeRawBufferPointer) {
        if isWritable { writeFrame(.pong, data) } else { unansweredPing = Array(data) }
    }

    @inline(never)
    private func peerClosed(_ code: WebSocketCloseCode?) {
        writeClose(code)
        isReading = false
        flush()
        let context = context
        ended(.transportClose, Self.failure(code))
        // The server closes the connection; if it does not, we do.
        if context != nil { closeChannel(in: .seconds(1)) }
    }

    private static func failure(_ code: WebSocketCloseCode?) -> EngineClientFailure {
        switch code {
        case .tooBig?:
            EngineClientFailure(
                .tooLarge, transport: .webSocket,
                "The server closed the WebSocket with code 1009: a message is larger than it takes. Send less at once, or "
                    + "raise its maxHttpBufferSize.")
        case let code?:
            EngineClientFailure(
                .lost, transport: .webSocket, "The server closed the WebSocket with code \(code.rawValue).")
        case nil: EngineClientFailure(.lost, transport: .webSocket, "The server closed the WebSocket.")
        }
    }

    @inline(never)
    private func violated(_ code: WebSocketCloseCode, _ reason: StaticString) {
        guard state == .open else {
            context?.close(promise: nil)
            return
        }
        writeClose(code)
        isReading = false
        flush()
        let context = context
        ended(
            .transportError,
            EngineClientFailure(
                code == .tooBig ? .tooLarge : .protocolError, transport: .webSocket,
                code == .tooBig
                    ? "A message of the server is larger than \(maxPayload) bytes: raise the limit, or send less at once."
                    : "The server broke the rules of WebSocket: \(reason)."))
        context?.close(promise: nil)
    }
}
