/// What the bytes received so far hold.
public enum WebSocketFrameParse: Sendable {
    /// Less than a header.
    case incomplete
    /// A whole header. The payload follows it, and may not have arrived yet.
    case frame(WebSocketFrameHeader)
    /// The peer broke a rule that can be seen in the header alone; the connection fails with this code.
    case violation(WebSocketCloseCode, reason: StaticString)
}

/// Reads frame headers and removes masks (RFC 6455, section 5). Keeps no state: the rules between frames belong to
/// ``WebSocketMessageAssembler``.
public enum WebSocketFrameParser {
    /// No header is longer: two bytes, a 64-bit length, a masking key.
    public static let maximumHeaderSize = 14

    /// Reads the header at the start of `bytes`.
    ///
    /// A payload that is too big is refused by its declared length, so that no one makes room for it first. Lengths
    /// that are not in their shortest form are accepted, as the reference server does.
    ///
    /// - Parameters:
    ///   - masked: whether frames must be masked: true at a server, false at a client. The other is a violation.
    ///   - maxPayload: the largest payload of a data frame. Control frames have a limit of their own.
    ///   - allowsCompression: whether permessage-deflate was negotiated, which gives RSV1 its meaning.
    @inline(__always)
    public static func parse(
        _ bytes: UnsafeRawBufferPointer, masked: Bool, maxPayload: Int, allowsCompression: Bool = false
    ) -> WebSocketFrameParse {
        guard bytes.count >= 2 else { return .incomplete }
        let reserved = bytes[0] & 0x70
        guard let opcode = WebSocketOpcode(rawValue: bytes[0] & 0x0F) else {
            return .violation(.protocolError, reason: "the opcode is reserved")
        }
        if reserved != 0 {
            guard reserved == 0x40 && allowsCompression else {
                return .violation(.protocolError, reason: "a reserved bit is set that no extension has given a meaning")
            }
            guard opcode == .text || opcode == .binary else {
                return .violation(.protocolError, reason: "a frame is marked as compressed that begins no message")
            }
        }
        guard (bytes[1] & 0x80 != 0) == masked else {
            return .violation(
                .protocolError,
                reason: masked ? "a client's frame is not masked" : "a server's frame is masked")
        }
        let fin = bytes[0] & 0x80 != 0
        let shortLength = bytes[1] & 0x7F
        if opcode.isControl {
            guard fin else {
                return .violation(.protocolError, reason: "a control frame is fragmented")
            }
            guard shortLength <= 125 else {
                return .violation(.protocolError, reason: "a control frame is longer than 125 bytes")
            }
        }

        let lengthSize = shortLength < 126 ? 0 : shortLength == 126 ? 2 : 8
        guard bytes.count >= 2 + lengthSize else { return .incomplete }
        let declared: UInt64 =
            switch lengthSize {
            case 0: UInt64(shortLength)
            case 2: UInt64(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            default: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
            }
        guard declared >> 63 == 0 else {
            return .violation(.protocolError, reason: "the most significant bit of a length is set")
        }
        guard opcode.isControl || declared <= maxPayload, let length = Int(exactly: declared),
            length <= Int.max - maximumHeaderSize
        else {
            return .violation(.tooBig, reason: "a frame is larger than the limit")
        }

        let headerSize = 2 + lengthSize + (masked ? 4 : 0)
        guard bytes.count >= headerSize else { return .incomplete }
        let maskKey = masked ? bytes.loadUnaligned(fromByteOffset: headerSize - 4, as: UInt32.self) : 0
        return .frame(
            WebSocketFrameHeader(
                fin: fin, opcode: opcode, isCompressed: reserved != 0, length: length, maskKey: maskKey,
                headerSize: headerSize))
    }

    /// Copies `source` to `destination` without its mask, up to the end of the shorter one.
    ///
    /// Both may be the same memory, and `destination` may overlap `source` if it starts before it.
    ///
    /// - Parameters:
    ///   - key: the key of the header, as it stands in memory.
    ///   - phase: the position of the first byte in its payload, for a payload that is unmasked in parts.
    /// - Returns: whether all bytes turned out to be ASCII, which is known at hardly any cost, and spares most texts
    ///   another pass.
    @discardableResult
    public static func unmask(
        from source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer, key: UInt32,
        phase: Int = 0
    ) -> Bool {
        let count = min(source.count, destination.count)
        let shift = UInt32(truncatingIfNeeded: phase & 3) &* 8
        // In little-endian order the key's first byte is the lowest one, so that a shift to the right passes it.
        let inOrder = UInt32(littleEndian: key)
        let rotated = inOrder &>> shift | (shift == 0 ? 0 : inOrder &<< (32 &- shift))
        let wide = UInt64(rotated) << 32 | UInt64(rotated)
        let mask = wide.littleEndian
        let wideMask = SIMD4<UInt64>(repeating: mask)

        // Each loop has made sure that what it reads and writes ends before `count`.
        var offset = 0
        var union = SIMD4<UInt64>.zero
        while count - offset >= 32 {
            let block = source.loadUnaligned(fromByteOffset: offset, as: SIMD4<UInt64>.self) ^ wideMask
            destination.storeBytes(of: block, toByteOffset: offset, as: SIMD4<UInt64>.self)
            union |= block
            offset += 32
        }
        var rest: UInt64 = 0
        while count - offset >= 8 {
            let word = source.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ mask
            destination.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
            rest |= word
            offset += 8
        }
        var tail = wide
        while offset < count {
            let byte = source[offset] ^ UInt8(truncatingIfNeeded: tail)
            destination[offset] = byte
            rest |= UInt64(byte)
            tail >>= 8
            offset += 1
        }
        rest |= union[0] | union[1] | union[2] | union[3]
        return rest & 0x8080_8080_8080_8080 == 0
    }
}
