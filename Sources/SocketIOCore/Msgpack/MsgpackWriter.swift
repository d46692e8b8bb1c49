/// Writes MessagePack values, each in the smallest form, as notepack does.
struct MsgpackWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    mutating func writeNull() {
        bytes.append(0xC0)
    }

    mutating func write(_ value: Bool) {
        bytes.append(value ? 0xC3 : 0xC2)
    }

    mutating func write(_ value: UInt64) {
        switch value {
        case ..<0x80: write(UInt8(truncatingIfNeeded: value), value, size: 0)
        case ..<0x100: write(0xCC, value, size: 1)
        case ..<0x1_0000: write(0xCD, value, size: 2)
        case ..<0x1_0000_0000: write(0xCE, value, size: 4)
        default: write(0xCF, value, size: 8)
        }
    }

    mutating func write(_ value: Int64) {
        let bits = UInt64(bitPattern: value)
        switch value {
        case 0...: write(bits)
        case (-0x20)...: write(UInt8(truncatingIfNeeded: bits), bits, size: 0)
        case (-0x80)...: write(0xD0, bits, size: 1)
        case (-0x8000)...: write(0xD1, bits, size: 2)
        case (-0x8000_0000)...: write(0xD2, bits, size: 4)
        default: write(0xD3, bits, size: 8)
        }
    }

    mutating func write(_ value: Double) {
        write(0xCB, value.bitPattern, size: 8)
    }

    /// Text in UTF-8.
    mutating func write(_ text: ByteView) {
        let size = UInt64(text.count)
        switch size {
        case ..<0x20: write(0xA0 | UInt8(truncatingIfNeeded: size), size, size: 0)
        case ..<0x100: write(0xD9, size, size: 1)
        case ..<0x1_0000: write(0xDA, size, size: 2)
        default: write(0xDB, size, size: 4)
        }
        bytes.append(contentsOf: text.buffer)
    }

    mutating func write(binary: ByteView) {
        let size = UInt64(binary.count)
        switch size {
        case ..<0x100: write(0xC4, size, size: 1)
        case ..<0x1_0000: write(0xC5, size, size: 2)
        default: write(0xC6, size, size: 4)
        }
        bytes.append(contentsOf: binary.buffer)
    }

    /// The elements follow.
    mutating func beginArray(_ count: Int) {
        let count = UInt64(clamping: count)
        switch count {
        case ..<0x10: write(0x90 | UInt8(truncatingIfNeeded: count), count, size: 0)
        case ..<0x1_0000: write(0xDC, count, size: 2)
        default: write(0xDD, count, size: 4)
        }
    }

    /// The pairs of a key and a value follow.
    mutating func beginMap(_ count: Int) {
        let count = UInt64(clamping: count)
        switch count {
        case ..<0x10: write(0x80 | UInt8(truncatingIfNeeded: count), count, size: 0)
        case ..<0x1_0000: write(0xDE, count, size: 2)
        default: write(0xDF, count, size: 4)
        }
    }

    /// A first byte, and a big-endian number of some bytes.
    private mutating func write(_ format: UInt8, _ value: UInt64, size: Int) {
        bytes.append(format)
        for place in (0..<size).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: value &>> (UInt64(place) &* 8)))
        }
    }
}
