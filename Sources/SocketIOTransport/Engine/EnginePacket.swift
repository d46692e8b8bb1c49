import EngineIOCore
import NIOCore

/// A packet on its way out, encoded once: a whole WebSocket frame, whose payload is what polling sends.
package struct EnginePacket: SessionPacket, Sendable {
    package let frame: ByteBuffer
    private let headerSize: Int
    package let isBinary: Bool

    package var byteCount: Int { frame.readableBytes }

    /// A packet whose payload (a text's starts with the packet type) `encode` puts into the memory it is given.
    package init(
        isBinary: Bool, payload size: Int, _ encode: (UnsafeMutableRawBufferPointer) -> Int
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
    }

    package init(text: String) {
        var text = text
        self = text.withUTF8 { bytes in
            EnginePacket(isBinary: false, payload: bytes.count) { memory in
                memory.copyMemory(from: UnsafeRawBufferPointer(bytes))
                return bytes.count
            }
        }
    }

    static let close = EnginePacket(text: "1")
    static let ping = EnginePacket(text: "2")
    static let probeAnswer = EnginePacket(text: "3probe")
    static let noop = EnginePacket(text: "6")

    /// A polling body of these packets.
    static func payload(of packets: [EnginePacket]) -> ByteBuffer {
        var body = ByteBufferAllocator().buffer(
            capacity: packets.reduce(0) { $0 &+ $1.byteCount &* ($1.isBinary ? 2 : 1) &+ 8 })
        for (index, packet) in packets.enumerated() {
            if index > 0 { body.writeInteger(PayloadEncoder.separator) }
            packet.writePayload(into: &body)
        }
        return body
    }

    private func writePayload(into body: inout ByteBuffer) {
        frame.withUnsafeReadableBytes { bytes in
            let payload = UnsafeRawBufferPointer(rebasing: bytes[min(headerSize, bytes.count)...])
            guard isBinary else {
                body.writeBytes(payload)
                return
            }
            let size = 1 &+ PayloadEncoder.base64Size(payload.count)
            body.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { memory in
                memory[0] = UInt8(ascii: "b")
                return 1
                    &+ PayloadEncoder.writeBase64(payload, into: UnsafeMutableRawBufferPointer(rebasing: memory[1...]))
            }
        }
    }
}
