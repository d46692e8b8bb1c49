/// What the session queues: something with a size.
public protocol SessionPacket {
    /// What the sender of a message has it carry, to be told when it is dropped.
    associatedtype Ticket = Never

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
    enum State {
        case open(Link, Heartbeat)
        case closing(Farewell)
        case closed
    }

    /// What carries the packets.
    enum Link {
        case polling(Polling)
        /// A WebSocket was opened for the session; polling carries the packets until its upgrade packet.
        case probing(Polling, Probe)
        case webSocket(isWritable: Bool)
    }

    /// At most one GET waits for packets and one POST is being read.
    struct Polling {
        var isPollPending = false
        var isPostPending = false
    }

    struct Probe {
        /// When the WebSocket has to have sent its upgrade packet.
        let deadline: Instant
        /// Set once the client has probed: when a pending poll is answered with a noop.
        var nextNoop: Instant?
    }

    enum Heartbeat {
        /// Revision 4: this side pings.
        case idle(pingAt: Instant)
        case pinged(pongBy: Instant)
        /// Revision 3: the client pings, and any packet shows that it lives.
        case listening(until: Instant, pong: PongState)
    }

    /// Where the answer to a ping is. A client that pings and does not read has one answer waiting for it, not many.
    enum PongState {
        case none
        case queued
    }

    /// A polling session that this side closed: queued packets leave with the next poll, then the close packet.
    struct Farewell {
        let deadline: Instant
        var isPostPending: Bool
        /// A client that was upgrading has stopped polling: it is told on its WebSocket.
        var awaitsUpgrade: Bool
    }

    private let shared: SharedSessionConfiguration
    var configuration: SessionConfiguration { shared.value }
    var state: State
    var queue = OutboundQueue<Packet>()
    /// Bytes of large messages that the WebSocket has been given, and has not written yet: they wait, too, though nothing
    /// of them is dropped any more.
    public var heldBytes = 0

    /// Bytes that wait for a poll or for a slow reader.
    public var bufferedBytes: Int { queue.byteCount &+ heldBytes }

    /// The packets that do.
    public var bufferedPackets: Int { queue.packetCount }

    public init(
        transport: Transport, revision: ProtocolRevision = .four, configuration shared: SharedSessionConfiguration,
        now: Instant
    ) {
        self.shared = shared
        let configuration = shared.value
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
}

extension SessionStateMachine.Link {
    var isPostPending: Bool {
        switch self {
        case .polling(let polling), .probing(let polling, _): return polling.isPostPending
        case .webSocket: return false
        }
    }

    mutating func setPollPending(_ isPending: Bool) {
        changePolling { $0.isPollPending = isPending }
    }

    mutating func setPostPending(_ isPending: Bool) {
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
