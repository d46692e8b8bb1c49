/// What stands before the JSON of a packet. The ranges are offsets into its bytes.
public struct PacketHeader: Equatable, Sendable {
    public var type: PacketType
    /// How many binary messages follow; 0 unless the type is binary.
    public var attachmentCount: Int
    /// With the leading `/`, without the `,`. Empty is the root namespace, also when it was written out as `/`.
    public var namespace: Range<Int>
    /// The id that asks for an acknowledgement, or that is answered.
    public var acknowledgement: UInt64?
    /// The JSON text, without the whitespace around it; may be empty.
    public var payload: Range<Int>
}

extension PacketHeader {
    /// Reads `type [attachments "-"] [namespace ","] [id]`. What is left is the payload, not looked at yet.
    @inline(__always)
    init(reading bytes: ByteView, limits: PacketLimits) throws(PacketError) {
        var reader = PacketHeaderReader(bytes: bytes)
        type = try reader.type()
        attachmentCount = type.isBinary ? try reader.attachmentCount(limit: limits.attachments) : 0
        namespace = try reader.namespace()
        acknowledgement = try reader.acknowledgement()
        payload = reader.offset..<bytes.count
    }
}

/// Takes the fields of a header off the bytes, one after the other. No field reaches behind the end.
private struct PacketHeaderReader {
    let bytes: ByteView
    private(set) var offset = 0

    init(bytes: ByteView) {
        self.bytes = bytes
    }

    @inline(__always)
    mutating func type() throws(PacketError) -> PacketType {
        guard let type = PacketType(rawValue: bytes.byte(at: 0) &- ASCII.zero) else {
            throw PacketError(.unknownType, at: 0)
        }
        offset = 1
        return type
    }

    /// A decimal number without leading zeros, and `-`. Stricter than the reference, where `1e1-`, ` 1-` and `-` pass.
    mutating func attachmentCount(limit: Int) throws(PacketError) -> Int {
        let start = offset
        let longest = 10
        var count: UInt64 = 0
        while offset &- start < longest, ASCII.isDigit(bytes.byte(at: offset)) {
            count = count &* 10 &+ UInt64(bytes.byte(at: offset) &- ASCII.zero)
            offset &+= 1
        }
        let hasLeadingZero = offset &- start > 1 && bytes.byte(at: start) == ASCII.zero
        guard offset > start, !hasLeadingZero, bytes.byte(at: offset) == ASCII.minus else {
            throw PacketError(.illegalAttachments, at: start)
        }
        guard let result = Int(exactly: count), result <= limit else {
            throw PacketError(.tooManyAttachments, at: start)
        }
        offset &+= 1
        return result
    }

    /// Everything up to the `,`; some clients leave it out when nothing follows.
    @inline(__always)
    mutating func namespace() throws(PacketError) -> Range<Int> {
        let start = offset
        guard bytes.byte(at: start) == ASCII.slash else { return start..<start }
        let end = bytes.firstOffset(of: ASCII.comma, from: start)
        offset = min(end &+ 1, bytes.count)
        return end &- start > 1 ? start..<end : start..<start
    }

    @inline(__always)
    mutating func acknowledgement() throws(PacketError) -> UInt64? {
        let start = offset
        var id: UInt64 = 0
        while ASCII.isDigit(bytes.byte(at: offset)) {
            let (product, overflows) = id.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(UInt64(bytes.byte(at: offset) &- ASCII.zero))
            guard !overflows, !carries else { throw PacketError(.idTooLarge, at: start) }
            id = sum
            offset &+= 1
        }
        return offset > start ? id : nil
    }
}
