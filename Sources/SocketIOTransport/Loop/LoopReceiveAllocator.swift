import NIOCore

/// Lets all WebSocket connections of a loop receive into one buffer: a large one costs nothing when it is shared, and
/// a connection at rest has none. The handler gives the buffer back once it has parsed it.
package final class LoopReceiveAllocator: RecvByteBufferAllocator, @unchecked Sendable {
    // SAFETY: used on the loop's thread only.
    /// What a message of 64 kB and more needs to arrive in one piece.
    private static let capacity = 256 * 1024
    private var free: ByteBuffer?

    package func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        guard var buffer = free else { return allocator.buffer(capacity: Self.capacity) }
        free = nil
        buffer.clear(minimumCapacity: Self.capacity)
        return buffer
    }

    /// True, "the next buffer may be larger", keeps the channel from reusing the first buffer that it had.
    package func record(actualReadBytes: Int) -> Bool { true }

    package func nextBufferSize() -> Int? { nil }

    func giveBack(_ buffer: ByteBuffer) {
        if free == nil { free = buffer }
    }
}
