/// The packets that wait for a client, when some of them need not stay: which of them goes first is known without
/// looking at the others.
///
/// In memory of its own, since nearly no session has one. It belongs to its ``OutboundQueue`` alone.
final class MarkedQueue<Packet: SessionPacket> {
    typealias Terms = MessageTerms<Packet.Ticket>

    /// Which line a message stands in to be dropped.
    private enum Rank {
        /// In none: it stays until it leaves.
        case kept
        case volatile
        case plain
        case keyed
    }

    private struct Entry {
        var packets: ArraySlice<Packet>
        var rank: Rank
        /// Whether its number is in the line of those that have a key; it may be, though it is to stay.
        var isInLine = false
        var key: MessageKey?
        var ticket: Packet.Ticket?
    }

    /// In order. A number without an entry is of one that was dropped.
    private var entries = NumberedQueue<Entry>()
    private var gaps = 0
    /// What is left of a message whose first packet has gone: it is before the others, and stays.
    private var begun = NumberedQueue<Packet>()
    // The numbers of those that may be dropped, each in one line. One that is to stay after all is passed over there.
    private var volatiles = NumberedQueue<Int>()
    private var plain = NumberedQueue<Int>()
    private var keyed = NumberedQueue<Int>()
    private var numbers: [MessageKey: Int] = [:]

    private(set) var packetCount = 0
    private(set) var byteCount = 0
    /// Those of them that are not dropped, whatever comes.
    private(set) var keptPacketCount = 0
    private(set) var keptByteCount = 0

    var isEmpty: Bool { packetCount == 0 }

    // MARK: In

    func append(_ message: ArraySlice<Packet>, _ terms: Terms = Terms()) {
        let key = terms.isVolatile ? nil : terms.key
        append(Entry(packets: message, rank: rank(terms), key: key, ticket: terms.ticket))
    }

    private func rank(_ terms: Terms) -> Rank {
        if terms.isVolatile { return .volatile }
        if terms.policy == .close { return .kept }
        return terms.key == nil ? .plain : .keyed
    }

    private func append(_ new: Entry) {
        guard !new.packets.isEmpty else { return }
        count(new, 1)
        line(up: new)
    }

    private func line(up new: Entry) {
        var entry = new
        if case .keyed = entry.rank { entry.isInLine = true } else { entry.isInLine = false }
        let number = entries.nextNumber
        entries.append(entry)
        switch entry.rank {
        case .kept: break
        case .volatile: volatiles.append(number)
        case .plain: plain.append(number)
        case .keyed: keyed.append(number)
        }
        if let key = entry.key { numbers[key] = number }
    }

    private func count(_ entry: Entry, _ sign: Int) {
        let bytes = sign &* entry.packets.reduce(0) { $0 &+ $1.byteCount }
        let packets = sign &* entry.packets.count
        packetCount &+= packets
        byteCount &+= bytes
        guard case .kept = entry.rank else { return }
        keptPacketCount &+= packets
        keptByteCount &+= bytes
    }

    /// How much waits beside the message under a key, or `kept`: how much of that is not dropped, whatever comes. Nil if
    /// nothing has the key.
    func amount(beside key: MessageKey, kept: Bool) -> (bytes: Int, packets: Int)? {
        guard let number = numbers[key], let entry = entries[number] else { return nil }
        let bytes = entry.packets.reduce(0) { $0 &+ $1.byteCount }
        guard kept else { return (byteCount &- bytes, packetCount &- entry.packets.count) }
        guard case .kept = entry.rank else { return (keptByteCount, keptPacketCount) }
        return (keptByteCount &- bytes, keptPacketCount &- entry.packets.count)
    }

    /// Puts a message into the place of the one that waits under its key. Returns that. The new one stays until
    /// ``release(_:_:)``: it does not make room for itself.
    func replace(_ key: MessageKey, by message: ArraySlice<Packet>, _ ticket: Packet.Ticket?) -> Dropped<Packet.Ticket>?
    {
        change(key) { entry in
            let old = Dropped(reason: .coalesced, ticket: entry.ticket)
            entry.packets = message
            entry.ticket = ticket
            entry.rank = .kept
            return old
        }
    }

    /// What has taken a place may be dropped from now on, if its terms allow it.
    func release(_ key: MessageKey, _ terms: Terms) {
        guard let number = numbers[key] else { return }
        let joins = change(key) { entry in
            entry.rank = rank(terms)
            guard case .keyed = entry.rank, !entry.isInLine else { return false }
            entry.isInLine = true
            return true
        }
        if joins == true { keyed.insert(number) { $0 < number } }
    }

    private func change<Result>(_ key: MessageKey, _ change: (inout Entry) -> Result) -> Result? {
        guard let number = numbers[key], var entry = entries[number] else { return nil }
        count(entry, -1)
        let result = change(&entry)
        count(entry, 1)
        entries[number] = entry
        return result
    }

    // MARK: Out

    /// The first packet.
    func takeFirst() -> Packet? {
        if let packet = begun.popFirst() {
            packetCount &-= 1
            byteCount &-= packet.byteCount
            keptPacketCount &-= 1
            keptByteCount &-= packet.byteCount
            return packet
        }
        skipGaps()
        let number = entries.firstNumber
        guard var entry = entries.first else { return nil }
        count(entry, -1)
        leaveLine(entry, number)
        entries.popFirst()
        let packet = entry.packets.popFirst()
        entry.rank = .kept
        count(entry, 1)
        for packet in entry.packets { begun.append(packet) }
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
            entries[number]?.isInLine = false
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
        count(entry, -1)
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
        gaps = 0
        for number in old.firstNumber..<old.nextNumber {
            if let entry = old[number] { line(up: entry) }
        }
    }
}
