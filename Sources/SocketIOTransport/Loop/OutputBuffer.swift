/// Memory that a connection's output gathers in until it is written.
///
/// Not a `ByteBuffer`: nothing shares it, so that appending costs a comparison and the copy, with no question whether
/// the memory is somebody else's too.
package final class OutputBuffer {
    private(set) var memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(capacity: Int) {
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { memory.deallocate() }

    var capacity: Int { memory.count }

    /// What was appended.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    /// Appends what `write` puts into memory of `size` bytes; it returns how many it has used.
    @inline(__always)
    func append(_ size: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) {
        if memory.count &- count < size { grow(by: size) }
        let used = write(UnsafeMutableRawBufferPointer(rebasing: memory[count..<(count &+ size)]))
        count &+= min(max(used, 0), size)
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        append(bytes.count) { memory in
            memory.copyMemory(from: bytes)
            return bytes.count
        }
    }

    func removeAll() {
        count = 0
    }

    private func grow(by size: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(count &+ size, memory.count &* 2), alignment: 16)
        larger.copyMemory(from: bytes)
        memory.deallocate()
        memory = larger
    }
}

/// A loop's output buffers, used again: a connection at rest has none.
package final class OutputBufferPool {
    /// Enough for what a slice of a broadcast leaves waiting; see ``EngineLoop/flushLater(_:)``.
    private static let count = 256
    private static let initialCapacity = 1024
    private static let keptCapacity = 128 * 1024
    private static let keptBytes = 1024 * 1024

    private var free: [OutputBuffer] = []
    private var freeBytes = 0

    /// An empty buffer.
    func take(_ size: Int) -> OutputBuffer {
        guard let buffer = free.popLast() else { return OutputBuffer(capacity: max(size, Self.initialCapacity)) }
        freeBytes &-= buffer.capacity
        return buffer
    }

    /// Takes a buffer back after it was written.
    func giveBack(_ buffer: OutputBuffer) {
        guard free.count < Self.count, buffer.capacity <= Self.keptCapacity,
            freeBytes &+ buffer.capacity <= Self.keptBytes
        else { return }
        buffer.removeAll()
        freeBytes &+= buffer.capacity
        free.append(buffer)
    }
}
