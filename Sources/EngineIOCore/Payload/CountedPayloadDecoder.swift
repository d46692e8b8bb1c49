/// Splits a polling body of revision 3 into packets: each behind its length and a colon, `6:4hello1:2`.
///
/// The length counts UTF-16 code units, since it is what JavaScript calls the length of a string. As ``PayloadDecoder``
/// does, this decodes in place.
public struct CountedPayloadDecoder: IteratorProtocol {
    /// More digits than any length that fits a body.
    static var maximumDigits: Int { 10 }

    private enum Upcoming {
        case packet(Range<Int>)
        case malformed
        case end
    }

    private let body: UnsafeMutableRawBufferPointer
    /// Found before the packet in front of it is given out: whoever gets that may write to the byte behind it, which is
    /// the first digit of this one's length.
    private var upcoming: Upcoming

    public init(_ body: UnsafeMutableRawBufferPointer) {
        self.body = body
        upcoming = body.isEmpty ? .malformed : Self.packet(in: UnsafeRawBufferPointer(body), from: 0)
    }

    /// The next packet; nil at the end of the body and after a malformed packet.
    public mutating func next() -> PayloadPacket? {
        switch upcoming {
        case .end: return nil
        case .malformed:
            upcoming = .end
            return .malformed
        case .packet(let range):
            upcoming = Self.packet(in: UnsafeRawBufferPointer(body), from: range.upperBound)
            let packet = PayloadPacket(
                decoding: UnsafeMutableRawBufferPointer(rebasing: body[range]), revision: .three)
            if case .malformed = packet { upcoming = .end }
            return packet
        }
    }

    private static func packet(in body: UnsafeRawBufferPointer, from start: Int) -> Upcoming {
        var offset = start
        while offset < body.count {
            guard let (units, begin) = length(in: body, at: offset),
                let size = UTF16Length.bytes(of: units, in: UnsafeRawBufferPointer(rebasing: body[begin...]))
            else { return .malformed }
            if size > 0 { return .packet(begin..<(begin &+ size)) }
            // `0:` is how a list without packets is written.
            offset = begin
        }
        return .end
    }

    /// A length, and where what it measures begins.
    private static func length(in body: UnsafeRawBufferPointer, at start: Int) -> (units: Int, begin: Int)? {
        var units = 0
        var offset = start
        while offset < body.count, offset &- start < maximumDigits {
            let digit = body[offset] &- 0x30
            guard digit < 10 else { break }
            units = units &* 10 &+ Int(digit)
            offset &+= 1
        }
        guard offset > start, offset < body.count, body[offset] == UInt8(ascii: ":") else { return nil }
        return (units, offset &+ 1)
    }
}
