/// Bytes at an address that stays. A program's measurements need them as long as it runs.
struct Bytes {
    let memory: UnsafeMutableRawBufferPointer

    init(_ bytes: some Collection<UInt8>) {
        memory = .allocate(byteCount: bytes.count, alignment: 64)
        memory.copyBytes(from: bytes)
    }

    init(_ text: String) {
        self.init(Array(text.utf8))
    }

    var count: Int { memory.count }
    var raw: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }
}
