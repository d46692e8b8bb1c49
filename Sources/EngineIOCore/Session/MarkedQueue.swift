/// The packets that wait for a client, when some of them need not stay: which of them goes first is known without
/// looking at the others.
///
/// In memory of its own, since nearly no session has one. It belongs to its ``OutboundQueue`` alone.
final class MarkedQueue<Packet: SessionPacket> {
    typealias Terms = MessageTerms<Packet.Ticket>

    /// Which line a message stands in to be dropped.
    private enum Rank {
        /// In none: it stays until it leaves. So does what is left of a message whose first packet has gone.
        case kept
        case volatile
        case plain
        case keyed
    }

    private struct Entry {
        var packets: ArraySlice<Packet>
        var rank: Rank
        var key: MessageKey?
        var ticket: Packet.Ticket?
    }

    /// In order. A number without an entry is of one that was dropped.
    private var entries = NumberedQueue<Entry>()
    private var gaps = 0
    // The numbers of those that may be dropped, each in one line. One that is to stay after all is passed over there.
    private var volatiles = NumberedQueue<Int>()
    private var plain = NumberedQueue<Int>()
    private var keyed = NumberedQueue<Int>()
    private var numbers: [MessageKey: Int] = [:]

    private(set) var packetCount = 0
    private(set) var byteCount = 0

    var isEmpty: Bool { packetCount == 0 }

    // MARK: In

    func append(_ message: ArraySlice<Packet>, _ terms: Terms = Terms()) {
        let rank: Rank =
            if terms.isVolatile {
                .volatile
            } else if terms.policy == .close {
                .kept
            } else {
                terms.key == nil ? .plain : .keyed
            }
        let key = terms.isVolatile ? nil : terms.key
        append(Entry(packets: message, rank: rank, key: key, ticket: terms.ticket))
    }

    private func append(_ entry: Entry) {
        guard !entry.packets.isEmpty else { return }
        let number = entries.nextNumber
        entries.append(entry)
        count(entry.packets, 1)
        switch entry.rank {
        case .kept: break
        case .volatile: volatiles.append(number)
        case .plain: plain.append(number)
        case .keyed: keyed.append(number)
        }
        if let key = entry.key { numbers[key] = number }
    }

    private func count(_ packets: ArraySlice<Packet>, _ sign: Int) {
        packetCount &+= sign &* packets.count
        for packet in packets { byteCount &+= sign &* packet.byteCount }
    }

    /// How much waits under a key; nil if nothing does.
    func size(of key: MessageKey) -> (packets: Int, bytes: Int)? {
        guard let number = numbers[key], let entry = entries[number] else { return nil }
        return (entry.packets.count, entry.packets.reduce(0) { $0 &+ $1.byteCount })
    }

    /// Puts a message into the place of the one that waits under its key. Returns that.
    func replace(_ key: MessageKey, by message: ArraySlice<Packet>, _ terms: Terms) -> Dropped<Packet.Ticket>? {
        guard let number = numbers[key], var entry = entries[number] else { return nil }
        let old = Dropped(reason: .coalesced, ticket: entry.ticket)
        count(entry.packets, -1)
        count(message, 1)
        entry.packets = message
        entry.ticket = terms.ticket
        if terms.policy == .close { entry.rank = .kept }
        entries[number] = entry
        return old
    }

    // MARK: Out

    /// The first packet. What is left of its message stays from now on.
    func takeFirst() -> Packet? {
        skipGaps()
        let number = entries.firstNumber
        guard var entry = entries.first, let packet = entry.packets.popFirst() else { return nil }
        packetCount &-= 1
        byteCount &-= packet.byteCount
        leaveLine(entry, number)
        if entry.packets.isEmpty {
            entries.popFirst()
        } else {
            entry.rank = .kept
            entry.key = nil
            entry.ticket = nil
            entries[number] = entry
        }
        return packet
    }

    /// What leaves the queue is the first of its line.
    private func leaveLine(_ entry: Entry, _ number: Int) {
        switch entry.rank {
        case .kept: break
        case .volatile: volatiles.popFirst()
        case .plain: plain.popFirst()
        case .keyed: if oldestKeyed == number { keyed.popFirst() }
        }
        if let key = entry.key, numbers[key] == number { numbers[key] = nil }
    }

    /// The first of those that have a key and may be dropped.
    private var oldestKeyed: Int? {
        while let number = keyed.first {
            if case .keyed? = entries[number]?.rank { return number }
            keyed.popFirst()
        }
        return nil
    }

    /// Drops the oldest volatile message; nil if there is none.
    func dropVolatile() -> Dropped<Packet.Ticket>? { drop(volatiles.first, .volatile) }

    /// Drops the oldest message that may be; nil if there is none. `keyedLast`: those without a key before all others.
    func dropOldest(keyedLast: Bool, _ reason: DropReason) -> Dropped<Packet.Ticket>? {
        guard let oldest = plain.first else { return drop(oldestKeyed, reason) }
        guard !keyedLast, let other = oldestKeyed else { return drop(oldest, reason) }
        return drop(min(oldest, other), reason)
    }

    private func drop(_ number: Int?, _ reason: DropReason) -> Dropped<Packet.Ticket>? {
        guard let number, let entry = entries[number] else { return nil }
        leaveLine(entry, number)
        count(entry.packets, -1)
        entries[number] = nil
        gaps &+= 1
        skipGaps()
        if gaps > 64, gaps > entries.count / 2 { closeGaps() }
        return Dropped(reason: reason, ticket: entry.ticket)
    }

    private func skipGaps() {
        while !entries.isEmpty, entries.first == nil {
            entries.popFirst()
            gaps &-= 1
        }
    }

    /// Numbers what is left anew, so that gaps behind something that stays do not become ever more.
    private func closeGaps() {
        let old = entries
        entries = NumberedQueue()
        (volatiles, plain, keyed) = (NumberedQueue(), NumberedQueue(), NumberedQueue())
        numbers = [:]
        (gaps, packetCount, byteCount) = (0, 0, 0)
        for number in old.firstNumber..<old.nextNumber {
            if let entry = old[number] { append(entry) }
        }
    }
}
