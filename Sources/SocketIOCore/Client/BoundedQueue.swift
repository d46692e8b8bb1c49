/// What to do with an event for which there is no room.
public enum OverflowPolicy: Sendable {
    /// It is not taken.
    case dropNewest
    /// Those that wait longest make room for it.
    case dropOldest
    /// All are dropped, and the socket is disconnected.
    case close
}

/// Events that wait until they can be sent, in order. The most of them, and of their bytes, is given.
public struct BoundedQueue<Packet> {
    public struct Entry {
        public let packet: Packet
        public let size: Int
        /// The id of the reply that it asks for.
        public let acknowledgement: UInt64?

        public init(packet: Packet, size: Int, acknowledgement: UInt64?) {
            self.packet = packet
            self.size = size
            self.acknowledgement = acknowledgement
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
        /// There was no room: these are out, the new one among them or not.
        case dropped([Entry])
        /// There was no room: all are out, and the socket is to be disconnected.
        case overflow([Entry])
    }

    private let limits: Limits
    private let policy: OverflowPolicy
    /// From ``start`` on; what lies before it is gone.
    private var entries: [Entry?] = []
    private var start = 0
    public private(set) var bytes = 0

    public init(_ limits: Limits, _ policy: OverflowPolicy) {
        self.limits = limits
        self.policy = policy
    }

    public var count: Int { entries.count &- start }
    public var isEmpty: Bool { count == 0 }

    public mutating func append(_ entry: Entry) -> Addition {
        guard !hasRoom(for: entry) else {
            add(entry)
            return .added
        }
        switch policy {
        case .dropNewest: return .dropped([entry])
        case .dropOldest:
            var dropped: [Entry] = []
            while !hasRoom(for: entry), let oldest = popFirst() { dropped.append(oldest) }
            if hasRoom(for: entry) { add(entry) } else { dropped.append(entry) }
            return .dropped(dropped)
        case .close: return .overflow(removeAll() + [entry])
        }
    }

    private func hasRoom(for entry: Entry) -> Bool {
        count < limits.packets && entry.size <= limits.bytes &- bytes
    }

    private mutating func add(_ entry: Entry) {
        entries.append(entry)
        bytes &+= entry.size
    }

    public mutating func popFirst() -> Entry? {
        guard start < entries.count, let first = entries[start] else { return nil }
        entries[start] = nil
        start &+= 1
        bytes &-= first.size
        trim()
        return first
    }

    public var first: Entry? { start < entries.count ? entries[start] : nil }

    /// Takes out the one that asks for this reply.
    public mutating func remove(acknowledgement: UInt64) -> Entry? {
        // Those that have waited longest time out first: it stands near the front.
        var index = start
        while index < entries.count {
            if let entry = entries[index], entry.acknowledgement == acknowledgement {
                entries.remove(at: index)
                bytes &-= entry.size
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
        bytes = 0
        return all
    }

    private mutating func trim() {
        if start == entries.count {
            entries.removeAll(keepingCapacity: entries.capacity <= 64)
            start = 0
        } else if start > 64, start > entries.count / 2 {
            // Moving the rest costs no more than adding it did.
            entries.removeFirst(start)
            start = 0
        }
    }
}
