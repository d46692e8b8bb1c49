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

    fileprivate func holds(bytes: Int, packets: Int) -> Bool {
        bytes <= self.bytes && bytes <= serverBytes && packets <= self.packets
    }

    /// Whether it is the limit of the server that does not hold so much.
    fileprivate func isOfServer(bytes: Int, packets: Int) -> Bool {
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
    private var plain: [Packet] = []
    /// So many of ``plain`` have left.
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
        let queue = markedQueue()
        // Dropping may have left nothing.
        defer { if queue.isEmpty { marked = nil } }
        let size = message.reduce(0) { sum($0, $1.byteCount) }
        if let key = terms.key, let old = queue.size(of: key), !terms.isVolatile {
            let bytes = sum(queue.byteCount &- old.bytes, size)
            let packets = queue.packetCount &- old.packets &+ message.count
            guard terms.policy != .dropNewest || limit.holds(bytes: bytes, packets: packets) else {
                return .dropped(limit.isOfServer(bytes: bytes, packets: packets) ? .server : .newest, others: [])
            }
            var dropped = queue.replace(key, by: message, terms).map { [$0] } ?? []
            // What has taken its place may be larger.
            guard makeRoom(in: queue, 0, 0, terms, limit, &dropped) else { return .overflow }
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

    /// Drops what may be until so much fits; false if it does not.
    private func makeRoom(
        in queue: MarkedQueue<Packet>, _ bytes: Int, _ packets: Int, _ terms: Terms, _ limit: QueueLimit,
        _ dropped: inout [Dropped<Packet.Ticket>]
    ) -> Bool {
        // What does not fit into an empty queue drops nobody.
        guard limit.holds(bytes: bytes, packets: packets) else { return false }
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

    private func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }

    private mutating func markedQueue() -> MarkedQueue<Packet> {
        if let marked { return marked }
        let queue = MarkedQueue<Packet>()
        for packet in plain[plainHead...] { queue.append([packet]) }
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
        guard plainHead < plain.count else { return nil }
        let packet = plain[plainHead]
        plainBytes &-= packet.byteCount
        leavePlain(1)
        return packet
    }

    /// Up to `limit` packets, oldest first.
    mutating func take(_ limit: Int) -> [Packet] {
        if let marked { return take(limit, from: marked) }
        if limit >= plain.count, plainHead == 0 {
            let all = plain
            forgetPlain()
            return all
        }
        let first = Array(plain[plainHead...].prefix(max(0, limit)))
        for packet in first { plainBytes &-= packet.byteCount }
        leavePlain(first.count)
        return first
    }

    private mutating func leavePlain(_ count: Int) {
        plainHead &+= count
        if plainHead == plain.count {
            forgetPlain()
        } else if plainHead > 64, plainHead > plain.count / 2 {
            // Moving the rest costs no more than adding it did.
            plain.removeFirst(plainHead)
            plainHead = 0
        }
    }

    private mutating func forgetPlain() {
        plain = []
        plainHead = 0
        plainBytes = 0
    }

    private mutating func take(_ limit: Int, from queue: MarkedQueue<Packet>) -> [Packet] {
        var first: [Packet] = []
        while first.count < limit, let packet = queue.takeFirst() { first.append(packet) }
        if queue.isEmpty { marked = nil }
        return first
    }
}
