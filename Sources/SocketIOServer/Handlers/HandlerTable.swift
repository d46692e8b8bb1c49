import Glibc

/// What is called for an event.
public typealias EventHandler = @Sendable (borrowing SocketEvent) -> Void

/// The handlers of a namespace or a socket at one moment. Registering makes another table, so that the loops read
/// this one without a lock.
package final class HandlerTable: Sendable {
    private struct Entry: Sendable {
        let name: [UInt8]
        var list = HandlerList<EventHandler>()
    }

    /// Where a name leads to. It holds no reference, so that a look-up counts none.
    private struct Slot {
        static let free = Slot(hash: 0, name: 0..<0, entry: -1)

        let hash: UInt64
        /// Where the name stands in ``HandlerTable/nameBytes``.
        let name: Range<Int>
        let entry: Int
    }

    static let empty = HandlerTable(any: HandlerList(), entries: [])

    /// The handlers of every event.
    package let any: HandlerList<EventHandler>
    private let entries: [Entry]
    /// Open addressing over the names' hashes. The size is a power of two, and at most half of it is in use.
    private let slots: [Slot]
    /// The names of all entries, one after the other.
    private let nameBytes: [UInt8]

    private init(any: HandlerList<EventHandler>, entries: [Entry]) {
        self.any = any
        self.entries = entries
        var size = 4
        while size < entries.count &* 2 { size &*= 2 }
        var slots = [Slot](repeating: .free, count: size)
        var names: [UInt8] = []
        for (position, entry) in entries.enumerated() {
            let hash = entry.name.withUnsafeBytes(Self.hash)
            var slot = Int(truncatingIfNeeded: hash) & (size &- 1)
            while slots[slot].entry >= 0 { slot = (slot &+ 1) & (size &- 1) }
            let start = names.count
            names += entry.name
            slots[slot] = Slot(hash: hash, name: start..<names.count, entry: position)
        }
        self.slots = slots
        nameBytes = names
    }

    var isEmpty: Bool { any.isEmpty && entries.isEmpty }

    /// The names that have handlers, in the order of their first registration.
    var names: [String] { entries.map { String(decoding: $0.name, as: UTF8.self) } }

    func adding(any handler: @escaping EventHandler, _ registration: Registration, first: Bool = false) -> HandlerTable
    {
        var any = any
        any.add(handler, registration, first: first)
        return HandlerTable(any: any, entries: entries)
    }

    func adding(
        _ handler: @escaping EventHandler, to name: String, _ registration: Registration, first: Bool = false
    ) -> HandlerTable {
        let name = Array(name.utf8)
        var entries = entries
        let position = entries.firstIndex { $0.name == name } ?? entries.count
        if position == entries.count { entries.append(Entry(name: name)) }
        entries[position].list.add(handler, registration, first: first)
        return HandlerTable(any: any, entries: entries)
    }

    /// Without the handler of every event that was registered last of those that fit; nil if there is none.
    func removing(any fits: (Registration) -> Bool) -> HandlerTable? {
        var any = any
        return any.remove(fits) == nil ? nil : HandlerTable(any: any, entries: entries)
    }

    /// Without the handler that was registered last of those that fit, of one name or of any; nil if there is none.
    func removing(from name: String? = nil, _ fits: (Registration) -> Bool) -> HandlerTable? {
        let name = name.map { Array($0.utf8) }
        var entries = entries
        for position in entries.indices where name == nil || entries[position].name == name {
            guard entries[position].list.remove(fits) != nil else { continue }
            if entries[position].list.isEmpty { entries.remove(at: position) }
            return HandlerTable(any: any, entries: entries)
        }
        return nil
    }

    func removingAll(of name: String) -> HandlerTable {
        let name = Array(name.utf8)
        return HandlerTable(any: any, entries: entries.filter { $0.name != name })
    }

    func removingAny() -> HandlerTable { HandlerTable(any: HandlerList(), entries: entries) }

    /// With the handlers of another table before these.
    func behind(_ other: HandlerTable) -> HandlerTable {
        var any = other.any
        any.append(self.any)
        var merged = other.entries
        for entry in entries {
            let position = merged.firstIndex { $0.name == entry.name } ?? merged.count
            if position == merged.count { merged.append(Entry(name: entry.name)) }
            merged[position].list.append(entry.list)
        }
        return HandlerTable(any: any, entries: merged)
    }

    func count(of name: String) -> Int {
        let name = Array(name.utf8)
        return entries.first { $0.name == name }?.list.count ?? 0
    }

    // By index: an iterator would count a reference to the array for each event.

    /// Calls the handlers of every event.
    func callAny(_ event: borrowing SocketEvent) {
        for index in any.handlers.indices { any.handlers[index](event) }
    }

    /// Calls the handlers of a name; see ``entry(of:)``.
    func call(_ entry: Int?, _ event: borrowing SocketEvent) {
        guard let entry else { return }
        for index in entries[entry].list.handlers.indices { entries[entry].list.handlers[index](event) }
    }

    /// Where the handlers of a name stand; nil if it has none.
    func entry(of name: UnsafeRawBufferPointer) -> Int? {
        guard !entries.isEmpty else { return nil }
        let hash = Self.hash(name)
        return slots.withUnsafeBufferPointer { slots in
            var index = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
            while slots[index].entry >= 0 {
                let slot = slots[index]
                if slot.hash == hash, isName(slot.name, name) { return slot.entry }
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

    /// FNV-1a. The names are the application's own; a client can only miss.
    private static func hash(_ name: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash
    }
}
