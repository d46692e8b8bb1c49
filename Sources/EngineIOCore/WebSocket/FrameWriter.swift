/// Writes the frames of a server: unmasked and never fragmented.
public enum WebSocketFrameWriter {
    /// No header is longer: two bytes and a 64-bit length.
    public static let maximumHeaderSize = 10

    /// The size of a Close frame with a code.
    public static let closeFrameSize = 4

    /// The size of the header of a frame with `payload` bytes.
    public static func headerSize(payload: Int) -> Int {
        payload < 126 ? 2 : payload <= 0xFFFF ? 4 : 10
    }

    /// Writes the header of a frame with `payload` bytes and returns its size; writes nothing, and returns 0, if it
    /// does not fit.
    @inline(__always)
    public static func writeHeader(
        opcode: WebSocketOpcode, isCompressed: Bool = false, payload: Int, into bytes: UnsafeMutableRawBufferPointer
    ) -> Int {
        let size = headerSize(payload: payload)
        guard payload >= 0, bytes.count >= size else { return 0 }
        bytes[0] = (isCompressed ? 0xC0 : 0x80) | opcode.rawValue
        switch size {
        case 2:
            bytes[1] = UInt8(truncatingIfNeeded: payload)
        case 4:
            bytes[1] = 126
            bytes.storeBytes(of: UInt16(truncatingIfNeeded: payload).bigEndian, toByteOffset: 2, as: UInt16.self)
        default:
            bytes[1] = 127
            bytes.storeBytes(of: UInt64(truncatingIfNeeded: payload).bigEndian, toByteOffset: 2, as: UInt64.self)
        }
        return size
    }

    /// Writes a whole Close frame and returns its size; writes nothing, and returns 0, if it does not fit.
    ///
    /// Without a code the frame is empty, which is how an Engine.IO server ends a session in good order.
    public static func writeClose(
        _ code: WebSocketCloseCode?, into bytes: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard let code else { return writeHeader(opcode: .close, payload: 0, into: bytes) }
        guard bytes.count >= closeFrameSize else { return 0 }
        let header = writeHeader(opcode: .close, payload: 2, into: bytes)
        bytes.storeBytes(of: code.rawValue.bigEndian, toByteOffset: header, as: UInt16.self)
        return closeFrameSize
    }
}
