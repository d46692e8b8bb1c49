/// What is called for an event.
public typealias EventHandler = @Sendable (borrowing SocketEvent) -> Void

/// The handlers of a namespace or a socket at one moment. Registering makes another table, so that the loops read
/// this one without a lock.
package final class HandlerTable: Sendable {
    private struct Entry: Sendable {
        let name: [UInt8]
        let hash: UInt64
        var handlers: [EventHandler]
    }

    static let empty = HandlerTable(any: [], entries: [])

    package let any: [EventHandler]
    private let entries: [Entry]
    /// Open addressing over the names' hashes: positions in `entries`, or -1. Its size is a power of two.
    private let positions: [Int32]

    private init(any: [EventHandler], entries: [Entry]) {
        self.any = any
        self.entries = entries
        var size = 4
        while size < entries.count &* 2 { size &*= 2 }
        var positions = [Int32](repeating: -1, count: size)
        for (position, entry) in entries.enumerated() {
            var slot = Int(truncatingIfNeeded: entry.hash) & (size &- 1)
            while positions[slot] >= 0 { slot = (slot &+ 1) & (size &- 1) }
            positions[slot] = Int32(truncatingIfNeeded: position)
        }
        self.positions = positions
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
            entries.append(Entry(name: name, hash: name.withUnsafeBytes(Self.hash), handlers: [handler]))
        }
        return HandlerTable(any: any, entries: entries)
    }

    func handlers(of name: UnsafeRawBufferPointer) -> [EventHandler] {
        guard !entries.isEmpty else { return [] }
        let hash = Self.hash(name)
        var slot = Int(truncatingIfNeeded: hash) & (positions.count &- 1)
        while positions[slot] >= 0 {
            let position = Int(positions[slot])
            if entries[position].hash == hash, entries[position].name.elementsEqual(name) {
                return entries[position].handlers
            }
            slot = (slot &+ 1) & (positions.count &- 1)
        }
        return []
    }

    /// FNV-1a. The names are the application's own; a client can only miss.
    private static func hash(_ name: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash
    }
}
