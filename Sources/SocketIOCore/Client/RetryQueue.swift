/// Events that are sent again until the server has acknowledged them, one at a time and in order.
///
/// The next one is sent when the one before is acknowledged, or given up. An event keeps its id when it is sent again:
/// a reply that comes late counts.
public struct RetryQueue<Packet> {
    public typealias Entry = BoundedQueue<Packet>.Entry

    private enum Head {
        /// It waits for the connection.
        case waiting
        /// It was sent, and its reply is awaited.
        case inFlight
    }

    private let retries: Int
    private var queue: BoundedQueue<Packet>
    private var head = Head.waiting
    /// How often the first one was sent.
    private var tries = 0

    /// An event is sent at most `retries` times more than once.
    public init(retries: Int, _ limits: BoundedQueue<Packet>.Limits, _ policy: BufferPolicy) {
        self.retries = max(0, retries)
        queue = BoundedQueue(limits, policy)
    }

    public var count: Int { queue.count }
    public var bytes: Int { queue.bytes }

    /// Adds an event, which has to ask for a reply.
    public mutating func append(_ entry: Entry) -> BoundedQueue<Packet>.Addition {
        let first = queue.first?.acknowledgement
        let addition = queue.append(entry)
        // The one in flight may have made room.
        if queue.first?.acknowledgement != first { begin() }
        return addition
    }

    private mutating func begin() {
        head = .waiting
        tries = 0
    }

    /// What is to be sent now, if the namespace is connected; nil for nothing. After whatever may have changed it.
    public mutating func next() -> Entry? {
        guard case .waiting = head, let first = queue.first else { return nil }
        head = .inFlight
        tries &+= 1
        return first
    }

    /// A reply came. Whether it was for the first one, which is out then; else it is too late, or for none.
    public mutating func acknowledged(_ acknowledgement: UInt64) -> Bool {
        guard tries > 0, queue.first?.acknowledgement == acknowledgement else { return false }
        _ = queue.popFirst()
        begin()
        return true
    }

    public enum Failure {
        /// It will be sent again.
        case again
        /// It was tried often enough, and is out.
        case givenUp
        /// It is not the one in flight.
        case ignored
    }

    /// No reply came in time.
    public mutating func timedOut(_ acknowledgement: UInt64) -> Failure {
        guard case .inFlight = head, queue.first?.acknowledgement == acknowledgement else { return .ignored }
        guard tries <= retries else {
            _ = queue.popFirst()
            begin()
            return .givenUp
        }
        head = .waiting
        return .again
    }

    /// The connection is gone: the one in flight is sent again on the next; given up if it was tried often enough.
    /// Returns its id then.
    public mutating func disconnected() -> UInt64? {
        guard case .inFlight = head, let acknowledgement = queue.first?.acknowledgement,
            case .givenUp = timedOut(acknowledgement)
        else { return nil }
        return acknowledgement
    }

    public mutating func removeAll() -> [Entry] {
        begin()
        return queue.removeAll()
    }
}
