import NIOCore

/// Buffers for what connections write, used again: a connection at rest has none.
package final class OutputBufferPool {
    private static let count = 16
    private static let initialCapacity = 4096
    private static let keptCapacity = 128 * 1024

    private var free: [ByteBuffer] = []

    /// An empty buffer with room for `size` bytes at least.
    package func take(_ size: Int) -> ByteBuffer {
        guard var buffer = free.popLast() else {
            return ByteBufferAllocator().buffer(capacity: max(size, Self.initialCapacity))
        }
        // Costs nothing if the channel has written it all, a new allocation if it still holds it.
        buffer.clear(minimumCapacity: size)
        return buffer
    }

    /// Takes a buffer back after it was written.
    package func giveBack(_ buffer: consuming ByteBuffer) {
        if free.count < Self.count && buffer.capacity <= Self.keptCapacity { free.append(buffer) }
    }
}
