import EngineIOCore
import NIOCore

/// The frames that leave: masked, gathered for a turn of the loop, compressed if that was agreed on.
extension ClientWebSocketHandler {
    /// Writes a message whose payload `encode` puts into the memory it is given. `compresses`: if it is large enough, and
    /// the server knows how.
    @inline(__always)
    func write(
        _ opcode: WebSocketOpcode, payload size: Int, compresses: Bool = true,
        _ encode: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        if size > largestPlain && compresses { return writeCompressed(opcode, payload: size, encode) }
        writeFrame(opcode, payload: size, encode)
    }

    /// Writes one frame as it is.
    @inline(__always)
    func writeFrame(
        _ opcode: WebSocketOpcode, isCompressed: Bool = false, payload size: Int,
        _ encode: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        guard state == .open else { return }
        let key = loop.random.maskKey()
        output.append(WebSocketFrameWriter.maskedHeaderSize(payload: size) &+ size) { memory in
            let header = WebSocketFrameWriter.writeMaskedHeader(
                opcode: opcode, isCompressed: isCompressed, payload: size, maskKey: key, into: memory)
            let payload = UnsafeMutableRawBufferPointer(rebasing: memory[header..<min(header &+ size, memory.count)])
            let written = min(encode(payload), payload.count)
            WebSocketFrameWriter.mask(UnsafeMutableRawBufferPointer(rebasing: payload[..<written]), key: key)
            return header &+ written
        }
        scheduleFlush()
    }

    func writeFrame(
        _ opcode: WebSocketOpcode, isCompressed: Bool = false, _ payload: UnsafeRawBufferPointer
    ) {
        guard state == .open else { return }
        let key = loop.random.maskKey()
        output.append(WebSocketFrameWriter.maskedHeaderSize(payload: payload.count) &+ payload.count) { memory in
            let header = WebSocketFrameWriter.writeMaskedHeader(
                opcode: opcode, isCompressed: isCompressed, payload: payload.count, maskKey: key, into: memory)
            return header
                &+ WebSocketFrameWriter.copyMasked(
                    payload, key: key, into: UnsafeMutableRawBufferPointer(rebasing: memory[header...]))
        }
        scheduleFlush()
    }

    func writeClose(_ code: WebSocketCloseCode?) {
        guard let code, code.isLegalOnTheWire else { return writeFrame(.close, payload: 0) { _ in 0 } }
        writeFrame(.close, payload: 2) { memory in
            memory.storeBytes(of: code.rawValue.bigEndian, as: UInt16.self)
            return 2
        }
    }

    @inline(never)
    private func writeCompressed(
        _ opcode: WebSocketOpcode, payload size: Int, _ encode: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        // What is not sent must not be compressed either: later messages would refer to it.
        guard state == .open else { return }
        loop.outputMemory.withMemory(size) { memory in
            memory.use(encode(memory.room(for: size)))
            writeCompressed(opcode, memory.bytes)
        }
    }

    private func writeCompressed(_ opcode: WebSocketOpcode, _ payload: UnsafeRawBufferPointer) {
        guard state == .open, let compression else { return }
        compression.compress(payload) { writeFrame(opcode, isCompressed: $1, $0) }
    }

    /// Writes a binary message.
    func write(binary bytes: UnsafeRawBufferPointer, compresses: Bool = true) {
        switch binaryForm {
        case .bytes:
            if bytes.count > largestPlain && compresses { return writeCompressed(.binary, bytes) }
            writeFrame(.binary, bytes)
        case .typedBytes:
            let size = 1 &+ bytes.count
            write(.binary, payload: size, compresses: compresses) { memory in
                var writer = MemoryWriter(UnsafeMutableRawBufferPointer(rebasing: memory[..<size]))
                writer.write(byte: PacketType.message.rawValue)
                writer.write(bytes)
                return writer.count
            }
        case .base64, .typedBase64:
            let marker = binaryForm == .base64 ? "b" : "b4"
            let size = marker.utf8.count &+ PayloadEncoder.base64Size(bytes.count)
            write(.text, payload: size, compresses: compresses) { memory in
                var writer = MemoryWriter(UnsafeMutableRawBufferPointer(rebasing: memory[..<size]))
                writer.write(marker)
                writer.write { PayloadEncoder.writeBase64(bytes, into: $0) }
                return writer.count
            }
        }
    }

    /// Writes a packet that was encoded before.
    func write(_ packet: EnginePacket) {
        packet.withPayload { payload in
            guard !packet.isBinary else { return write(binary: payload, compresses: packet.compresses) }
            if payload.count > largestPlain && packet.compresses { return writeCompressed(.text, payload) }
            writeFrame(.text, payload)
        }
    }

    @inline(__always)
    func scheduleFlush() {
        guard !needsFlush else { return }
        needsFlush = true
        // What is written while the connection is read leaves when the read is complete.
        if !isReading { loop.flushLater(self) }
    }

    func flush() {
        guard needsFlush, !isReading || state == .closed else { return }
        needsFlush = false
        output.flush()
    }
}
