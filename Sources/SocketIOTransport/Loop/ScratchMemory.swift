/// A loop's memory for the message that is being delivered, used again for the next.
///
/// Messages are unmasked into it, so that they can be changed in place while they are delivered. It is lent to one
/// user at a time; a user inside the first one's callback gets memory of its own.
package final class ScratchMemory {
    /// Writable bytes behind what was asked for: room for a NUL.
    package static let slack = 16
    private static let keptSize = 256 * 1024

    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var isLent = false

    deinit { memory.deallocate() }

    /// Lends `size` bytes, and ``slack`` more that may be written to but are not counted.
    package func withBytes<Result>(_ size: Int, _ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        guard !isLent else {
            let own = UnsafeMutableRawBufferPointer.allocate(byteCount: size &+ Self.slack, alignment: 16)
            defer { own.deallocate() }
            return body(UnsafeMutableRawBufferPointer(rebasing: own[..<size]))
        }
        if memory.count < size &+ Self.slack {
            memory.deallocate()
            memory = .allocate(byteCount: max(size &+ Self.slack, 4096), alignment: 16)
        }
        isLent = true
        defer {
            isLent = false
            if memory.count > Self.keptSize {
                memory.deallocate()
                memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
            }
        }
        return body(UnsafeMutableRawBufferPointer(rebasing: memory[..<size]))
    }

    /// Lends a copy of `bytes`.
    package func withCopy<Result>(
        of bytes: UnsafeRawBufferPointer, _ body: (UnsafeMutableRawBufferPointer) -> Result
    ) -> Result {
        withBytes(bytes.count) { copy in
            copy.copyMemory(from: bytes)
            return body(copy)
        }
    }
}
