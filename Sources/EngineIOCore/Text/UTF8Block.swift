/// Sixteen bytes of a text, each looked at together with the three before it.
///
/// Whether a byte is in its place depends on no others: a continuation must stand where, and only where, one of the
/// three bytes before it asks for one, and few leads limit the byte behind them. So all sixteen are decided at once,
/// and blocks in any order. This is table 3-7 of the Unicode standard in another form.
struct UTF8Block {
    typealias Faults = SIMDMask<SIMD16<Int8>>
    static let size = 16
    static let noFaults = Faults(repeating: false)

    /// Signed, with the highest bit flipped: signed bytes are what processors compare, and so they keep their order.
    private typealias Ordered = SIMD16<Int8>
    private let bytes: Ordered
    private let oneBefore: Ordered
    private let twoBefore: Ordered
    private let threeBefore: Ordered

    /// The bytes from `offset` on. There are three before them at least, and sixteen of them.
    @inline(__always)
    init(_ text: UnsafeRawBufferPointer, at offset: Int) {
        bytes = Self.load(text, at: offset)
        oneBefore = Self.load(text, at: offset &- 1)
        twoBefore = Self.load(text, at: offset &- 2)
        threeBefore = Self.load(text, at: offset &- 3)
    }

    @inline(__always)
    var isASCII: Bool { !Self.any(bytes .>= Self.all(0x80)) }

    /// The bytes that are not in their place.
    @inline(__always)
    var faults: Faults {
        let isContinuation = (bytes .>= Self.all(0x80)) .& (bytes .< Self.all(0xC0))
        let isAskedFor =
            (oneBefore .>= Self.all(0xC0)) .| (twoBefore .>= Self.all(0xE0)) .| (threeBefore .>= Self.all(0xF0))
        // Leads of overlong forms of two bytes, and those that would lead beyond U+10FFFF.
        let isNoLead = (bytes .== Self.all(0xC0)) .| (bytes .== Self.all(0xC1)) .| (bytes .> Self.all(0xF4))
        // The second bytes of longer overlong forms, of surrogates, and of what is beyond U+10FFFF.
        let (isFromA0, isFrom90) = (bytes .>= Self.all(0xA0), bytes .>= Self.all(0x90))
        let isWrongSecond =
            ((oneBefore .== Self.all(0xE0)) .& .!isFromA0) .| ((oneBefore .== Self.all(0xED)) .& isFromA0)
            .| ((oneBefore .== Self.all(0xF0)) .& .!isFrom90) .| ((oneBefore .== Self.all(0xF4)) .& isFrom90)
        return (isContinuation .^ isAskedFor) .| isNoLead .| isWrongSecond
    }

    @inline(__always)
    static func any(_ faults: Faults) -> Bool {
        // SAFETY: a mask is as many bytes as its vector. (The standard library's `any` may become a call.)
        let words = unsafeBitCast(faults, to: SIMD2<UInt64>.self)
        return words[0] | words[1] != 0
    }

    @inline(__always)
    private static func load(_ text: UnsafeRawBufferPointer, at offset: Int) -> Ordered {
        let flipped = text.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self) ^ SIMD16(repeating: 0x80)
        return SIMD16(truncatingIfNeeded: flipped)
    }

    @inline(__always)
    private static func all(_ byte: UInt8) -> Ordered {
        Ordered(repeating: Int8(bitPattern: byte ^ 0x80))
    }
}
