/// Writes pieces into memory, one behind the other. What does not fit is left out.
struct MemoryWriter {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ memory: UnsafeMutableRawBufferPointer) {
        self.memory = memory
    }

    /// What is not written to yet.
    private var rest: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[count...]) }

    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        let size = min(bytes.count, memory.count &- count)
        guard let source = bytes.baseAddress, let start = memory.baseAddress else { return }
        (start + count).copyMemory(from: source, byteCount: size)
        count &+= size
    }

    mutating func write(byte: UInt8) {
        guard count < memory.count else { return }
        memory[count] = byte
        count &+= 1
    }

    mutating func write(_ text: StaticString) {
        write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    mutating func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { write($0) }
    }

    /// In decimal; not negative.
    mutating func write(_ number: Int) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = 20
        var left = UInt(bitPattern: number)
        repeat {
            start &-= 1
            digits[start] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: left % 10)
            left /= 10
        } while left > 0
        digits.span.withUnsafeBytes { write(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    /// What `body` puts into the memory it is given; it returns how much that is.
    mutating func write(_ body: (UnsafeMutableRawBufferPointer) -> Int) {
        count &+= min(max(0, body(rest)), memory.count &- count)
    }
}
