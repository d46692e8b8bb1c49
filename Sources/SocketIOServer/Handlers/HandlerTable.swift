import Glibc

/// What is called for an event.
public typealias EventHandler = @Sendable (borrowing SocketEvent) -> Void

/// The handlers of a namespace or a socket at one moment. Registering makes another table, so that the loops read
/// this one without a lock.
package final class HandlerTable: Sendable {
    private struct Entry: Sendable {
        let name: [UInt8]
        var handlers: [EventHandler]
    }

    /// Where a name leads to. It holds no reference, so that a look-up counts none.
    private struct Slot {
        static let free = Slot(hash: 0, name: 0..<0, entry: -1)

        let hash: UInt64
        /// Where the name stands in ``HandlerTable/names``.
        let name: Range<Int>
        let entry: Int
    }

    static let empty = HandlerTable(any: [], entries: [])

    /// The handlers of every event.
    package let any: [EventHandler]
    private let entries: [Entry]
    /// Open addressing over the names' hashes. The size is a power of two, and at most half of it is in use.
    private let slots: [Slot]
    /// The names of all entries, one after the other.
    private let names: [UInt8]

    private init(any: [EventHandler], entries: [Entry]) {
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
        self.names = names
    }

    var isEmpty: Bool { any.isEmpty && entries.isEmpty }

    func adding(any handler: @escaping EventHandler) -> HandlerTable {
        HandlerTable(any: any + [handler], entries: entries)
    }

    func adding(_ handler: @escaping EventHandler, to name: String) -> HandlerTable {
        let name = Array(name.utf8)
        var entries = entries
        if let position = entries.firstIndex(where: { $0.name == name }) {
            entries[position].handlers.append(handler)
        } else {
            entries.append(Entry(name: name, handlers: [handler]))
        }
        return HandlerTable(any: any, entries: entries)
    }

    func handlers(of name: UnsafeRawBufferPointer) -> [EventHandler] {
        entry(of: name).map { entries[$0].handlers } ?? []
    }

    // By index: an iterator would count a reference to the array for each event.

    /// Calls the handlers of every event.
    func callAny(_ event: borrowing SocketEvent) {
        for index in any.indices { any[index](event) }
    }

    /// Calls the handlers of a name; see ``entry(of:)``.
    func call(_ entry: Int?, _ event: borrowing SocketEvent) {
        guard let entry else { return }
        for index in entries[entry].handlers.indices { entries[entry].handlers[index](event) }
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
        return names.withUnsafeBytes { names in
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
