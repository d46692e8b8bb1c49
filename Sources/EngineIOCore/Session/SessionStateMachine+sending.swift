/// Packets that leave: at once, with the next poll, or when a slow reader has read.
extension SessionStateMachine {
    public enum SendAction {
        /// Write it to the WebSocket.
        case write(Packet)
        /// A poll waits for it: call ``flush()`` when the current turn of the event loop ends.
        case flushLater
        /// It waits in the queue.
        case queued
        /// It was volatile and could not leave at once, or the session is ending.
        case dropped
        /// The client reads too slowly: the session is closed with `transport error`.
        case overflow(CloseAction)
    }

    public mutating func send(_ packet: Packet, isVolatile: Bool = false) -> SendAction {
        guard case .open(let link, _) = state else { return .dropped }
        let canFlush: Bool
        switch link {
        case .webSocket(isWritable: true) where queue.isEmpty: return .write(packet)
        case .webSocket: canFlush = false
        case .polling(let polling), .probing(let polling, _): canFlush = polling.isPollPending
        }
        if isVolatile && !canFlush { return .dropped }
        guard enqueue(packet) else { return .overflow(close(.transportError)) }
        return canFlush ? .flushLater : .queued
    }

    /// False if the queue would hold more than it may.
    private mutating func enqueue(_ packet: Packet) -> Bool {
        let (sum, overflow) = bufferedBytes.addingReportingOverflow(packet.byteCount)
        guard !overflow, sum <= configuration.bufferedBytes else { return false }
        bufferedBytes = sum
        queue.append(packet)
        return true
    }

    /// Up to `limit` packets off the queue, oldest first.
    mutating func dequeue(_ limit: Int) -> [Packet] {
        notePongTaken()
        let count = min(limit, queue.count)
        if count == queue.count {
            let all = queue
            queue = []
            bufferedBytes = 0
            return all
        }
        let first = Array(queue[..<count])
        queue.removeFirst(count)
        for packet in first { bufferedBytes &-= packet.byteCount }
        return first
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

    /// The WebSocket took all it was given (`true`), or its buffers are full (`false`). Returns what to write now.
    public mutating func writabilityChanged(_ isWritable: Bool) -> [Packet] {
        guard case .open(.webSocket, let heartbeat) = state else { return [] }
        state = .open(.webSocket(isWritable: isWritable), heartbeat)
        return isWritable ? dequeue(.max) : []
    }
}
