import Glibc
import NIOCore

/// The buffer that all connections of a loop receive into: a large one costs nothing when it is shared, and a
/// connection at rest has none. A handler gives it back once it has parsed it. See ``ConnectionReceiveAllocator``.
package final class LoopReceiveBuffers: @unchecked Sendable {
    // SAFETY: used on the loop's thread only.
    /// What a message of 64 kB and more needs to arrive in one piece.
    private static let capacity = 256 * 1024
    private var free: ByteBuffer?

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        guard var buffer = free else { return allocator.buffer(capacity: Self.capacity) }
        free = nil
        buffer.clear(minimumCapacity: Self.capacity)
        return buffer
    }

    /// The first bytes of a connection together with those that wait behind them: else its first request would take two
    /// turns of the loop. `descriptor`: the socket's; -1 if the bytes do not come from there as they are.
    func completing(_ first: ByteBuffer, from descriptor: CInt) -> ByteBuffer {
        guard first.writableBytes == 0, descriptor >= 0 else { return first }
        var bytes = buffer(allocator: ByteBufferAllocator())
        bytes.writeImmutableBuffer(first)
        // What ends the connection is still there for the channel to find.
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: 0) {
            max(0, recv(descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT)))
        }
        return bytes
    }

    /// Takes a buffer back; any other than a loop's is left to itself.
    func giveBack(_ buffer: ByteBuffer) {
        if free == nil, buffer.storageCapacity >= Self.capacity { free = buffer }
    }
}
