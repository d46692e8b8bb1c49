import CZlib

/// One of zlib's decompressors, for WebSocket messages and the bodies of responses.
///
/// On one loop. Its memory is as that of ``DeflateStream``.
final class InflateStream {
    enum Outcome {
        case done
        /// More than the limit came out, and was given up.
        case tooBig
        /// Not what a compressor makes, or not all of it.
        case corrupt
    }

    /// Grows by this much at first: small messages take little, and a large one does not take many steps.
    private static let step = 4096

    private let stream: UnsafeMutablePointer<z_stream>

    /// For messages. Nil if there is no memory. zlib can read what refers back less far with any larger window.
    convenience init?(windowBits: Int32) {
        self.init(zlibWindowBits: -max(9, windowBits))
    }

    private init?(zlibWindowBits: Int32) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(stream, zlibWindowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Forgets what was inflated before.
    func reset() {
        inflateReset(stream)
    }

    /// Appends what a message without its tail (RFC 7692, section 7.2.2) holds: `limit` bytes at the most, however
    /// small the message is. After another outcome than ``Outcome/done`` the stream has to be reset.
    func inflate(_ message: UnsafeRawBufferPointer, limit: Int, into memory: inout OutputMemory) -> Outcome {
        defer {
            stream.pointee.next_in = nil
            stream.pointee.next_out = nil
        }
        // What zlib makes of an empty message behind another one: not even the start of a block.
        guard message.count > 0 else { return .done }
        switch feed(message, limit: limit, into: &memory) {
        case .ended: return .done
        case .failed(let outcome): return outcome
        case .wantsMore: break
        }
        let isWhole = DeflateStream.tail.withUnsafeBytes { tail in
            switch feed(tail, limit: limit, into: &memory) {
            case .ended: true
            // Behind a block, and with no bits left: the message did not end inside of one.
            case .wantsMore: stream.pointee.data_type & 0xBF == 0x80
            case .failed: false
            }
        }
        return isWhole ? .done : .corrupt
    }

    /// Appends what a whole body of HTTP holds, in the format of gzip or of zlib; as ``inflate(_:limit:into:)``.
    static func inflate(body: UnsafeRawBufferPointer, limit: Int, into memory: inout OutputMemory) -> Outcome {
        // 32 more: zlib looks which of the two it is.
        guard body.count > 0, let stream = InflateStream(zlibWindowBits: 15 + 32) else { return .corrupt }
        defer {
            stream.stream.pointee.next_in = nil
            stream.stream.pointee.next_out = nil
        }
        return switch stream.feed(body, limit: limit, into: &memory) {
        case .ended: .done
        case .wantsMore: .corrupt
        case .failed(let outcome): outcome
        }
    }

    private enum Progress {
        case wantsMore
        /// With a block that was marked as the last one. Some compressors do that; the next message goes on behind it.
        case ended
        case failed(Outcome)
    }

    private func feed(_ bytes: UnsafeRawBufferPointer, limit: Int, into memory: inout OutputMemory) -> Progress {
        guard let count = UInt32(exactly: bytes.count) else { return .failed(.tooBig) }
        // zlib does not write to it.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = count
        while true {
            // One more than the limit, which tells what is larger from what just fits.
            let left = limit &- memory.count &+ 1
            guard left > 0 else { return .failed(.tooBig) }
            let output = memory.room(for: min(left, max(Self.step, memory.capacity &- memory.count)))
            stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(clamping: output.count)
            let before = Int(stream.pointee.avail_out)
            let status = CZlib.inflate(stream, Z_SYNC_FLUSH)
            memory.use(before &- Int(stream.pointee.avail_out))
            guard memory.count <= limit else { return .failed(.tooBig) }
            switch status {
            // Z_BUF_ERROR: there was nothing left to do.
            case Z_OK, Z_BUF_ERROR:
                if stream.pointee.avail_out > 0 { return .wantsMore }
            case Z_STREAM_END:
                // Keeps the window, which the next block may refer to.
                inflateResetKeep(stream)
                if stream.pointee.avail_in == 0 { return .ended }
            default: return .failed(.corrupt)
            }
        }
    }
}
