/// Splits a polling body of revision 3 into packets, each behind its length. As ``PayloadDecoder`` does, it decodes in
/// place.
///
/// In a text, `6:4hello1:2`, the length counts UTF-16 code units, since it is what JavaScript calls the length of a
/// string. Clients that can send bytes write it in bytes: behind a byte that tells text (0) from binary (1), as the
/// values of the decimal digits, with 0xFF behind them.
public struct MeasuredPayloadDecoder: IteratorProtocol {
    private enum Upcoming {
        case packet(Range<Int>, isText: Bool)
        case malformed
        case end
    }

    /// More digits than any length that fits a body.
    private static var maximumDigits: Int { 10 }

    private let body: UnsafeMutableRawBufferPointer
    private let isBinary: Bool
    /// Found before the packet in front of it is given out: whoever gets that may write to the byte behind it, which
    /// belongs to this one's length.
    private var upcoming = Upcoming.malformed

    /// - Parameter isBinary: whether the body is of the form that can hold bytes.
    public init(_ body: UnsafeMutableRawBufferPointer, isBinary: Bool) {
        self.body = body
        self.isBinary = isBinary
        if !body.isEmpty { upcoming = packet(at: 0) }
    }

    /// The next packet; nil at the end of the body and after a malformed packet.
    public mutating func next() -> PayloadPacket? {
        switch upcoming {
        case .end: return nil
        case .malformed:
            upcoming = .end
            return .malformed
        case .packet(let range, let isText):
            upcoming = packet(at: range.upperBound)
            let bytes = UnsafeMutableRawBufferPointer(rebasing: body[range])
            let packet =
                isText ? PayloadPacket(decoding: bytes, revision: .three) : PayloadPacket(decodingTypedBytes: bytes)
            if case .malformed = packet { upcoming = .end }
            return packet
        }
    }

    private func packet(at start: Int) -> Upcoming {
        let body = UnsafeRawBufferPointer(body)
        return isBinary ? Self.typedPacket(in: body, at: start) : Self.textPacket(in: body, at: start)
    }

    private static func textPacket(in body: UnsafeRawBufferPointer, at start: Int) -> Upcoming {
        var offset = start
        while offset < body.count {
            guard let (units, begin) = length(in: body, at: offset, zero: UInt8(ascii: "0"), end: UInt8(ascii: ":")),
                let size = UTF16Length.bytes(of: units, in: UnsafeRawBufferPointer(rebasing: body[begin...]))
            else { return .malformed }
            if size > 0 { return .packet(begin..<(begin &+ size), isText: true) }
            // `0:` is how a list without packets is written.
            offset = begin
        }
        return .end
    }

    private static func typedPacket(in body: UnsafeRawBufferPointer, at start: Int) -> Upcoming {
        guard start < body.count else { return .end }
        guard body[start] <= 1, let (size, begin) = length(in: body, at: start &+ 1, zero: 0, end: 0xFF),
            body.count &- begin >= size
        else { return .malformed }
        return .packet(begin..<(begin &+ size), isText: body[start] == 0)
    }

    /// A length, and where what it measures begins: behind digits that count from `zero`, and `end`.
    private static func length(
        in body: UnsafeRawBufferPointer, at start: Int, zero: UInt8, end: UInt8
    ) -> (length: Int, begin: Int)? {
        var length = 0
        var offset = start
        while offset < body.count, offset &- start < maximumDigits {
            let digit = body[offset] &- zero
            guard digit < 10 else { break }
            length = length &* 10 &+ Int(digit)
            offset &+= 1
        }
        guard offset > start, offset < body.count, body[offset] == end else { return nil }
        return (length, offset &+ 1)
    }
}
