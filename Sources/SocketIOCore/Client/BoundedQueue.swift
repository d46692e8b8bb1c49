/// What to do with an event for which there is no room. As EngineIOCore's `QueuePolicy`, which this core does not know
/// (decision 1); a client's options have the one, and `init(_:)` there makes the other of it.
public enum BufferPolicy: Sendable {
    /// It is not taken.
    case dropNewest
    /// Those that wait longest make room for it.
    case dropOldest
    /// The same, but first those without a key: of the others each is the latest of its key.
    case coalesce
    /// All are dropped, and the socket is disconnected.
    case close
}

/// Events that wait until they can be sent, in order. The most of them, and of their bytes, is given.
///
/// A client's, for the time without a connection: of events, by the ids of their replies, none volatile. EngineIOCore's
/// `MarkedQueue` is a server's, behind a connection that is slow: of packets, in three lines by what may be dropped first,
/// with the start of a message gone already.
public struct BoundedQueue<Packet> {
    public struct Entry {
        public let packet: Packet
        public let size: Int
        /// The id of the reply that it asks for.
        public let acknowledgement: UInt64?
        /// A newer event with the same key takes its place; empty: none does.
        public let key: [UInt8]

        public init(packet: Packet, size: Int, acknowledgement: UInt64?, key: [UInt8] = []) {
            self.packet = packet
            self.size = size
            self.acknowledgement = acknowledgement
            self.key = key
        }
    }

    public struct Limits: Equatable, Sendable {
        public var packets: Int
        public var bytes: Int

        public init(packets: Int, bytes: Int) {
            self.packets = packets
            self.bytes = bytes
        }
    }

    public enum Addition {
        case added
        /// These are out, since there was no room, or since a newer one of their key came. The new one may be among them.
        case dropped([Entry])
        /// There was no room: all are out, and the socket is to be disconnected.
        case overflow([Entry])
    }

    private let limits: Limits
    private let policy: BufferPolicy
    /// Those that wait, from ``start`` on; nil is what was taken out.
    private var entries: [Entry?] = []
    private var start = 0
    /// The number of the entry at index 0. Numbers stay when entries move.
    private var firstNumber = 0
    private var keys: [[UInt8]: Int] = [:]
    public private(set) var count = 0
    public private(set) var bytes = 0

    public init(_ limits: Limits, _ policy: BufferPolicy) {
        self.limits = limits
        self.policy = policy
    }

    public var isEmpty: Bool { count == 0 }

    /// Adds an event; `policy`: if it has one of its own.
    public mutating func append(_ entry: Entry, policy: BufferPolicy? = nil) -> Addition {
        if let number = keys[entry.key] { return replace(at: number &- firstNumber, by: entry) }
        guard !hasRoom(for: entry) else {
            add(entry)
            return .added
        }
        switch policy ?? self.policy {
        case .dropNewest: return .dropped([entry])
        case .dropOldest, .coalesce:
            var dropped: [Entry] = []
            if case .coalesce = policy ?? self.policy { dropped = makeRoom(for: entry) { $0.key.isEmpty } }
            dropped += makeRoom(for: entry) { _ in true }
            if hasRoom(for: entry) { add(entry) } else { dropped.append(entry) }
            return .dropped(dropped)
        case .close: return .overflow(removeAll() + [entry])
        }
    }

    private func hasRoom(for entry: Entry) -> Bool {
        count < limits.packets && entry.size <= limits.bytes &- bytes
    }

    private mutating func add(_ entry: Entry) {
        if !entry.key.isEmpty { keys[entry.key] = firstNumber &+ entries.count }
        entries.append(entry)
        count &+= 1
        bytes &+= entry.size
    }

    /// The newer one has the place of the older; if it is too large for it, there is neither.
    private mutating func replace(at index: Int, by entry: Entry) -> Addition {
        guard let old = take(at: index) else { return .dropped([entry]) }
        guard hasRoom(for: entry) else {
            trim()
            return .dropped([old, entry])
        }
        entries[index] = entry
        keys[entry.key] = firstNumber &+ index
        count &+= 1
        bytes &+= entry.size
        return .dropped([old])
    }

    /// Takes the oldest out that may go, until there is room.
    private mutating func makeRoom(for entry: Entry, _ mayGo: (Entry) -> Bool) -> [Entry] {
        guard limits.packets > 0, entry.size <= limits.bytes else { return [] }
        var dropped: [Entry] = []
        var index = start
        while !hasRoom(for: entry), index < entries.count {
            if let old = entries[index], mayGo(old), let taken = take(at: index) { dropped.append(taken) }
            index &+= 1
        }
        trim()
        return dropped
    }

    private mutating func take(at index: Int) -> Entry? {
        guard index >= start, index < entries.count, let entry = entries[index] else { return nil }
        entries[index] = nil
        count &-= 1
        bytes &-= entry.size
        if !entry.key.isEmpty { keys[entry.key] = nil }
        return entry
    }

    public mutating func popFirst() -> Entry? {
        let first = take(at: start)
        trim()
        return first
    }

    /// The entry at ``start`` is there whenever one is.
    public var first: Entry? { start < entries.count ? entries[start] : nil }

    /// Takes out the one that asks for this reply.
    public mutating func remove(acknowledgement: UInt64) -> Entry? {
        // Those that have waited longest time out first: it stands near the front.
        var index = start
        while index < entries.count {
            if entries[index]?.acknowledgement == acknowledgement {
                let entry = take(at: index)
                trim()
                return entry
            }
            index &+= 1
        }
        return nil
    }

    public mutating func removeAll() -> [Entry] {
        let all = entries[start...].compactMap { $0 }
        entries = []
        start = 0
        keys = [:]
        count = 0
        bytes = 0
        return all
    }

    private mutating func trim() {
        while start < entries.count, entries[start] == nil { start &+= 1 }
        if start == entries.count {
            firstNumber &+= start
            entries.removeAll(keepingCapacity: entries.capacity <= 64)
            start = 0
        } else if start > 64, start > entries.count / 2 {
            // Moving the rest costs no more than adding it did.
            entries.removeFirst(start)
            firstNumber &+= start
            start = 0
        }
    }
}
