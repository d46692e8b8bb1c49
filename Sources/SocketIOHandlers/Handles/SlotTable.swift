/// Values found by number, where a number that was given out is never valid for another value: each slot counts its
/// uses. It is what handles point into.
public struct SlotTable<Value> {
    /// 28 bits of slot and 24 of generation fit a handle beside its kind and its loop.
    public struct Key: Equatable, Sendable {
        public let slot: UInt32
        public let generation: UInt32

        public init(slot: UInt32, generation: UInt32) {
            self.slot = slot
            self.generation = generation
        }
    }

    private static var maximum: Int { 1 << 28 }
    private static var generationMask: UInt32 { 1 << 24 - 1 }

    private struct Entry {
        var generation: UInt32
        var value: Value?
        var nextFree: Int32 = -1
    }

    private var entries: [Entry] = []
    // First in, first out, so that a slot rests as long as possible before it is used again.
    private var firstFree: Int32 = -1
    private var lastFree: Int32 = -1

    private let firstGeneration: UInt32

    public private(set) var count = 0

    /// `firstGeneration` keeps the keys of a table apart from those of another that stood in its place.
    public init(firstGeneration: UInt32 = 1) {
        self.firstGeneration = max(1, firstGeneration & Self.generationMask)
    }

    /// Nil when the table is full.
    public mutating func insert(_ value: Value) -> Key? {
        let slot: Int
        if firstFree >= 0 {
            slot = Int(firstFree)
            firstFree = entries[slot].nextFree
            if firstFree < 0 { lastFree = -1 }
            entries[slot].value = value
        } else {
            guard entries.count < Self.maximum else { return nil }
            slot = entries.count
            entries.append(Entry(generation: firstGeneration, value: value))
        }
        count &+= 1
        return Key(slot: UInt32(truncatingIfNeeded: slot), generation: entries[slot].generation)
    }

    public subscript(key: Key) -> Value? {
        let slot = Int(key.slot)
        guard slot < entries.count, entries[slot].generation == key.generation else { return nil }
        return entries[slot].value
    }

    /// Changes a value where it lies.
    public mutating func update(_ key: Key, _ change: (inout Value) -> Void) {
        let slot = Int(key.slot)
        guard slot < entries.count, entries[slot].generation == key.generation, var value = entries[slot].value
        else { return }
        change(&value)
        entries[slot].value = value
    }

    @discardableResult
    public mutating func remove(_ key: Key) -> Value? {
        guard let value = self[key] else { return nil }
        let slot = Int(key.slot)
        let next = (key.generation &+ 1) & Self.generationMask
        entries[slot] = Entry(generation: next == 0 ? 1 : next, value: nil)
        if lastFree >= 0 { entries[Int(lastFree)].nextFree = Int32(truncatingIfNeeded: slot) }
        lastFree = Int32(truncatingIfNeeded: slot)
        if firstFree < 0 { firstFree = lastFree }
        count &-= 1
        return value
    }
}
