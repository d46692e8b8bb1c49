import NIOCore

/// A loop's streams, which all its connections share: they forget between two uses, so that a connection keeps
/// nothing. They are made when they are needed first, and take up to 270 kB each.
final class LoopCompression {
    /// Servers with options of their own may share the loops; no more streams or frames than this are kept.
    private static let capacity = 16

    private unowned let loop: EngineLoop
    private var deflates: [DeflateParameters: DeflateStream] = [:]
    private var inflates: [Int32: InflateStream] = [:]

    /// What a broadcast's frame became.
    private struct SharedFrame {
        /// Kept, so that no other frame comes to lie at its address.
        let source: ByteBuffer
        let compressed: ByteBuffer
    }

    private struct SharedFrameKey: Hashable {
        let address: UnsafeRawPointer?
        let count: Int
        let parameters: DeflateParameters
    }

    /// Of this turn: a broadcast reaches all its receivers on a loop in one.
    private var frames: [SharedFrameKey: SharedFrame] = [:]

    init(loop: EngineLoop) {
        self.loop = loop
    }

    /// A stream that remembers nothing; nil without memory for it. Use it at once.
    func deflate(_ parameters: DeflateParameters) -> DeflateStream? {
        if let stream = deflates[parameters] {
            stream.reset()
            return stream
        }
        if deflates.count >= Self.capacity { deflates = [:] }
        let stream = DeflateStream(parameters)
        deflates[parameters] = stream
        return stream
    }

    /// As ``deflate(_:)``.
    func inflate(windowBits: Int32) -> InflateStream? {
        if let stream = inflates[windowBits] {
            stream.reset()
            return stream
        }
        let stream = InflateStream(windowBits: windowBits)
        inflates[windowBits] = stream
        return stream
    }

    /// The compressed frame of a packet, which `make` makes unless it was asked for in this turn.
    func frame(of packet: EnginePacket, _ parameters: DeflateParameters, _ make: () -> ByteBuffer) -> ByteBuffer {
        let key = packet.frame.withUnsafeReadableBytes {
            SharedFrameKey(address: $0.baseAddress, count: $0.count, parameters: parameters)
        }
        if let frame = frames[key] { return frame.compressed }
        let frame = SharedFrame(source: packet.frame, compressed: make())
        if frames.count >= Self.capacity { frames.removeAll(keepingCapacity: true) }
        if frames.isEmpty { loop.eventLoop.execute { [loop] in loop.compression.frames = [:] } }
        frames[key] = frame
        return frame.compressed
    }
}
