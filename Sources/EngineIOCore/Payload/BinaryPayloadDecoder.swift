/// Splits a polling body of revision 3 in its binary form into packets. Clients send it that can send bytes.
///
/// Each packet stands behind a byte that tells text (0) from binary (1), its length in bytes, written as the values of
/// the decimal digits, and 0xFF. As ``PayloadDecoder`` does, this decodes in place.
public struct BinaryPayloadDecoder: IteratorProtocol {
    private enum Upcoming {
        case packet(Range<Int>, isText: Bool)
        case malformed
        case end
    }

    private let body: UnsafeMutableRawBufferPointer
    /// Found before the packet in front of it is given out: whoever gets that may write to the byte behind it.
    private var upcoming: Upcoming

    public init(_ body: UnsafeMutableRawBufferPointer) {
        self.body = body
        upcoming = body.isEmpty ? .malformed : Self.packet(in: UnsafeRawBufferPointer(body), at: 0)
    }

    /// The next packet; nil at the end of the body and after a malformed packet.
    public mutating func next() -> PayloadPacket? {
        switch upcoming {
        case .end: return nil
        case .malformed:
            upcoming = .end
            return .malformed
        case .packet(let range, let isText):
            upcoming = Self.packet(in: UnsafeRawBufferPointer(body), at: range.upperBound)
            let bytes = UnsafeMutableRawBufferPointer(rebasing: body[range])
            let packet =
                isText ? PayloadPacket(decoding: bytes, revision: .three) : PayloadPacket(decodingTypedBytes: bytes)
            if case .malformed = packet { upcoming = .end }
            return packet
        }
    }

    private static func packet(in body: UnsafeRawBufferPointer, at start: Int) -> Upcoming {
        guard start < body.count else { return .end }
        guard body[start] <= 1 else { return .malformed }
        var length = 0
        var offset = start &+ 1
        while offset < body.count, body[offset] < 10, offset &- start <= CountedPayloadDecoder.maximumDigits {
            length = length &* 10 &+ Int(body[offset])
            offset &+= 1
        }
        guard offset > start &+ 1, offset < body.count, body[offset] == 0xFF else { return .malformed }
        offset &+= 1
        guard body.count &- offset >= length else { return .malformed }
        return .packet(offset..<(offset &+ length), isText: body[start] == 0)
    }
}
