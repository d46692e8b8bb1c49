import Synchronization

/// The replies that the other side waits for: an acknowledgement handle points here until it is used or its socket is gone.
package struct ReplyTable {
    package struct Reply {
        package let socket: Handle
        package let acknowledgement: UInt64
        let counter: ReplyCounter
        /// The neighbours among the replies of the socket.
        fileprivate var previous: Key?
        fileprivate var next: Key?
    }

    package typealias Key = SlotTable<Reply>.Key

    /// What a socket has: a chain, so that its end costs as much as that, and each reply nothing but its place.
    private struct Chain {
        var first: Key?
        var count = 0
    }

    private var table: SlotTable<Reply>
    /// Of each socket that has had one, until its end.
    private var chains: [UInt64: Chain] = [:]

    package init(firstGeneration: UInt32 = 1) {
        table = SlotTable(firstGeneration: firstGeneration)
    }

    package var count: Int { table.count }

    /// Nil when the socket has `limit` already.
    package mutating func insert(
        _ acknowledgement: UInt64, of socket: Handle, counter: ReplyCounter, limit: Int
    ) -> Key? {
        let reply = Reply(socket: socket, acknowledgement: acknowledgement, counter: counter)
        let key = Self.insert(reply, into: &table, &chains[socket.rawValue, default: Chain()], limit)
        if key != nil { counter.count.wrappingAdd(1, ordering: .relaxed) }
        return key
    }

    private static func insert(
        _ reply: Reply, into table: inout SlotTable<Reply>, _ chain: inout Chain, _ limit: Int
    ) -> Key? {
        var reply = reply
        reply.next = chain.first
        guard chain.count < limit, let key = table.insert(reply) else { return nil }
        if let next = reply.next { table.update(next) { $0.previous = key } }
        chain.first = key
        chain.count &+= 1
        return key
    }

    /// Who owes a reply.
    package func socket(of key: Key) -> Handle? { table[key]?.socket }

    /// Takes a reply out, once.
    package mutating func take(_ key: Key) -> Reply? {
        guard let reply = table.remove(key) else { return nil }
        reply.counter.count.wrappingSubtract(1, ordering: .relaxed)
        if let previous = reply.previous { table.update(previous) { $0.next = reply.next } }
        if let next = reply.next { table.update(next) { $0.previous = reply.previous } }
        Self.remove(reply, from: &chains[reply.socket.rawValue, default: Chain()])
        return reply
    }

    private static func remove(_ reply: Reply, from chain: inout Chain) {
        if reply.previous == nil { chain.first = reply.next }
        chain.count &-= 1
    }

    package mutating func removeAll(of socket: Handle) {
        guard !chains.isEmpty else { return }
        var next = chains.removeValue(forKey: socket.rawValue)?.first
        while let key = next, let reply = table.remove(key) {
            reply.counter.count.wrappingSubtract(1, ordering: .relaxed)
            next = reply.next
        }
    }
}

/// How many replies are owed, for whoever asks.
package final class ReplyCounter: Sendable {
    fileprivate let count = Atomic<Int>(0)

    package init() {}

    package var value: Int { count.load(ordering: .relaxed) }
}
