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
