/// Calls `body` with the bytes in memory of exactly their size, so that a sanitizer sees a read behind the end.
func withBytes<R, E: Error>(
    _ bytes: some Sequence<UInt8>,
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
) throws(E) -> R {
    let bytes = Array(bytes)
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    return try body(UnsafeRawBufferPointer(copy))
}

func withBytes<R, E: Error>(
    _ text: String,
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
) throws(E) -> R {
    try withBytes(text.utf8, body)
}

/// What `body` writes into `capacity` bytes, as text.
func written(capacity: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) -> String {
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 1)
    defer { output.deallocate() }
    let count = body(output)
    return String(decoding: output[..<min(count, capacity)], as: UTF8.self)
}

/// A small generator with a fixed seed (SplitMix64): a failing case fails again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
