import EngineIOCore
import NIOCore

/// The frames that leave: gathered for a turn of the loop, compressed if that was agreed on, masked by a client.
extension WebSocketEnd {
    /// Writes a message whose payload `encode` puts into the memory it is given. `compresses`: if it is large enough, and
    /// the peer knows how.
    @inline(__always)
    func write(
        _ opcode: WebSocketOpcode, payload size: Int, compresses: Bool = true,
        _ encode: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        if size > rules.largestPlain && compresses { return writeCompressed(opcode, payload: size, encode) }
        writeFrame(opcode, payload: size, encode)
    }

    /// Writes one frame as it is.
    @inline(__always)
    func writeFrame(
        _ opcode: WebSocketOpcode, isCompressed: Bool = false, payload size: Int,
        _ encode: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        guard state == .open else { return }
        switch Self.side {
        case .server:
            output.append(WebSocketFrameWriter.headerSize(payload: size) &+ size) { memory in
                let header = WebSocketFrameWriter.writeHeader(
                    opcode: opcode, isCompressed: isCompressed, payload: size, into: memory)
                return header &+ encode(UnsafeMutableRawBufferPointer(rebasing: memory[header...]))
            }
        case .client:
            appendMasked(opcode, isCompressed: isCompressed, payload: size) { payload, key in
                let written = min(encode(payload), payload.count)
                WebSocketFrameWriter.mask(UnsafeMutableRawBufferPointer(rebasing: payload[..<written]), key: key)
                return written
            }
        }
        scheduleFlush()
    }

    func writeFrame(
        _ opcode: WebSocketOpcode, isCompressed: Bool = false, _ payload: UnsafeRawBufferPointer
    ) {
        switch Self.side {
        case .server:
            writeFrame(opcode, isCompressed: isCompressed, payload: payload.count) { memory in
                memory.copyMemory(from: payload)
                return payload.count
            }
        case .client:
            guard state == .open else { return }
            appendMasked(opcode, isCompressed: isCompressed, payload: payload.count) { memory, key in
                WebSocketFrameWriter.copyMasked(payload, key: key, into: memory)
            }
            scheduleFlush()
        }
    }

    /// `write` puts the payload, masked with the key, into the memory it is given, and returns its size.
    @inline(__always)
    private func appendMasked(
        _ opcode: WebSocketOpcode, isCompressed: Bool, payload size: Int,
        _ write: (UnsafeMutableRawBufferPointer, _ key: UInt32) -> Int
    ) {
        let key = loop.random.maskKey()
        output.append(WebSocketFrameWriter.maskedHeaderSize(payload: size) &+ size) { memory in
            let header = WebSocketFrameWriter.writeMaskedHeader(
                opcode: opcode, isCompressed: isCompressed, payload: size, maskKey: key, into: memory)
            let payload = memory[header..<min(header &+ size, memory.count)]
            return header &+ write(UnsafeMutableRawBufferPointer(rebasing: payload), key)
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
        guard state == .open, let compression = rules.compression else { return }
        compression.compress(payload) { writeFrame(opcode, isCompressed: $1, $0) }
    }

    /// Writes a binary message.
    func write(binary bytes: UnsafeRawBufferPointer, compresses: Bool = true) {
        switch binaryForm {
        case .bytes:
            if bytes.count > rules.largestPlain && compresses { return writeCompressed(.binary, bytes) }
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
        guard state == .open else { return }
        guard !packet.isBinary || binaryForm == .bytes else {
            return packet.withPayload { write(binary: $0, compresses: packet.compresses) }
        }
        if packet.payloadCount > rules.largestPlain && packet.compresses { return writeCompressed(packet) }
        switch Self.side {
        case .server:
            output.append(shared: packet.frame)
            scheduleFlush()
        case .client: packet.withPayload { writeFrame(packet.isBinary ? .binary : .text, $0) }
        }
    }

    @inline(never)
    private func writeCompressed(_ packet: EnginePacket) {
        guard Self.side == .server, let frame = rules.compression?.sharedFrame(of: packet) else {
            return packet.withPayload { writeCompressed(packet.isBinary ? .binary : .text, $0) }
        }
        output.append(shared: frame)
        scheduleFlush()
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
