import CZlib
import NIOCore

/// The format of gzip, for what is compressed once and kept.
enum Gzip {
    /// Nil if there is no memory for it.
    static func compress(_ bytes: UnsafeRawBufferPointer) -> ByteBuffer? {
        guard let size = UInt32(exactly: bytes.count) else { return nil }
        var stream = z_stream()
        // 16 above the size of the window: gzip, not zlib.
        let isReady = deflateInit2_(
            &stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            CInt(MemoryLayout<z_stream>.size))
        guard isReady == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(size)))
        guard let capacity = UInt32(exactly: bound) else { return nil }
        var buffer = ByteBufferAllocator().buffer(capacity: bound)
        var isWhole = false
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { memory in
            // zlib does not write to its input.
            stream.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            stream.avail_in = size
            stream.next_out = memory.bindMemory(to: UInt8.self).baseAddress
            stream.avail_out = capacity
            isWhole = deflate(&stream, Z_FINISH) == Z_STREAM_END
            return min(memory.count, Int(stream.total_out))
        }
        return isWhole ? buffer : nil
    }
}
