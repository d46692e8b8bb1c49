/// What the walker remembers of an open array or object: its kind, and whether it is the placeholder of an attachment,
/// `{"_placeholder":true,"num":0}`.
struct JSONFrame: OptionSet {
    var rawValue: UInt8

    static let array: JSONFrame = []
    static let object = JSONFrame(rawValue: 1)
    /// The last member `_placeholder` is true.
    static let placeholder = JSONFrame(rawValue: 2)
    /// The last member `num` is the index of an attachment.
    static let index = JSONFrame(rawValue: 4)

    var closingByte: UInt8 {
        contains(.object) ? ASCII.closeBrace : ASCII.closeBracket
    }

    /// Takes note of a member that makes the object a placeholder. Of equal keys the last one counts, as in JavaScript.
    ///
    /// The value is only looked at: whether it is well-formed is found out when it is walked over.
    mutating func note(
        _ key: JSONLexer.StringToken,
        valueAt start: Int,
        in bytes: ByteView,
        attachments: Int
    ) {
        if key.isEqual(to: "_placeholder", in: bytes) {
            set(.placeholder, to: bytes.byte(at: start) == UInt8(ascii: "t"))
        } else if key.isEqual(to: "num", in: bytes) {
            set(.index, to: isIndex(at: start, in: bytes, below: attachments))
        }
    }

    private mutating func set(_ member: JSONFrame, to isSet: Bool) {
        if isSet {
            insert(member)
        } else {
            remove(member)
        }
    }

    /// Whether a plain decimal number below `limit` stands at `start`.
    ///
    /// `1.0`, `1e0` and `-0` are refused although JavaScript would take them: no encoder writes them, and other
    /// languages would not use them as an index.
    private func isIndex(at start: Int, in bytes: ByteView, below limit: Int) -> Bool {
        var offset = start
        var value = 0
        while ASCII.isDigit(bytes.byte(at: offset)) {
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(Int(bytes.byte(at: offset) &- ASCII.zero))
            guard !overflows, !carries, sum < limit else { return false }
            value = sum
            offset &+= 1
        }
        let next = bytes.byte(at: offset)
        return offset > start && next != ASCII.dot && next | 0x20 != UInt8(ascii: "e")
    }
}

extension JSONLexer.StringToken {
    func isEqual(to literal: StaticString, in bytes: ByteView) -> Bool {
        JSONString.withUnescaped(bytes.slice(start..<end), hasEscapes: hasEscapes, limit: literal.utf8CodeUnitCount) {
            $0.equals(literal)
        }
    }
}
