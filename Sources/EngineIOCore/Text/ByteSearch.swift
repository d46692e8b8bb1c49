/// The search for one byte, eight at a time. The module imports no C library, so there is no `memchr`.
enum ByteSearch {
    /// The offset of the first `byte` in `bytes`.
    static func firstOffset(of byte: UInt8, in bytes: UnsafeRawBufferPointer) -> Int? {
        let pattern = 0x0101_0101_0101_0101 &* UInt64(byte)
        var offset = 0
        while bytes.count - offset >= 8 {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ pattern
            // The lowest set bit marks the first zero byte; bits above it may be wrong, and are not read.
            let zeroBytes = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if zeroBytes != 0 {
                return offset + zeroBytes.trailingZeroBitCount / 8
            }
            offset += 8
        }
        while offset < bytes.count {
            if bytes[offset] == byte { return offset }
            offset += 1
        }
        return nil
    }
}
