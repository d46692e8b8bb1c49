import EngineIOCore
import NIOCore

/// The frames that leave: gathered for a turn of the loop, compressed if that was agreed on.
extension WebSocketHandler {
    /// Writes the answer to the handshake, in front of everything else.
    func begin(with response: ByteBuffer) {
        guard state == .open else { return }
        output.append(shared: response)
        scheduleFlush()
    }

    /// Writes a message whose payload `encode` puts into the memory it is given. `compresses`: if it is large enough, and
    /// the client knows how.
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
        output.append(WebSocketFrameWriter.headerSize(payload: size) &+ size) { memory in
            let header = WebSocketFrameWriter.writeHeader(
                opcode: opcode, isCompressed: isCompressed, payload: size, into: memory)
            return header &+ encode(UnsafeMutableRawBufferPointer(rebasing: memory[header...]))
        }
        scheduleFlush()
    }

    func writeFrame(
        _ opcode: WebSocketOpcode, isCompressed: Bool = false, _ payload: UnsafeRawBufferPointer
    ) {
        writeFrame(opcode, isCompressed: isCompressed, payload: payload.count) { memory in
            memory.copyMemory(from: payload)
            return payload.count
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
        guard state == .open else { return }
        guard !packet.isBinary || binaryForm == .bytes else {
            return packet.withPayload { write(binary: $0, compresses: packet.compresses) }
        }
        if packet.payloadCount > largestPlain && packet.compresses { return writeCompressed(packet) }
        output.append(shared: packet.frame)
        scheduleFlush()
    }

    @inline(never)
    private func writeCompressed(_ packet: EnginePacket) {
        guard let frame = compression?.sharedFrame(of: packet) else {
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

    /// A channel that is given more than it should be cannot be asked how much it holds before the flush.
    func noteFullness(_ isFull: Bool) {
        if isFull {
            isWritable = false
        } else if !isWritable, let channel = context?.channel {
            noteWritability(of: channel)
        }
    }
}
