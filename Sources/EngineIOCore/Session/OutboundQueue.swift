/// How much may wait for a client.
public struct QueueLimit: Sendable {
    /// Bytes that may wait for this client.
    public var bytes: Int
    public var packets: Int
    /// Bytes that are left for it of what may wait for all clients together.
    public var serverBytes = Int.max

    public init(bytes: Int, packets: Int, serverBytes: Int = .max) {
        self.bytes = bytes
        self.packets = packets
        self.serverBytes = serverBytes
    }

    /// For what has been let in before.
    static let none = QueueLimit(bytes: .max, packets: .max)

    func holds(bytes: Int, packets: Int) -> Bool {
        bytes <= self.bytes && bytes <= serverBytes && packets <= self.packets
    }

    /// Whether it is the limit of the server that does not hold so much.
    func isOfServer(bytes: Int, packets: Int) -> Bool {
        bytes <= self.bytes && packets <= self.packets && bytes > serverBytes
    }
}

/// The packets that wait for a client: for a poll, for the end of an upgrade, or until it has read what was sent before.
///
/// A message of several packets is dropped whole or not at all; what is left of one whose first packet has gone is not
/// dropped.
struct OutboundQueue<Packet: SessionPacket> {
    typealias Terms = MessageTerms<Packet.Ticket>

    enum Addition {
        /// It waits. Others may have made room for it.
        case added([Dropped<Packet.Ticket>])
        /// It was dropped. Others may have been, too.
        case dropped(DropReason, others: [Dropped<Packet.Ticket>])
        /// There is no room for what must not be dropped.
        case overflow
    }

    /// As long as all that waits is to stay, it is here.
    private var plain: [Packet?] = []
    /// So many of ``plain`` have left, and are nil.
    private var plainHead = 0
    /// What waits, as soon as one of it need not stay.
    private var marked: MarkedQueue<Packet>?
    private var plainBytes = 0

    var isEmpty: Bool { plain.isEmpty && marked == nil }
    var byteCount: Int { marked?.byteCount ?? plainBytes }
    var packetCount: Int { marked?.packetCount ?? plain.count &- plainHead }

    // MARK: In

    /// Adds a packet that stays until it leaves.
    mutating func add(_ packet: Packet, limit: QueueLimit) -> Addition {
        guard marked == nil else { return add([packet], Terms(), limit: limit) }
        guard limit.holds(bytes: sum(plainBytes, packet.byteCount), packets: packetCount &+ 1) else {
            return .overflow
        }
        plainBytes &+= packet.byteCount
        plain.append(packet)
        return .added([])
    }

    mutating func add(_ message: ArraySlice<Packet>, _ terms: Terms, limit: QueueLimit) -> Addition {
        guard marked != nil || !terms.isKept else { return add(kept: message, limit: limit) }
        let queue = markedQueue()
        // Dropping may have left nothing.
        defer { if queue.isEmpty { marked = nil } }
        let size = message.byteCount
        // What has taken a place may be larger: then others make room for it. If these are not enough, the old message
        // stays rather than none.
        if let key = terms.key, !terms.isVolatile,
            let others = queue.amount(beside: key, kept: terms.policy != .dropNewest)
        {
            let (bytes, packets) = (sum(others.bytes, size), others.packets &+ message.count)
            guard limit.holds(bytes: bytes, packets: packets) else {
                guard terms.policy != .close else { return .overflow }
                return .dropped(limit.isOfServer(bytes: bytes, packets: packets) ? .server : .newest, others: [])
            }
            var dropped = queue.replace(key, by: message, terms.ticket).map { [$0] } ?? []
            guard makeRoom(in: queue, 0, 0, terms, limit, &dropped) else { return .overflow }
            queue.release(key, terms)
            return .added(dropped)
        }
        var dropped: [Dropped<Packet.Ticket>] = []
        let (bytes, packets) = (sum(queue.byteCount, size), queue.packetCount &+ message.count)
        let reason: DropReason =
            if terms.isVolatile {
                .volatile
            } else {
                limit.isOfServer(bytes: bytes, packets: packets) ? .server : .newest
            }
        guard makeRoom(in: queue, size, message.count, terms, limit, &dropped) else {
            return terms.policy == .close && !terms.isVolatile ? .overflow : .dropped(reason, others: dropped)
        }
        queue.append(message, terms)
        return .added(dropped)
    }

    private mutating func add(kept message: ArraySlice<Packet>, limit: QueueLimit) -> Addition {
        for packet in message {
            guard case .added = add(packet, limit: limit) else { return .overflow }
        }
        return .added([])
    }

    /// Drops what may be until so much fits; false if it does not.
    private func makeRoom(
        in queue: MarkedQueue<Packet>, _ bytes: Int, _ packets: Int, _ terms: Terms, _ limit: QueueLimit,
        _ dropped: inout [Dropped<Packet.Ticket>]
    ) -> Bool {
        // What does not fit beside what stays drops nobody.
        guard limit.holds(bytes: sum(queue.keptByteCount, bytes), packets: queue.keptPacketCount &+ packets) else {
            return false
        }
        while true {
            let (bytes, packets) = (sum(queue.byteCount, bytes), queue.packetCount &+ packets)
            if limit.holds(bytes: bytes, packets: packets) { return true }
            guard !terms.isVolatile else { return false }
            if let volatile = queue.dropVolatile() {
                dropped.append(volatile)
                continue
            }
            guard terms.policy != .dropNewest else { return false }
            let reason: DropReason = limit.isOfServer(bytes: bytes, packets: packets) ? .server : .oldest
            guard let oldest = queue.dropOldest(keyedLast: terms.policy == .coalesce, reason) else { return false }
            dropped.append(oldest)
        }
    }

    private mutating func markedQueue() -> MarkedQueue<Packet> {
        if let marked { return marked }
        let queue = MarkedQueue<Packet>()
        for packet in plain[plainHead...] { if let packet { queue.append([packet]) } }
        forgetPlain()
        marked = queue
        return queue
    }

    // MARK: Out

    /// The oldest packet.
    mutating func takeFirst() -> Packet? {
        if let marked {
            let packet = marked.takeFirst()
            if marked.isEmpty { self.marked = nil }
            return packet
        }
        guard plainHead < plain.count, let packet = plain[plainHead] else { return nil }
        plain[plainHead] = nil
        plainHead &+= 1
        plainBytes &-= packet.byteCount
        if plainHead == plain.count {
            // The next of a client that keeps up, over polling, needs no more memory than this one.
            plain.removeAll(keepingCapacity: plain.capacity <= 4)
            plainHead = 0
        } else if plainHead > 64, plainHead > plain.count / 2 {
            // Moving the rest costs no more than adding it did.
            plain.removeFirst(plainHead)
            plainHead = 0
        }
        return packet
    }

    /// Up to `limit` packets, oldest first.
    mutating func take(_ limit: Int) -> [Packet] {
        var first: [Packet] = []
        first.reserveCapacity(min(max(0, limit), packetCount))
        while first.count < limit, let packet = takeFirst() { first.append(packet) }
        return first
    }

    private mutating func forgetPlain() {
        plain = []
        plainHead = 0
        plainBytes = 0
    }
}

extension Collection where Element: SessionPacket {
    /// The bytes of the packets together.
    var byteCount: Int { reduce(0) { sum($0, $1.byteCount) } }
}

private func sum(_ left: Int, _ right: Int) -> Int {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
}
