import EngineIOCore
import NIOCore

/// A packet on its way out, encoded once: a whole WebSocket frame, whose payload is what polling sends.
package struct EnginePacket: SessionPacket, Sendable {
    package let frame: ByteBuffer
    private let headerSize: Int
    package let isBinary: Bool
    /// Whether it may be compressed on its way.
    let compresses: Bool

    package var byteCount: Int { frame.readableBytes }

    /// A packet whose payload (a text's starts with the packet type) `encode` puts into the memory it is given.
    package init(
        isBinary: Bool, payload size: Int, compresses: Bool = true, _ encode: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        let headerSize = WebSocketFrameWriter.headerSize(payload: size)
        var frame = ByteBufferAllocator().buffer(capacity: headerSize &+ size)
        frame.writeWithUnsafeMutableBytes(minimumWritableBytes: headerSize &+ size) { memory in
            let header = WebSocketFrameWriter.writeHeader(
                opcode: isBinary ? .binary : .text, payload: size, into: memory)
            return header &+ encode(UnsafeMutableRawBufferPointer(rebasing: memory[header..<(header &+ size)]))
        }
        self.frame = frame
        self.headerSize = headerSize
        self.isBinary = isBinary
        self.compresses = compresses
    }

    package init(text: String) {
        self.init(text: Array(text.utf8))
    }

    init(text: [UInt8]) {
        self.init(isBinary: false, payload: text.count) { memory in
            memory.copyBytes(from: text)
            return text.count
        }
    }

    package init(binary bytes: UnsafeRawBufferPointer, compresses: Bool = true) {
        self.init(isBinary: true, payload: bytes.count, compresses: compresses) { memory in
            memory.copyMemory(from: bytes)
            return bytes.count
        }
    }

    /// The size of what stands in the frame.
    var payloadCount: Int { max(0, frame.readableBytes &- headerSize) }

    /// Lends what stands in the frame.
    func withPayload(_ body: (UnsafeRawBufferPointer) -> Void) {
        frame.withUnsafeReadableBytes { bytes in
            body(UnsafeRawBufferPointer(rebasing: bytes[min(headerSize, bytes.count)...]))
        }
    }

    /// A frame of a payload that permessage-deflate has compressed.
    static func compressedFrame(_ payload: UnsafeRawBufferPointer, isBinary: Bool) -> ByteBuffer {
        let size = WebSocketFrameWriter.headerSize(payload: payload.count) &+ payload.count
        var frame = ByteBufferAllocator().buffer(capacity: size)
        frame.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { memory in
            let header = WebSocketFrameWriter.writeHeader(
                opcode: isBinary ? .binary : .text, isCompressed: true, payload: payload.count, into: memory)
            UnsafeMutableRawBufferPointer(rebasing: memory[header...]).copyMemory(from: payload)
            return size
        }
        return frame
    }

    static let close = EnginePacket(text: "1")
    static let ping = EnginePacket(text: "2")
    static let probeAnswer = EnginePacket(text: "3probe")
    static let noop = EnginePacket(text: "6")

    // MARK: Polling

    /// The size of a polling body of these packets.
    static func payloadSize(of packets: [EnginePacket]) -> Int {
        var size = max(0, packets.count &- 1)
        for packet in packets { size &+= packet.payloadSize }
        return size
    }

    /// Writes a polling body of these packets, and returns its size. `memory` has room for it.
    static func writePayload(of packets: [EnginePacket], into memory: UnsafeMutableRawBufferPointer) -> Int {
        var writer = MemoryWriter(memory)
        var isFirst = true
        for packet in packets {
            if !isFirst { writer.write(byte: PayloadEncoder.separator) }
            isFirst = false
            packet.writePayload(with: &writer)
        }
        return writer.count
    }

    /// A polling body of these packets.
    static func payload(of packets: [EnginePacket]) -> ByteBuffer {
        let size = payloadSize(of: packets)
        var body = ByteBufferAllocator().buffer(capacity: size)
        body.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { writePayload(of: packets, into: $0) }
        return body
    }

    private var payloadSize: Int {
        isBinary ? 1 &+ PayloadEncoder.base64Size(payloadCount) : payloadCount
    }

    private func writePayload(with writer: inout MemoryWriter) {
        withPayload { payload in
            guard isBinary else { return writer.write(payload) }
            writer.write(byte: PayloadEncoder.binaryMarker)
            writer.write { PayloadEncoder.writeBase64(payload, into: $0) }
        }
    }
}
