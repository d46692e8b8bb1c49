import Testing

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
    guard capacity >= 0 else {
        Issue.record("A size of \(capacity).")
        return ""
    }
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 1)
    defer { output.deallocate() }
    let count = body(output)
    return String(decoding: output.slice(upTo: min(count, capacity)), as: UTF8.self)
}

extension Collection where Index == Int {
    /// What lies at a range that is the work of what is tested; nothing, and an issue, if there is no such range here.
    func slice(
        from start: Int? = nil, upTo end: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) -> SubSequence {
        let (start, end) = (start ?? startIndex, end ?? endIndex)
        guard startIndex <= start, start <= end, end <= endIndex else {
            Issue.record(
                "There is no \(start)..<\(end) in \(startIndex)..<\(endIndex).", sourceLocation: sourceLocation)
            return self[startIndex..<startIndex]
        }
        return self[start..<end]
    }

    func slice(_ range: Range<Int>, sourceLocation: SourceLocation = #_sourceLocation) -> SubSequence {
        slice(from: range.lowerBound, upTo: range.upperBound, sourceLocation: sourceLocation)
    }
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
