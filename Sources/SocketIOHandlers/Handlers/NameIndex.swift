import Glibc

/// Finds the position of a name by its bytes. It holds no reference for each name, so that a look-up counts none.
struct NameIndex: Sendable {
    /// Where a name leads to.
    private struct Slot {
        static let free = Slot(hash: 0, name: 0..<0, position: -1)

        let hash: UInt64
        /// Where the name stands in ``NameIndex/nameBytes``.
        let name: Range<Int>
        let position: Int
    }

    /// Open addressing over the names' hashes. The size is a power of two, and at most half of it is in use.
    private let slots: [Slot]
    /// The names, one after the other.
    private let nameBytes: [UInt8]

    init(_ allNames: [[UInt8]]) {
        guard !allNames.isEmpty else {
            slots = []
            nameBytes = []
            return
        }
        var size = 2
        while size < allNames.count &* 2 { size &*= 2 }
        var slots = [Slot](repeating: .free, count: size)
        var bytes: [UInt8] = []
        for (position, name) in allNames.enumerated() {
            let hash = name.withUnsafeBytes(Self.hash)
            var slot = Int(truncatingIfNeeded: hash) & (size &- 1)
            while slots[slot].position >= 0 { slot = (slot &+ 1) & (size &- 1) }
            let start = bytes.count
            bytes += name
            slots[slot] = Slot(hash: hash, name: start..<bytes.count, position: position)
        }
        self.slots = slots
        nameBytes = bytes
    }

    func position(of name: UnsafeRawBufferPointer) -> Int? {
        guard !slots.isEmpty else { return nil }
        let hash = Self.hash(name)
        return slots.withUnsafeBufferPointer { slots in
            var index = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
            while slots[index].position >= 0 {
                let slot = slots[index]
                if slot.hash == hash, isName(slot.name, name) { return slot.position }
                index = (index &+ 1) & (slots.count &- 1)
            }
            return nil
        }
    }

    private func isName(_ range: Range<Int>, _ name: UnsafeRawBufferPointer) -> Bool {
        guard range.count == name.count else { return false }
        guard let base = name.baseAddress else { return true }
        return nameBytes.withUnsafeBytes { names in
            guard let start = names.baseAddress else { return true }
            return memcmp(start + range.lowerBound, base, name.count) == 0
        }
    }

    /// FNV-1a. The names are the application's own; the other side can only miss.
    private static func hash(_ name: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash
    }
}
