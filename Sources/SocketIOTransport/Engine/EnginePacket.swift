import EngineIOCore
import NIOCore

/// A packet on its way out, encoded once: a whole WebSocket frame of revision 4, whose payload is what polling sends.
///
/// A frame of revision 3 is the same but for binary messages, which have their type in front. Those are put together
/// when they are written, from the payload: who broadcasts does it once, whoever listens.
package struct EnginePacket: SessionPacket, Sendable {
    package typealias Ticket = any DropListener

    package let frame: ByteBuffer
    private let headerSize: Int
    package let isBinary: Bool
    /// What it is counted as.
    let kind: PacketKind
    /// Whether it may be compressed on its way.
    let compresses: Bool

    package var byteCount: Int { frame.readableBytes }

    /// A packet whose payload (a text's starts with the packet type) `encode` puts into the memory it is given.
    package init(
        isBinary: Bool, payload size: Int, compresses: Bool = true, _ encode: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        let headerSize = WebSocketFrameWriter.headerSize(payload: size)
        var frame = ByteBufferAllocator().buffer(capacity: headerSize &+ size)
        var type: PacketType?
        frame.writeWithUnsafeMutableBytes(minimumWritableBytes: headerSize &+ size) { memory in
            let header = WebSocketFrameWriter.writeHeader(
                opcode: isBinary ? .binary : .text, payload: size, into: memory)
            let payload = UnsafeMutableRawBufferPointer(rebasing: memory[header..<(header &+ size)])
            let count = encode(payload)
            if count > 0, !isBinary { type = payload.first.flatMap(PacketType.init(digit:)) }
            return header &+ count
        }
        self.frame = frame
        self.headerSize = headerSize
        self.isBinary = isBinary
        kind = type.map(PacketKind.init) ?? (isBinary ? .binary : .message)
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

    /// Lends what stands in the frame: text with its type, or bytes.
    func withPayload<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        frame.withUnsafeReadableBytes { body(UnsafeRawBufferPointer(rebasing: $0[min(headerSize, $0.count)...])) }
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
    static let pong = EnginePacket(text: "3")
    static let probeAnswer = EnginePacket(text: "3probe")
    static let noop = EnginePacket(text: "6")
}
