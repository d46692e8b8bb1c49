import Testing

/// Calls `body` with a copy of `bytes` in memory of exactly their size, so that a sanitizer sees each step beyond it.
func withMemory<Result>(
    _ bytes: some Collection<UInt8>, _ body: (UnsafeMutableRawBufferPointer) throws -> Result
) rethrows -> Result {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: bytes)
    return try body(memory)
}

extension UnsafeMutableRawBufferPointer {
    /// Whether `slice` lies within this memory.
    func encloses(_ slice: UnsafeMutableRawBufferPointer) -> Bool {
        guard let start = baseAddress, let sliceStart = slice.baseAddress else { return slice.isEmpty }
        return sliceStart >= start && sliceStart + slice.count <= start + count
    }
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
