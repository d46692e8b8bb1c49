import EngineIOCore
import NIOCore

/// The frames that come: parsed in place, and delivered.
extension WebSocketEnd {
    /// Bytes that were read before the handler was there.
    func received(leftover bytes: ByteBuffer) {
        received(bytes)
        readEnded()
    }

    /// All of a read has been delivered, or nothing more of it will be: what was written meanwhile leaves.
    func readEnded() {
        isReading = false
        flush()
    }

    func received(_ bytes: ByteBuffer) {
        isReading = true
        guard state.receives else { return loop.receiveBuffers.giveBack(bytes) }
        if var whole = incomplete {
            incomplete = nil
            whole.writeImmutableBuffer(bytes)
            loop.receiveBuffers.giveBack(bytes)
            whole.moveReaderIndex(forwardBy: parse(whole))
            if whole.readableBytes > 0 && state.receives {
                // Holds on to no more than what is left, but does not move the bytes of a large frame each time.
                if whole.readerIndex > 0 { whole.discardReadBytes() }
                incomplete = whole
            }
        } else {
            let consumed = parse(bytes)
            if consumed < bytes.readableBytes && state.receives {
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
            bytes, masked: Self.side == .server, maxPayload: rules.maxFrame,
            allowsCompression: rules.compression != nil)
    }

    /// Delivers every complete frame; returns how many bytes they took.
    private func parse(_ buffer: ByteBuffer) -> Int {
        buffer.withUnsafeReadableBytes { bytes in
            var offset = 0
            while offset < bytes.count, state.receives {
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
        let wire = UnsafeRawBufferPointer(rebasing: frame[header.headerSize..<header.frameSize])
        // In memory of the loop, since a message may be changed, and written to behind its end, where the next frame
        // begins.
        switch Self.side {
        case .server:
            loop.scratch.withBytes(header.length) { payload in
                let isASCII = WebSocketFrameParser.unmask(from: wire, into: payload, key: header.maskKey)
                deliver(assembler.receive(header, payload: payload, isASCII: isASCII))
            }
        case .client: loop.scratch.withCopy(of: wire) { deliver(assembler.receive(header, payload: $0)) }
        }
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
        received(text: text)
    }

    private func deliver(binary: UnsafeMutableRawBufferPointer) {
        guard state == .open else { return }
        received(binary: binary)
    }

    @inline(never)
    private func deliver(assembled message: [UInt8], _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        message.withUnsafeBytes { loop.scratch.withCopy(of: $0, body) }
    }

    @inline(never)
    private func deliver(compressed message: UnsafeRawBufferPointer, isText: Bool) {
        rules.compression?.inflate(message, limit: rules.maxPayload) { outcome, bytes in
            switch outcome {
            case .done: deliver(inflated: assembler.receive(inflated: bytes, isText: isText))
            case .tooBig: violated(.tooBig, "a compressed message holds more than the limit")
            case .corrupt: violated(.invalidData, "a compressed message is corrupt")
            }
        }
    }

    private func deliver(inflated assembly: WebSocketAssembly) {
        switch assembly {
        case .text(let text): deliver(text: text)
        case .binary(let bytes): deliver(binary: bytes)
        case .violation(let code, let reason): violated(code, reason)
        case .none, .assembledText, .assembledBinary, .compressed, .assembledCompressed, .ping, .pong, .close: break
        }
    }

    /// RFC 6455 asks for an answer to the latest ping only, so that one who pings and does not read costs nothing.
    @inline(never)
    private func answer(ping data: UnsafeRawBufferPointer) {
        if isWritable { writeFrame(.pong, data) } else { unansweredPing = Array(data) }
    }
}
