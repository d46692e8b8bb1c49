import CSocketIO
import Glibc

/// One piece of memory for a result that the caller releases with `sio_free`: a part of fixed size, then text.
struct OwnedMemory {
    let start: UnsafeMutableRawPointer
    private var next: UnsafeMutableRawPointer

    /// `fixed` bytes in front, `variable` behind.
    init(fixed: Int, variable: Int) throws(Failure) {
        guard let memory = calloc(1, fixed &+ variable &+ 1) else {
            throw Failure(SIO_E_MEMORY, "The system has no memory left.")
        }
        start = memory
        next = memory + fixed
    }

    /// Copies text behind what is there, with a NUL.
    mutating func add(_ text: String) -> sio_text {
        var text = text
        return text.withUTF8 { bytes in
            let place = next
            if let source = bytes.baseAddress { place.copyMemory(from: source, byteCount: bytes.count) }
            (place + bytes.count).storeBytes(of: 0, as: UInt8.self)
            next = place + bytes.count + 1
            return sio_text(data: UnsafePointer(place.assumingMemoryBound(to: CChar.self)), length: bytes.count)
        }
    }

    /// Copies bytes behind what is there.
    mutating func add(_ bytes: [UInt8]) -> sio_bytes {
        guard !bytes.isEmpty else { return sio_bytes() }
        let place = next
        bytes.withUnsafeBytes { if let source = $0.baseAddress { place.copyMemory(from: source, byteCount: $0.count) } }
        next = place + bytes.count
        return sio_bytes(data: UnsafeRawPointer(place), length: bytes.count)
    }

    /// What `texts` need.
    static func size(of texts: some Sequence<String>) -> Int {
        texts.reduce(0) { $0 &+ $1.utf8.count &+ 1 }
    }
}
