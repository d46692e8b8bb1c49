/// Packets that leave: at once, with the next poll, or when a slow reader has read.
extension SessionStateMachine {
    public typealias Terms = MessageTerms<Packet.Ticket>
    public typealias Drops = [Dropped<Packet.Ticket>]

    public enum SendAction {
        /// Write it to the WebSocket.
        case write([Packet])
        /// A poll waits for it: call ``flush()`` when the current turn of the event loop ends. These were dropped to
        /// make room.
        case flushLater(Drops)
        /// It waits in the queue. These were dropped to make room.
        case queued(Drops)
        /// It was dropped: being volatile, it could not leave at once, or there was no room. Others may have been, too.
        case dropped(DropReason, others: Drops)
        /// The session is ending.
        case ended
        /// The client reads too slowly: the session is closed with `transport error`.
        case overflow(CloseAction)
    }

    /// What may wait for the client, if there is room for so many bytes in the server.
    private func limit(_ serverBytes: Int) -> QueueLimit {
        QueueLimit(
            bytes: configuration.bufferedBytes &- heldBytes, packets: configuration.bufferedPackets,
            serverBytes: serverBytes &- heldBytes)
    }

    /// Sends a packet, which stays until it leaves. `serverBytes`: what may wait for this client for the server's sake. No
    /// packet is larger than what may wait, though it were to leave at once: the client may not read it.
    public mutating func send(_ packet: Packet, serverBytes: Int = .max) -> SendAction {
        switch passage {
        case .none: return .ended
        case .open: return through([packet], Terms(), serverBytes)
        case .flush, .closed: return added(queue.add(packet, limit: limit(serverBytes)))
        }
    }

    /// Sends the packets of one message, all or none of them.
    public mutating func send(_ message: [Packet], _ terms: Terms, serverBytes: Int = .max) -> SendAction {
        switch passage {
        case .none: return .ended
        case .open: return through(message, terms, serverBytes)
        case .closed where terms.isVolatile: return .dropped(.volatile, others: [])
        case .flush, .closed: return added(queue.add(message[...], terms, limit: limit(serverBytes)))
        }
    }

    /// Past the queue, if the whole message might wait there.
    private mutating func through(_ message: [Packet], _ terms: Terms, _ serverBytes: Int) -> SendAction {
        let (limit, bytes) = (limit(serverBytes), message.byteCount)
        if limit.holds(bytes: bytes, packets: message.count) { return .write(message) }
        if terms.isVolatile { return .dropped(.volatile, others: []) }
        if terms.policy == .close { return .overflow(close(.transportError)) }
        return .dropped(limit.isOfServer(bytes: bytes, packets: message.count) ? .server : .newest, others: [])
    }

    /// Queues a packet of a message whose beginning was written: the WebSocket's buffers are full.
    public mutating func queue(rest packet: Packet) {
        if isOpen { _ = queue.add(packet, limit: .none) }
    }

    /// Where a packet goes.
    private enum Passage {
        /// Nowhere: the session has ended.
        case none
        /// Past the queue.
        case open
        /// Into the queue, until the turn ends.
        case flush
        /// Into the queue, for longer.
        case closed
    }

    private var passage: Passage {
        guard case .open(let link, _) = state else { return .none }
        switch link {
        case .webSocket(isWritable: true) where queue.isEmpty: return .open
        case .webSocket: return .closed
        case .polling(let polling), .probing(let polling, _): return polling.isPollPending ? .flush : .closed
        }
    }

    private mutating func added(_ addition: OutboundQueue<Packet>.Addition) -> SendAction {
        switch addition {
        case .added(let dropped): return isPollPending ? .flushLater(dropped) : .queued(dropped)
        case .dropped(let reason, let others): return .dropped(reason, others: others)
        case .overflow: return .overflow(close(.transportError))
        }
    }

    /// Up to `limit` packets off the queue, oldest first.
    mutating func dequeue(_ limit: Int) -> [Packet] {
        notePongTaken()
        return queue.take(limit)
    }

    /// The client reads: its next ping is answered again.
    private mutating func notePongTaken() {
        guard case .open(let link, .listening(let until, .queued)) = state else { return }
        state = .open(link, .listening(until: until, pong: .none))
    }

    /// What completes the pending poll, if there is one and packets wait; empty otherwise.
    public mutating func flush() -> [Packet] {
        guard case .open(var link, let heartbeat) = state, isPollPending, !queue.isEmpty else { return [] }
        link.setPollPending(false)
        state = .open(link, heartbeat)
        return dequeue(configuration.packetsPerPoll)
    }

    /// The WebSocket took all it was given (`true`), or its buffers are full (`false`). Write what ``takeNext()`` gives.
    public mutating func writabilityChanged(_ isWritable: Bool) {
        guard case .open(.webSocket, let heartbeat) = state else { return }
        state = .open(.webSocket(isWritable: isWritable), heartbeat)
    }

    /// The next packet of the queue to be written to the WebSocket; nil if there is none, or its buffers are full.
    public mutating func takeNext() -> Packet? {
        guard case .open(.webSocket(isWritable: true), _) = state, !queue.isEmpty else { return nil }
        notePongTaken()
        return queue.takeFirst()
    }
}
