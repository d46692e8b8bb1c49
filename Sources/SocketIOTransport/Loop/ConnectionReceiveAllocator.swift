import NIOCore

/// Lets a connection receive: the first time into a small buffer of its own, since the channel keeps that one for life,
/// and copies it at once; from then on into the loop's.
final class ConnectionReceiveAllocator: RecvByteBufferAllocator, @unchecked Sendable {
    // SAFETY: used on the loop's thread only.
    /// For a server's connection: the request that opens a session is smaller, but for large cookies. The rest of it
    /// comes with the next read.
    static let request = 512
    /// For a client's: what it keeps counts for more than a second read of its first response.
    static let start = 16

    private let buffers: LoopReceiveBuffers
    private let firstCapacity: Int
    private var isFirst = true

    init(_ loop: EngineLoop, first capacity: Int) {
        buffers = loop.receiveBuffers
        firstCapacity = capacity
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        guard isFirst else { return buffers.buffer(allocator: allocator) }
        isFirst = false
        return allocator.buffer(capacity: firstCapacity)
    }

    /// True, "the next buffer may be larger", keeps the channel from reusing the first buffer that it had.
    func record(actualReadBytes: Int) -> Bool { true }

    func nextBufferSize() -> Int? { nil }
}
