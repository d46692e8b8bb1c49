import NIOCore

/// Lets a connection receive: the first time into a small buffer of its own, since the channel keeps that one for life,
/// and copies it at once; from then on into the loop's.
final class ConnectionReceiveAllocator: RecvByteBufferAllocator, @unchecked Sendable {
    // SAFETY: used on the loop's thread only.
    /// What a connection keeps counts for more than a second read of its first request, or response.
    private static let firstCapacity = 16

    private let buffers: LoopReceiveBuffers
    private var isFirst = true

    init(_ loop: EngineLoop) {
        buffers = loop.receiveBuffers
    }

    /// Whether bytes are in the buffer that the channel keeps.
    static func isFirst(_ bytes: ByteBuffer) -> Bool { bytes.storageCapacity == firstCapacity }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        guard isFirst else { return buffers.buffer(allocator: allocator) }
        isFirst = false
        return allocator.buffer(capacity: Self.firstCapacity)
    }

    /// True, "the next buffer may be larger", keeps the channel from reusing the first buffer that it had.
    func record(actualReadBytes: Int) -> Bool { true }

    func nextBufferSize() -> Int? { nil }
}
