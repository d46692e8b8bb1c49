/// Splits a polling body of revision 4 into packets: joined by U+001E, binary messages as `b` and base64.
///
/// Decodes in place (base64 over itself), so `body` must outlive the packets and may be decoded only once.
public struct PayloadDecoder: IteratorProtocol {
    /// What is not decoded yet; nil at the end. Empty is not the end: an empty body, and the nothing after a trailing
    /// separator, each count as a packet, a malformed one.
    private var rest: UnsafeMutableRawBufferPointer?

    public init(_ body: UnsafeMutableRawBufferPointer) {
        rest = body
    }

    /// The next packet; nil at the end of the body and after a malformed packet.
    public mutating func next() -> PayloadPacket? {
        guard let body = rest else { return nil }
        let packet: PayloadPacket
        if let end = ByteSearch.firstOffset(of: PayloadEncoder.separator, in: UnsafeRawBufferPointer(body)) {
            rest = UnsafeMutableRawBufferPointer(rebasing: body[(end + 1)...])
            packet = PayloadPacket(decoding: UnsafeMutableRawBufferPointer(rebasing: body[..<end]))
        } else {
            rest = nil
            packet = PayloadPacket(decoding: body)
        }
        if case .malformed = packet {
            rest = nil
        }
        return packet
    }
}
