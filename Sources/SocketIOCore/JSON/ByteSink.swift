/// Where encoded bytes go.
///
/// What is written is described once, for a `ByteCounter` and a `ByteWriter` alike: a size and the bytes that follow it
/// cannot disagree.
protocol ByteSink {
    mutating func write(_ byte: UInt8)
    mutating func write(_ bytes: ByteView)
}

extension ByteSink {
    mutating func write(_ literal: StaticString) {
        literal.withUTF8Buffer { write(ByteView(UnsafeRawBufferPointer($0))) }
    }

    mutating func write(decimal value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 {
            divisor &*= 10
        }
        while divisor > 0 {
            write(ASCII.zero &+ UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }

    /// Writes a character in UTF-8.
    mutating func write(scalar: UInt32) {
        let low = 0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F)
        let middle = 0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F)
        let high = 0x80 | UInt8(truncatingIfNeeded: scalar >> 12 & 0x3F)
        switch scalar {
        case 0..<0x80:
            write(UInt8(truncatingIfNeeded: scalar))
        case 0x80..<0x800:
            write(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
            write(low)
        case 0x800..<0x10000:
            write(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
            write(middle)
            write(low)
        default:
            write(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18 & 0x07))
            write(high)
            write(middle)
            write(low)
        }
    }
}

/// Counts the bytes that a `ByteWriter` would write.
struct ByteCounter: ByteSink {
    private(set) var count = 0

    mutating func write(_ byte: UInt8) {
        count &+= 1
    }

    mutating func write(_ bytes: ByteView) {
        count &+= bytes.count
    }
}

/// Writes into memory of a fixed size, and never behind its end.
struct ByteWriter: ByteSink {
    private let output: UnsafeMutableRawBufferPointer
    private var position = 0
    private var fits = true

    init(_ output: UnsafeMutableRawBufferPointer) {
        self.output = output
    }

    /// How many bytes were written; 0 when they did not all fit.
    var count: Int {
        fits ? position : 0
    }

    mutating func write(_ byte: UInt8) {
        guard position < output.count else {
            fits = false
            return
        }
        output[position] = byte
        position &+= 1
    }

    mutating func write(_ bytes: ByteView) {
        guard bytes.count <= output.count &- position else {
            fits = false
            return
        }
        guard let start = output.baseAddress, let source = bytes.buffer.baseAddress else { return }
        (start + position).copyMemory(from: source, byteCount: bytes.count)
        position &+= bytes.count
    }
}
