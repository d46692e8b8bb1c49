/// What the session queues: something with a size.
public protocol SessionPacket {
    /// What the packet counts against ``SessionConfiguration/bufferedBytes``.
    var byteCount: Int { get }
}

/// The rules of one Engine.IO session, server side: which transport carries packets, when they leave,
/// the heartbeat, the upgrade, the end.
///
/// The machine does no IO. Facts go in as method calls, with the time where it matters; each method returns what is
/// to be done. It is generic over the packet so that tests run it with strings.
///
/// A session is in one of three states:
/// - `open`: packets flow over a link, which is polling, polling with a WebSocket being probed, or WebSocket;
/// - `closing`: this side ended it, and it still has to tell a polling client;
/// - `closed`.
///
/// The revisions of the protocol differ in the heartbeat alone: which kind a session has decides who may ping.
public struct SessionStateMachine<Packet: SessionPacket> {
    private enum State {
        case open(Link, Heartbeat)
        case closing(Farewell)
        case closed
    }

    /// What carries the packets.
    fileprivate enum Link {
        case polling(Polling)
        /// A WebSocket was opened for the session; polling carries the packets until its upgrade packet.
        case probing(Polling, Probe)
        case webSocket(isWritable: Bool)
    }

    /// At most one GET waits for packets and one POST is being read.
    fileprivate struct Polling {
        var isPollPending = false
        var isPostPending = false
    }

    fileprivate struct Probe {
        /// When the WebSocket has to have sent its upgrade packet.
        let deadline: Instant
        /// Set once the client has probed: when a pending poll is answered with a noop.
        var nextNoop: Instant?
    }

    private enum Heartbeat {
        /// Revision 4: this side pings.
        case idle(pingAt: Instant)
        case pinged(pongBy: Instant)
        /// Revision 3: the client pings, and any packet shows that it lives.
        case listening(until: Instant, pong: PongState)
    }

    /// Where the answer to a ping is. A client that pings and does not read has one answer waiting for it, not many.
    private enum PongState {
        case none
        case queued
    }

    /// A polling session that this side closed: queued packets leave with the next poll, then the close packet.
    private struct Farewell {
        let deadline: Instant
        var isPostPending: Bool
        /// A client that was upgrading has stopped polling: it is told on its WebSocket.
        var awaitsUpgrade: Bool
    }

    private let configuration: SessionConfiguration
    private var state: State
    private var queue: [Packet] = []

    /// Bytes that wait for a poll or for a slow reader.
    public private(set) var bufferedBytes = 0

    public init(
        transport: Transport, revision: ProtocolRevision = .four, configuration: SessionConfiguration, now: Instant
    ) {
        self.configuration = configuration
        let heartbeat =
            switch revision {
            case .three: Heartbeat.listening(until: now &+ configuration.patience, pong: .none)
            case .four: Heartbeat.idle(pingAt: now &+ configuration.pingInterval)
            }
        switch transport {
        case .polling: self.state = .open(.polling(Polling()), heartbeat)
        case .webSocket: self.state = .open(.webSocket(isWritable: true), heartbeat)
        }
    }

    // MARK: What the session is

    public var isOpen: Bool {
        if case .open = state { return true }
        return false
    }

    public var isClosed: Bool {
        if case .closed = state { return true }
        return false
    }

    /// The transport that carries the packets; polling for a session that has ended.
    public var transport: Transport {
        if case .open(.webSocket, _) = state { return .webSocket }
        return .polling
    }

    /// Whether a packet can be written at once, past the queue: the fast path of a WebSocket session.
    public var writesThrough: Bool {
        if case .open(.webSocket(isWritable: true), _) = state { return queue.isEmpty }
        return false
    }

    /// Whether a poll waits: such a session can be told of its end at once.
    public var isPollPending: Bool {
        switch state {
        case .open(.polling(let polling), _), .open(.probing(let polling, _), _): return polling.isPollPending
        case .open(.webSocket, _), .closing, .closed: return false
        }
    }

    /// Whether a closing session still waits for the upgrade packet of a WebSocket, to tell the client there.
    public var awaitsUpgrade: Bool {
        if case .closing(let farewell) = state { return farewell.awaitsUpgrade }
        return false
    }

    /// When ``deadlineReached(now:)`` wants to be called next.
    public var deadline: Instant? {
        switch state {
        case .open(let link, let heartbeat):
            var earliest: Instant
            switch heartbeat {
            case .idle(let pingAt): earliest = pingAt
            case .pinged(let pongBy): earliest = pongBy
            case .listening(let until, _): earliest = until
            }
            if case .probing(let polling, let probe) = link {
                earliest = min(earliest, probe.deadline)
                if let nextNoop = probe.nextNoop, polling.isPollPending { earliest = min(earliest, nextNoop) }
            }
            return earliest
        case .closing(let farewell): return farewell.deadline
        case .closed: return nil
        }
    }

    // MARK: Sending

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
    private mutating func dequeue(_ limit: Int) -> [Packet] {
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

    // MARK: Polling

    public enum PollAction {
        /// Hold the request until packets come.
        case wait
        /// Answer with these packets.
        case respond([Packet])
        /// Answer with a noop and a close packet; the session is over.
        case farewell
        /// A second poll while one waits: refuse it, and close the session.
        case overlap(CloseAction)
        /// The session has another transport.
        case refuse
    }

    public mutating func poll() -> PollAction {
        switch state {
        case .open(.webSocket, _), .closed: return .refuse
        case .closing:
            if queue.isEmpty {
                state = .closed
                return .farewell
            }
            return .respond(dequeue(configuration.packetsPerPoll))
        case .open(var link, let heartbeat):
            if isPollPending { return .overlap(close(.transportError)) }
            if queue.isEmpty {
                link.setPollPending(true)
                state = .open(link, heartbeat)
                return .wait
            }
            return .respond(dequeue(configuration.packetsPerPoll))
        }
    }

    /// The client gave up a pending poll.
    public mutating func pollAborted() -> CloseAction {
        guard case .open(var link, let heartbeat) = state, isPollPending else { return .none }
        link.setPollPending(false)
        state = .open(link, heartbeat)
        return close(.transportError)
    }

    public enum PostAction {
        case read
        /// A second POST while one is being read: refuse it, and close the session.
        case overlap(CloseAction)
        case refuse
    }

    /// The head of a POST arrived.
    public mutating func postStarted() -> PostAction {
        switch state {
        case .open(.webSocket, _), .closed: return .refuse
        case .closing(var farewell):
            if farewell.isPostPending { return .refuse }
            farewell.isPostPending = true
            state = .closing(farewell)
            return .read
        case .open(var link, let heartbeat):
            if link.isPostPending { return .overlap(close(.transportError)) }
            link.setPostPending(true)
            state = .open(link, heartbeat)
            return .read
        }
    }

    /// The whole body was read, or turned out to be too large: another POST may come.
    public mutating func postEnded() {
        switch state {
        case .open(var link, let heartbeat):
            link.setPostPending(false)
            state = .open(link, heartbeat)
        case .closing(var farewell):
            farewell.isPostPending = false
            state = .closing(farewell)
        case .closed: break
        }
    }

    /// The client gave up a POST half-way, or sent what cannot be one.
    public mutating func postFailed() -> CloseAction {
        postEnded()
        // A POST that began before the upgrade belongs to a transport that the session has left.
        if case .open(.webSocket, _) = state { return .none }
        return close(.transportError)
    }

    // MARK: Receiving

    public enum ReceiveAction {
        /// It carries a message for the application.
        case deliver
        /// Answer with a pong.
        case pong
        case ignore
        case close(CloseAction)
        /// The client did this side's part of the heartbeat, as one of the other revision would: it is closed.
        case wrongHeartbeat(CloseAction)
    }

    /// A packet came over the session's transport.
    public mutating func received(_ type: PacketType, now: Instant) -> ReceiveAction {
        heard(now: now)
        guard case .open(let link, let heartbeat) = state else { return .ignore }
        switch type {
        case .message: return .deliver
        case .pong:
            if case .listening = heartbeat { return .wrongHeartbeat(close(.transportError)) }
            state = .open(link, .idle(pingAt: now &+ configuration.pingInterval))
            return .ignore
        case .ping:
            guard case .listening(let until, let pong) = heartbeat else {
                return .wrongHeartbeat(close(.transportError))
            }
            if case .queued = pong { return .ignore }
            state = .open(link, .listening(until: until, pong: writesThrough ? .none : .queued))
            return .pong
        case .close:
            return .close(closedByClient())
        case .open, .upgrade, .noop: return .ignore
        }
    }

    /// Something came from the client: of revision 3, any packet counts for the heartbeat. What ``received(_:now:)``
    /// was told it knows.
    public mutating func heard(now: Instant) {
        guard case .open(let link, .listening(_, let pong)) = state else { return }
        state = .open(link, .listening(until: now &+ configuration.patience, pong: pong))
    }

    /// What came is not a packet.
    public mutating func receivedMalformed() -> CloseAction {
        close(.parseError)
    }

    // MARK: Upgrading

    public enum ProbeAction {
        /// Keep the WebSocket and tell what it sends.
        case accept
        /// Close the WebSocket; the session does not notice.
        case refuse
    }

    /// A WebSocket was opened for the session.
    public mutating func probeOpened(now: Instant) -> ProbeAction {
        guard case .open(.polling(let polling), let heartbeat) = state else { return .refuse }
        let probe = Probe(deadline: now &+ configuration.upgradeTimeout, nextNoop: nil)
        state = .open(.probing(polling, probe), heartbeat)
        return .accept
    }

    public enum ProbePacketAction {
        /// Answer the probe on the WebSocket.
        case pong
        /// The WebSocket is the transport now: complete the pending poll, if any, with a close packet, then write.
        case upgrade(completePoll: Bool, write: [Packet])
        /// The session is ending: write, then close the WebSocket; it is over.
        case farewell(write: [Packet])
        /// Close the WebSocket; the session stays on polling.
        case abort
    }

    /// What a probing WebSocket may send.
    public enum ProbePacket {
        case probe
        case upgrade
        case other
    }

    public mutating func probeReceived(_ packet: ProbePacket, now: Instant) -> ProbePacketAction {
        if case .closing(let farewell) = state, farewell.awaitsUpgrade {
            return receivedWhileClosing(packet, farewell)
        }
        guard case .open(.probing(let polling, var probe), let heartbeat) = state else { return .abort }
        switch packet {
        case .probe:
            probe.nextNoop = probe.nextNoop ?? now &+ configuration.noopInterval
            state = .open(.probing(polling, probe), heartbeat)
            return .pong
        case .upgrade:
            let next: Heartbeat =
                switch heartbeat {
                case .idle, .listening: heartbeat
                // A ping that was sent just before the switch may have been lost with the poll: it is forgiven.
                case .pinged: .idle(pingAt: now &+ configuration.pingInterval)
                }
            state = .open(.webSocket(isWritable: true), next)
            return .upgrade(completePoll: polling.isPollPending, write: dequeue(.max))
        case .other:
            state = .open(.polling(polling), heartbeat)
            return .abort
        }
    }

    private mutating func receivedWhileClosing(_ packet: ProbePacket, _ farewell: Farewell) -> ProbePacketAction {
        switch packet {
        case .probe: return .pong
        case .upgrade:
            state = .closed
            return .farewell(write: dequeue(.max))
        case .other:
            probeClosed()
            return .abort
        }
    }

    /// The probing WebSocket went away.
    public mutating func probeClosed() {
        if case .closing(var farewell) = state {
            farewell.awaitsUpgrade = false
            state = .closing(farewell)
            return
        }
        guard case .open(.probing(let polling, _), let heartbeat) = state else { return }
        state = .open(.polling(polling), heartbeat)
    }

    // MARK: Time

    public enum DeadlineAction {
        case none
        /// Send a ping.
        case ping
        /// Answer the pending poll with a noop.
        case noop
        /// Close the probing WebSocket.
        case abortProbe
        case close(CloseAction)
        /// A closed polling session has waited long enough for a last poll.
        case forget
    }

    /// Call until it returns `none`, then again when ``deadline`` has come.
    public mutating func deadlineReached(now: Instant) -> DeadlineAction {
        switch state {
        case .closed: return .none
        case .closing(let farewell):
            guard farewell.deadline <= now else { return .none }
            state = .closed
            return .forget
        case .open(let link, let heartbeat):
            switch heartbeat {
            case .pinged(let pongBy) where pongBy <= now: return .close(close(.pingTimeout))
            case .listening(let until, _) where until <= now: return .close(close(.pingTimeout))
            case .idle(let pingAt) where pingAt <= now:
                state = .open(link, .pinged(pongBy: now &+ configuration.pingTimeout))
                return .ping
            case .pinged, .idle, .listening: break
            }
            guard case .probing(var polling, var probe) = link else { return .none }
            if probe.deadline <= now {
                state = .open(.polling(polling), heartbeat)
                return .abortProbe
            }
            guard let nextNoop = probe.nextNoop, nextNoop <= now, polling.isPollPending else { return .none }
            polling.isPollPending = false
            probe.nextNoop = now &+ configuration.noopInterval
            state = .open(.probing(polling, probe), heartbeat)
            return .noop
        }
    }

    // MARK: Closing

    /// What the end of a session asks for. Each case but `none` is the end for the application.
    public enum CloseAction: Equatable {
        /// It had ended before.
        case none
        /// Close the WebSocket, in order: what was written before leaves first.
        case closeWebSocket(CloseReason)
        /// Complete the pending poll with a close packet (`withNoop`: with a noop, the client knows); close a
        /// probing WebSocket.
        case completePoll(CloseReason, withNoop: Bool)
        /// Close a probing WebSocket; no one else is there to be told.
        case end(CloseReason)
        /// Keep the session: the next poll is to be told, or the WebSocket if one ``awaitsUpgrade``.
        case awaitPoll(CloseReason)

        public var reason: CloseReason? {
            switch self {
            case .none: return nil
            case .closeWebSocket(let reason), .completePoll(let reason, _), .end(let reason), .awaitPoll(let reason):
                return reason
            }
        }
    }

    /// This side ends the session. Queued packets are discarded, a pending poll is completed.
    public mutating func close(_ reason: CloseReason) -> CloseAction {
        guard case .open(let link, _) = state else { return .none }
        discardQueue()
        state = .closed
        switch link {
        case .webSocket: return .closeWebSocket(reason)
        case .polling(let polling), .probing(let polling, _):
            return polling.isPollPending ? .completePoll(reason, withNoop: false) : .end(reason)
        }
    }

    /// This side ends the session in order: what is queued leaves first, and a polling client is told.
    ///
    /// Call ``flush()`` before, so that a pending poll takes what waits, and write ``takeQueue()`` to a WebSocket.
    public mutating func closeOrderly(_ reason: CloseReason, now: Instant) -> CloseAction {
        guard case .open(let link, _) = state else { return .none }
        switch link {
        case .webSocket: return close(reason)
        case .polling(let polling), .probing(let polling, _):
            if polling.isPollPending && queue.isEmpty { return close(reason) }
            var awaitsUpgrade = false
            if case .probing = link { awaitsUpgrade = true }
            state = .closing(
                Farewell(
                    deadline: now &+ configuration.closeWait, isPostPending: polling.isPostPending,
                    awaitsUpgrade: awaitsUpgrade))
            return .awaitPoll(reason)
        }
    }

    /// The client said that it closes.
    private mutating func closedByClient() -> CloseAction {
        switch close(.transportClose) {
        case .completePoll(let reason, _): return .completePoll(reason, withNoop: true)
        case let other: return other
        }
    }

    /// The WebSocket that carried the packets is gone, or broke a rule.
    public mutating func webSocketClosed(_ reason: CloseReason) -> CloseAction {
        guard case .open(.webSocket, _) = state else { return .none }
        discardQueue()
        state = .closed
        return .end(reason)
    }

    /// All that waits, to be written before a WebSocket is closed in order.
    public mutating func takeQueue() -> [Packet] {
        dequeue(.max)
    }

    private mutating func discardQueue() {
        queue = []
        bufferedBytes = 0
    }
}

extension SessionStateMachine.Link {
    fileprivate var isPostPending: Bool {
        switch self {
        case .polling(let polling), .probing(let polling, _): return polling.isPostPending
        case .webSocket: return false
        }
    }

    fileprivate mutating func setPollPending(_ isPending: Bool) {
        changePolling { $0.isPollPending = isPending }
    }

    fileprivate mutating func setPostPending(_ isPending: Bool) {
        changePolling { $0.isPostPending = isPending }
    }

    private mutating func changePolling(_ change: (inout SessionStateMachine.Polling) -> Void) {
        switch self {
        case .polling(var polling):
            change(&polling)
            self = .polling(polling)
        case .probing(var polling, let probe):
            change(&polling)
            self = .probing(polling, probe)
        case .webSocket: break
        }
    }
}
