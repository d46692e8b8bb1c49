/// Memory that a connection's output gathers in until it is written. The owner has to deallocate it, or give it to a
/// pool.
///
/// Not a `ByteBuffer`: nothing shares it, so that appending costs a comparison and the copy, with no question whether
/// the memory is somebody else's too, and no reference is counted.
struct OutputMemory {
    private var memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(capacity: Int) {
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    func deallocate() {
        memory.deallocate()
    }

    var capacity: Int { memory.count }

    /// What was appended.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    /// What was appended, to be changed in place, with `slack` bytes behind it that may be written to.
    mutating func mutableBytes(slack: Int) -> UnsafeMutableRawBufferPointer {
        _ = room(for: slack)
        return UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
    }

    /// Room for `size` more bytes, to be written to before anything else is appended; see ``use(_:)``.
    @inline(__always)
    mutating func room(for size: Int) -> UnsafeMutableRawBufferPointer {
        if memory.count &- count < size { grow(by: size) }
        return UnsafeMutableRawBufferPointer(rebasing: memory[count..<(count &+ size)])
    }

    /// Appends the first `size` bytes of the room that was asked for.
    @inline(__always)
    mutating func use(_ size: Int) {
        count = min(max(count &+ size, count), memory.count)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        room(for: bytes.count).copyMemory(from: bytes)
        use(bytes.count)
    }

    mutating func removeLast(_ size: Int) {
        count = max(0, count &- size)
    }

    mutating func removeAll() {
        count = 0
    }

    private mutating func grow(by size: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(count &+ size, memory.count &* 2), alignment: 16)
        larger.copyMemory(from: bytes)
        memory.deallocate()
        memory = larger
    }
}

/// A loop's output memory, used again: a connection at rest has none.
final class OutputMemoryPool {
    /// Enough for what a slice of a broadcast leaves waiting; see ``EngineLoop/flushLater(_:)``.
    private static let count = 256
    private static let initialCapacity = 1024
    private static let keptCapacity = 128 * 1024
    private static let keptBytes = 1024 * 1024

    private var free: [OutputMemory] = []
    private var freeBytes = 0

    deinit { for memory in free { memory.deallocate() } }

    /// Empty memory with room for `size` bytes, if it has to be made.
    func take(_ size: Int) -> OutputMemory {
        guard let memory = free.popLast() else { return OutputMemory(capacity: max(size, Self.initialCapacity)) }
        freeBytes &-= memory.capacity
        return memory
    }

    /// Lends memory to `body`.
    func withMemory<Result>(_ size: Int, _ body: (inout OutputMemory) -> Result) -> Result {
        var memory = take(size)
        defer { giveBack(memory) }
        return body(&memory)
    }

    /// Takes memory back after it was written.
    func giveBack(_ memory: OutputMemory) {
        guard free.count < Self.count, memory.capacity <= Self.keptCapacity,
            freeBytes &+ memory.capacity <= Self.keptBytes
        else { return memory.deallocate() }
        var memory = memory
        memory.removeAll()
        freeBytes &+= memory.capacity
        free.append(memory)
    }
}
