/// The frames of a client, which are masked (RFC 6455, section 5.3), so that what a page sends cannot pass for
/// something else with a proxy that does not know WebSocket.
extension WebSocketFrameWriter {
    /// The size of the header of a masked frame with `payload` bytes.
    public static func maskedHeaderSize(payload: Int) -> Int { headerSize(payload: payload) &+ 4 }

    /// Writes the header of a masked frame and returns its size; writes nothing, and returns 0, if it does not fit.
    @inline(__always)
    public static func writeMaskedHeader(
        opcode: WebSocketOpcode, isCompressed: Bool = false, payload: Int, maskKey: UInt32,
        into bytes: UnsafeMutableRawBufferPointer
    ) -> Int {
        let size = maskedHeaderSize(payload: payload)
        guard bytes.count >= size else { return 0 }
        let plain = writeHeader(opcode: opcode, isCompressed: isCompressed, payload: payload, into: bytes)
        guard plain > 0 else { return 0 }
        bytes[1] |= 0x80
        bytes.storeBytes(of: maskKey, toByteOffset: plain, as: UInt32.self)
        return size
    }

    /// Masks a payload where it lies. `key` is the header's.
    @inline(__always)
    public static func mask(_ payload: UnsafeMutableRawBufferPointer, key: UInt32) {
        WebSocketFrameParser.unmask(from: UnsafeRawBufferPointer(payload), into: payload, key: key)
    }

    /// Copies a payload and masks it on the way. Returns its size; 0 if it does not fit.
    @inline(__always)
    public static func copyMasked(
        _ payload: UnsafeRawBufferPointer, key: UInt32, into memory: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard memory.count >= payload.count else { return 0 }
        WebSocketFrameParser.unmask(from: payload, into: memory, key: key)
        return payload.count
    }
}
