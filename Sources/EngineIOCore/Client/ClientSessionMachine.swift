/// The rules of one Engine.IO session, client side: when polls and POSTs are made, what is in them, the heartbeat, the
/// upgrade, the end.
///
/// The machine does no IO. Facts go in as method calls, with the time where it matters; then ``nextStep(now:)`` is
/// called until it says that nothing is to be done. It is generic over the packet so that tests run it with strings.
///
/// A session is in one of three states:
/// - `opening`: the server has been, or will be, asked for a session; what is sent waits;
/// - `open`: packets flow over a link, which is polling, polling with a WebSocket being probed, or WebSocket;
/// - `closed`.
///
/// In the first two it may have been told to leave: nothing more is taken then, and what waits leaves first.
public struct ClientSessionMachine<Packet: ClientPacket> {
    enum State {
        case opening(until: Instant, Intent)
        case open(Link, Heartbeat, Intent)
        case closed
    }

    enum Intent {
        case stay
        /// In order, but at the given time at the latest.
        case leave(until: Instant)
    }

    /// What carries the packets.
    enum Link {
        case polling(Polling)
        /// A WebSocket is asked to take over; polling carries the packets until it does.
        case probing(Polling, Probe, until: Instant)
        case webSocket(isWritable: Bool)
    }

    /// One GET and one POST at a time.
    struct Polling {
        var isPolling = false
        var post = Post.none
        /// How many GETs in a row have been answered at once, and with nothing; when the latest was begun.
        var vainPolls: UInt8 = 0
        var polledAt: Instant = 0
        /// No GET is begun before; 0: at once.
        var pausesUntil: Instant = 0
    }

    enum Post {
        case none
        case inFlight
        /// With the close packet: the session ends when it is answered.
        case farewell
    }

    enum Probe {
        /// The connection is made.
        case opening
        /// The connection is there, and the probe has to be sent.
        case ready
        /// The answer to the probe is awaited.
        case asked
        /// It was answered: no requests are begun, and those under way are awaited.
        case pausing
    }

    enum Heartbeat {
        /// Revision 4: the server pings.
        case listening(until: Instant)
        /// Revision 3: this side pings. No time for it: the pong is awaited.
        case pinging(at: Instant?, until: Instant)
    }

    let configuration: ClientConfiguration
    var state: State
    var queue: [Packet] = []
    /// The session ended for this reason, which ``nextStep(now:)`` has not told yet.
    var untoldEnd: CloseReason?
    /// Something waited, and it has not been said that nothing does any more.
    var isDrainUntold = false
    /// An upgrade that failed is not tried again.
    var mayUpgrade = false
    /// Whether one has failed.
    public internal(set) var hasFailedUpgrade = false
    /// The terms of the session; nil before it has opened.
    public internal(set) var handshake: ClientHandshake?

    /// Bytes that wait.
    public internal(set) var bufferedBytes = 0

    public init(configuration: ClientConfiguration) {
        self.configuration = configuration
        state = .opening(until: .max, .stay)
    }

    // MARK: What the session is

    public var isOpen: Bool {
        if case .open = state { return true }
        return false
    }

    public var isOpening: Bool {
        if case .opening = state { return true }
        return false
    }

    public var isClosed: Bool {
        if case .closed = state { return true }
        return false
    }

    /// Whether it was told to leave, or has left: nothing is delivered or taken any more.
    public var isLeaving: Bool {
        switch state {
        case .opening(_, .leave), .open(_, _, .leave), .closed: return true
        case .opening(_, .stay), .open(_, _, .stay): return false
        }
    }

    /// Whether a packet can be written at once, past the queue: the fast path of a WebSocket session.
    public var writesThrough: Bool {
        if case .open(.webSocket(isWritable: true), _, .stay) = state { return queue.isEmpty }
        return false
    }

    /// Whether a message would leave at once: what volatile messages ask.
    public var canSendNow: Bool {
        guard queue.isEmpty, case .open(let link, _, .stay) = state else { return false }
        switch link {
        case .webSocket(let isWritable): return isWritable
        case .polling(let polling): return polling.post == .none
        case .probing(let polling, .opening, _), .probing(let polling, .ready, _), .probing(let polling, .asked, _):
            return polling.post == .none
        case .probing(_, .pausing, _): return false
        }
    }

    /// When ``deadlineReached(now:)`` wants to be called next.
    public var deadline: Instant? {
        switch state {
        case .opening(let until, let intent): return min(until, intent.deadline)
        case .open(let link, let heartbeat, let intent):
            var earliest = min(heartbeat.deadline, intent.deadline)
            if case .probing(_, _, let until) = link { earliest = min(earliest, until) }
            if case .stay = intent, let next = link.pausesUntil { earliest = min(earliest, next) }
            return earliest
        case .closed: return nil
        }
    }

    // MARK: The beginning

    /// The server is about to be asked; the time for it begins.
    public mutating func begin(now: Instant) {
        guard case .opening(_, let intent) = state else { return }
        state = .opening(until: now &+ max(1, configuration.openTimeout), intent)
    }

    /// The open packet has come.
    public mutating func opened(_ handshake: ClientHandshake, now: Instant) {
        guard case .opening(_, let intent) = state else { return }
        self.handshake = handshake
        let patience = handshake.pingInterval &+ handshake.pingTimeout
        let heartbeat =
            switch handshake.revision {
            case .four: Heartbeat.listening(until: now &+ patience)
            case .three: Heartbeat.pinging(at: now &+ handshake.pingInterval, until: now &+ patience)
            }
        switch handshake.transport {
        case .polling:
            mayUpgrade = configuration.upgrades && handshake.upgrades.contains(.webSocket)
            state = .open(.polling(Polling()), heartbeat, intent)
        case .webSocket: state = .open(.webSocket(isWritable: true), heartbeat, intent)
        }
    }
}

extension ClientSessionMachine.Link {
    /// When the next GET is begun, if that is a matter of time.
    var pausesUntil: Instant? {
        switch self {
        case .polling(let polling), .probing(let polling, .opening, _), .probing(let polling, .ready, _),
            .probing(let polling, .asked, _):
            polling.pausesUntil > 0 ? polling.pausesUntil : nil
        case .probing(_, .pausing, _), .webSocket: nil
        }
    }
}

extension ClientSessionMachine.Intent {
    var deadline: Instant {
        switch self {
        case .stay: .max
        case .leave(let until): until
        }
    }
}

extension ClientSessionMachine.Heartbeat {
    var deadline: Instant {
        switch self {
        case .listening(let until): until
        case .pinging(let at, let until): min(at ?? .max, until)
        }
    }
}
