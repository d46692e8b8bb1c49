import NIOCore

/// Lets a connection receive: the first time into a small buffer of its own, since the channel keeps that one for life,
/// and copies it at once; from then on into the loop's.
final class ConnectionReceiveAllocator: RecvByteBufferAllocator, @unchecked Sendable {
    // SAFETY: used on the loop's thread only.
    /// The request that opens a session is smaller, but for large cookies; the rest of it comes with the next read.
    private static let firstCapacity = 512

    private let buffers: LoopReceiveBuffers
    private var isFirst = true

    init(_ loop: EngineLoop) {
        buffers = loop.receiveBuffers
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        guard isFirst else { return buffers.buffer(allocator: allocator) }
        isFirst = false
        return allocator.buffer(capacity: Self.firstCapacity)
    }

    /// True, "the next buffer may be larger", keeps the channel from reusing the first buffer that it had.
    func record(actualReadBytes: Int) -> Bool { true }

    func nextBufferSize() -> Int? { nil }
}
