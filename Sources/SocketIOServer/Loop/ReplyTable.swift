import Synchronization

/// The replies that clients wait for: an acknowledgement handle points here until it is used or its socket is gone.
package struct ReplyTable {
    package struct Reply {
        package let socket: Handle
        package let acknowledgement: UInt64
        let counters: Counters
    }

    package typealias Key = SlotTable<Reply>.Key

    private var table: SlotTable<Reply>
    /// What each socket has, so that its end costs as much as that.
    private var keys: [UInt64: [UInt32: UInt32]] = [:]

    package init(firstGeneration: UInt32 = 1) {
        table = SlotTable(firstGeneration: firstGeneration)
    }

    package var count: Int { table.count }

    /// Nil when the socket has `limit` already.
    mutating func insert(_ acknowledgement: UInt64, of socket: Handle, counters: Counters, limit: Int) -> Key? {
        guard keys[socket.rawValue]?.count ?? 0 < limit,
            let key = table.insert(Reply(socket: socket, acknowledgement: acknowledgement, counters: counters))
        else { return nil }
        counters.pendingReplies.wrappingAdd(1, ordering: .relaxed)
        keys[socket.rawValue, default: [:]][key.slot] = key.generation
        return key
    }

    /// Takes a reply out, once.
    package mutating func take(_ key: Key) -> Reply? {
        guard let reply = table.remove(key) else { return nil }
        reply.counters.pendingReplies.wrappingSubtract(1, ordering: .relaxed)
        keys[reply.socket.rawValue]?[key.slot] = nil
        if keys[reply.socket.rawValue]?.isEmpty == true { keys[reply.socket.rawValue] = nil }
        return reply
    }

    package mutating func removeAll(of socket: Handle) {
        for (slot, generation) in keys.removeValue(forKey: socket.rawValue) ?? [:] {
            let reply = table.remove(Key(slot: slot, generation: generation))
            reply?.counters.pendingReplies.wrappingSubtract(1, ordering: .relaxed)
        }
    }
}
