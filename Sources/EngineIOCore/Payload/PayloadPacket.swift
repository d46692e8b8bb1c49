/// One decoded packet of a polling body, or of a WebSocket text message. The slices borrow the decoded memory.
public enum PayloadPacket {
    /// A packet with its data, the bytes after the digit: valid UTF-8, often empty.
    case text(PacketType, UnsafeMutableRawBufferPointer)
    /// The bytes of a binary message.
    case binary(UnsafeMutableRawBufferPointer)
    /// Not a packet. Nothing after it can be trusted, so the session ends.
    case malformed

    /// Decodes a single packet in place: a digit and data, or `b` and base64.
    ///
    /// - Parameter isKnownUTF8: true for a WebSocket text message, whose text was validated with the message.
    public init(decoding packet: UnsafeMutableRawBufferPointer, isKnownUTF8: Bool = false) {
        guard packet.count > 0 else {
            self = .malformed
            return
        }
        let data = UnsafeMutableRawBufferPointer(rebasing: packet[1...])
        if packet[0] == PayloadEncoder.binaryMarker {
            self = .binary(Base64.decodeInPlace(data))
        } else if let type = PacketType(digit: packet[0]),
            isKnownUTF8 || UTF8Text.isValid(UnsafeRawBufferPointer(data))
        {
            self = .text(type, data)
        } else {
            self = .malformed
        }
    }
}
