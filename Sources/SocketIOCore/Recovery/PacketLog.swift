/// The packets of a namespace that a client may have missed, in the order in which they were sent, as long as they are
/// young enough and have room.
///
/// Each has an offset, which goes to the clients with it: a text that no other log gives out.
public struct PacketLog<Packet> {
    private struct Entry {
        let time: Int64
        let size: Int
        let rooms: [String]
        let except: [String]
        let packet: Packet
    }

    /// What the offsets begin with.
    private let tag: String
    private let duration: Int64
    private let capacity: Int
    /// The oldest is at ``start``; what lies before it is gone.
    private var entries: [Entry?] = []
    private var start = 0
    /// The number of the entry at ``start``.
    private var firstNumber: UInt64 = 1
    /// Bytes of all packets.
    public private(set) var size = 0

    /// `tag` has to be another one for each log. Packets are kept for `duration` milliseconds, as far as `capacity`
    /// bytes hold them.
    public init(tag: String, duration: Int64, capacity: Int) {
        self.tag = tag
        self.duration = duration
        self.capacity = capacity
    }

    public var count: Int { entries.count &- start }

    /// The number of the packet that was added last.
    public var lastNumber: UInt64 { firstNumber &+ UInt64(truncatingIfNeeded: count) &- 1 }

    /// The offset of the packet that is added next.
    public var nextOffset: String { tag + String(lastNumber &+ 1, radix: 36) }

    /// Adds a packet that was sent to the members of `rooms` (none: to all) less those of `except`. It has
    /// ``nextOffset``.
    public mutating func append(_ packet: Packet, size: Int, rooms: [String], except: [String], now: Int64) {
        entries.append(Entry(time: now, size: size, rooms: rooms, except: except, packet: packet))
        self.size &+= size
        purge(now: now)
    }

    /// Drops what is too old or has no room.
    public mutating func purge(now: Int64) {
        dropOldest { $0.size > $0.capacity || $1.time &+ $0.duration < now }
    }

    /// Drops the oldest beyond so many bytes.
    public mutating func shrink(to size: Int) {
        dropOldest { log, _ in log.size > size }
    }

    private mutating func dropOldest(while isTooMuch: (Self, Entry) -> Bool) {
        while start < entries.count, let oldest = entries[start], isTooMuch(self, oldest) {
            size &-= oldest.size
            entries[start] = nil
            start &+= 1
            firstNumber &+= 1
        }
        // Moving the rest costs no more than adding it did.
        if start > 64, start > entries.count / 2 {
            entries.removeFirst(start)
            start = 0
        }
    }

    /// The number of an offset; nil for one that this log did not give out.
    public func number(of offset: String) -> UInt64? {
        guard offset.hasPrefix(tag), let number = UInt64(offset.dropFirst(tag.count), radix: 36),
            number > 0, number <= lastNumber
        else { return nil }
        return number
    }

    /// Whether all packets behind a number are there still.
    public func hasAll(after number: UInt64) -> Bool { number >= firstNumber &- 1 && number <= lastNumber }

    /// The packets behind a number that went to one of `rooms`, in which a client was; nil if some of them may be gone.
    public func missed(after number: UInt64, rooms: Set<String>) -> [Packet]? {
        guard hasAll(after: number), let skipped = Int(exactly: number &- (firstNumber &- 1)) else { return nil }
        return entries[(start &+ skipped)...].compactMap { entry in
            guard let entry else { return nil }
            let isTarget = entry.rooms.isEmpty || entry.rooms.contains { rooms.contains($0) }
            return isTarget && !entry.except.contains { rooms.contains($0) } ? entry.packet : nil
        }
    }
}
