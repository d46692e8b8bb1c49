import CZlib

/// What zlib compresses with.
struct DeflateParameters: Hashable {
    enum Format {
        /// Nothing around the compressed data: WebSocket messages.
        case raw
        /// HTTP's "deflate".
        case zlib
        case gzip
    }

    var format: Format
    /// The base-two logarithm of how far back it looks.
    var windowBits: Int32 = 15
    /// 1, fast, to 9, small; -1: zlib's own.
    var level: Int32 = -1
    /// 1 to 9: how much memory it takes.
    var memLevel: Int32 = 8

    /// zlib tells the formats by the number of window bits.
    fileprivate var zlibWindowBits: Int32 {
        switch format {
        case .raw: -windowBits
        case .zlib: windowBits
        case .gzip: windowBits &+ 16
        }
    }
}

/// One of zlib's compressors.
///
/// On one loop. zlib's state points back to the `z_stream`: it lives in memory of its own, which does not move, and is
/// freed once, with this object.
final class DeflateStream {
    /// What a flushed message ends with, and a receiver adds again (RFC 7692, section 7.2.1).
    static let tail: [UInt8] = [0, 0, 0xFF, 0xFF]

    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil if there is no memory.
    init?(_ parameters: DeflateParameters) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = deflateInit2_(
            stream, parameters.level, Z_DEFLATED, parameters.zlibWindowBits, parameters.memLevel, Z_DEFAULT_STRATEGY,
            ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Forgets what was compressed before.
    func reset() {
        deflateReset(stream)
    }

    /// Appends `bytes`, compressed to the end of the format: a whole HTTP body. Call ``reset()`` after it.
    func finish(_ bytes: UnsafeRawBufferPointer, into memory: inout OutputMemory) -> Bool {
        compress(bytes, Z_FINISH, into: &memory)
    }

    /// Appends `bytes`, compressed as a WebSocket message, whose tail is left out; later messages may refer to it.
    func flush(_ bytes: UnsafeRawBufferPointer, into memory: inout OutputMemory) -> Bool {
        guard compress(bytes, Z_SYNC_FLUSH, into: &memory) else { return false }
        memory.removeLast(Self.tail.count)
        return true
    }

    private func compress(_ bytes: UnsafeRawBufferPointer, _ mode: Int32, into memory: inout OutputMemory) -> Bool {
        guard let count = UInt32(exactly: bytes.count),
            let bound = Int(exactly: deflateBound(stream, UInt(bytes.count)))
        else { return false }
        // zlib does not write to it.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = count
        defer {
            stream.pointee.next_in = nil
            stream.pointee.next_out = nil
        }
        // With the bound, and some for the marker of a flush, one call is enough.
        var room = bound &+ 16
        while true {
            let output = memory.room(for: room)
            stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(clamping: output.count)
            let before = Int(stream.pointee.avail_out)
            let status = deflate(stream, mode)
            memory.use(before &- Int(stream.pointee.avail_out))
            switch status {
            case Z_STREAM_END: return true
            case Z_OK where stream.pointee.avail_out > 0: return true
            case Z_OK: room = 4096
            default: return false
            }
        }
    }
}
