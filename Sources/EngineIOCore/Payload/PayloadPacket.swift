/// One decoded packet of a polling body or of a WebSocket message. The slices borrow the decoded memory.
public enum PayloadPacket {
    /// A packet with its data, the bytes after the type: valid UTF-8, often empty.
    case text(PacketType, UnsafeMutableRawBufferPointer)
    /// The bytes of a binary message.
    case binary(UnsafeMutableRawBufferPointer)
    /// Not a packet. Nothing after it can be trusted, so the session ends.
    case malformed

    /// Decodes a single packet in place: a digit and data, or `b` and base64. Revision 3 has the type between the two.
    ///
    /// - Parameter isKnownUTF8: true for a WebSocket text message, whose text was validated with the message.
    public init(
        decoding packet: UnsafeMutableRawBufferPointer, revision: ProtocolRevision = .four, isKnownUTF8: Bool = false
    ) {
        guard packet.count > 0 else {
            self = .malformed
            return
        }
        let data = UnsafeMutableRawBufferPointer(rebasing: packet[1...])
        if packet[0] == PayloadEncoder.binaryMarker {
            switch revision {
            case .four: self = .binary(Base64.decodeInPlace(data))
            case .three: self.init(type: data.first.flatMap { PacketType(digit: $0) }, decodingBase64: data)
            }
        } else if let type = PacketType(digit: packet[0]),
            isKnownUTF8 || UTF8Text.isValid(UnsafeRawBufferPointer(data))
        {
            self = .text(type, data)
        } else {
            self = .malformed
        }
    }

    /// Decodes a single packet of revision 3 in its binary form: a byte with the type, and data.
    public init(decodingTypedBytes packet: UnsafeMutableRawBufferPointer) {
        let type = packet.first.flatMap { PacketType(rawValue: $0) }
        self.init(type: type, bytes: UnsafeMutableRawBufferPointer(rebasing: packet.dropFirst()))
    }

    private init(type: PacketType?, decodingBase64 typed: UnsafeMutableRawBufferPointer) {
        self.init(
            type: type, bytes: Base64.decodeInPlace(UnsafeMutableRawBufferPointer(rebasing: typed.dropFirst())))
    }

    /// Only messages have a use for bytes.
    private init(type: PacketType?, bytes: UnsafeMutableRawBufferPointer) {
        switch type {
        case nil: self = .malformed
        case .message?: self = .binary(bytes)
        case let type?: self = .text(type, UnsafeMutableRawBufferPointer(rebasing: bytes[..<0]))
        }
    }
}
