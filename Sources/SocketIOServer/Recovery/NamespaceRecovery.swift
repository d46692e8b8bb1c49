import EngineIOCore
import SocketIOCore
import SocketIOHandlers
import SocketIOTransport
import Synchronization

/// What a namespace keeps for clients that come back: their sessions, and the packets that they miss.
///
/// A client has to get packets in the order in which they were kept, or it could miss some: so whoever sends adds a
/// packet and hands it to the loops under one lock, and every loop writes what it is handed in that order. Nothing of
/// the application's runs under that lock.
final class NamespaceRecovery: Sendable {
    fileprivate struct State {
        var log: PacketLog<[EnginePacket]>
        /// The sockets of clients that are here.
        var live: [SessionID: ServerSocket] = [:]
        fileprivate(set) var sessions: [SessionID: SavedSession] = [:]
        /// What the rooms of the sessions take.
        fileprivate(set) var roomBytes = 0
        /// Those of ``sessions``, and some that are there no more, in the order in which they left, from ``start`` on.
        var order: [SavedSession] = []
        var start = 0
        /// Whether a ``RecoverySweep`` waits for the oldest.
        var isSwept = false
    }

    let options: ConnectionStateRecovery
    private let budget: RecoveryBudget
    /// Milliseconds.
    let duration: Int64
    private let state: Mutex<State>
    private let missedLimit: QueueLimit
    /// Called when the last session has gone.
    private let onEmpty: @Sendable () -> Void

    /// `missedLimit`: what may wait for one client.
    init(
        _ options: ConnectionStateRecovery, budget: RecoveryBudget, missedLimit: QueueLimit,
        onEmpty: @escaping @Sendable () -> Void
    ) {
        self.options = options
        self.budget = budget
        self.missedLimit = missedLimit
        self.onEmpty = onEmpty
        duration = options.maxDisconnectionDuration.wholeMilliseconds
        // Another one for each log, so that nobody takes the argument of an event for an offset.
        let tag = String(UInt32.random(in: 0x1000_0000...UInt32.max), radix: 36)
        state = Mutex(State(log: PacketLog(tag: tag, duration: duration, capacity: max(0, options.maxBytes))))
        budget.join(self)
    }

    deinit { budget.leave(self, bytes: keptBytes, sessions: sessionCount) }

    /// Whether clients may come back that are away.
    var hasSessions: Bool { state.withLock { !$0.sessions.isEmpty } }

    // MARK: Sending

    /// What an entry of the log takes besides its packets, about.
    private static let entryCost = 160

    /// Keeps what `encode` makes with the offset it is given, if there is somebody to keep it for, and hands it over.
    func record(
        rooms: [String], except: [String], now: Instant,
        encode: (_ offset: String) throws(SocketError) -> [EnginePacket], handOver: ([EnginePacket]) -> Void
    ) throws(SocketError) {
        try state.withLock { (state) throws(SocketError) in
            let packets = try encode(state.log.nextOffset)
            if !state.live.isEmpty || !state.sessions.isEmpty {
                let size =
                    packets.reduce(Self.entryCost) { $0 &+ $1.byteCount }
                    &+ (rooms + except).reduce(0) { $0 &+ $1.utf8.count &+ 16 }
                change(&state) { $0.log.append(packets, size: size, rooms: rooms, except: except, now: now) }
            }
            handOver(packets)
        }
        budget.enforce()
    }

    // MARK: What is kept

    /// Bytes of the events, and of the sessions' rooms.
    var keptBytes: Int { state.withLock { $0.byteCount } }

    var sessionCount: Int { state.withLock { $0.sessions.count } }

    /// Drops what is beyond so many bytes: the sessions with the most rooms, as far as rooms take more than half of
    /// them, and the oldest events.
    func shrink(toBytes size: Int) {
        drop { state in
            var released: [DataBox?] = []
            if state.roomBytes > size / 2 {
                for session in state.sessions.values.sorted(by: { $0.roomBytes > $1.roomBytes }) {
                    guard state.roomBytes > size / 2 else { break }
                    released.append(state.forget(session))
                }
            }
            state.log.shrink(to: max(0, size &- state.roomBytes))
            return released
        }
    }

    /// Drops the oldest sessions beyond so many.
    func shrink(toSessions count: Int) {
        drop { $0.dropOldest(beyond: count) }
    }

    private func drop(_ body: @Sendable (inout State) -> [DataBox?]) {
        let (released, isEmpty) = state.withLock { state -> ([DataBox?], Bool) in
            var released: [DataBox?] = []
            change(&state) { released = body(&$0) }
            return (released, !released.isEmpty && state.sessions.isEmpty)
        }
        // Their end may run code of the application: not under the lock.
        withExtendedLifetime(released) {}
        if isEmpty { onEmpty() }
    }

    /// Changes what is kept, and counts it.
    private func change(_ state: inout State, _ body: (inout State) -> Void) {
        let (bytes, sessions) = (state.byteCount, state.sessions.count)
        body(&state)
        budget.change(bytes: state.byteCount &- bytes, sessions: state.sessions.count &- sessions)
    }

    // MARK: Leaving

    /// A socket has ended whose client does not come back.
    func ended(_ privateID: SessionID) {
        let socket = state.withLock { $0.live.removeValue(forKey: privateID) }
        withExtendedLifetime(socket) {}
    }

    /// Keeps the session of a socket that has ended. On its loop.
    func save(_ session: SavedSession, on loop: SocketLoop) {
        let (released, needsSweep) = state.withLock { state -> ([Any?], Bool) in
            var released: [Any?] = [state.live.removeValue(forKey: session.privateID)]
            change(&state) { state in
                released.append(state.keep(session))
                released.append(state.dropOldest(beyond: options.maxSessions))
            }
            state.compact(limit: options.maxSessions)
            defer { state.isSwept = true }
            return (released, !state.isSwept)
        }
        // Their end may run code of the application: not under the lock.
        withExtendedLifetime(released) {}
        if needsSweep { RecoverySweep(self, on: loop).schedule(at: session.expires) }
        budget.enforce()
    }

    /// Forgets sessions whose time is over. Returns when that of the next is.
    func expire(now: Instant) -> Instant? {
        let (released, next, isEmpty) = state.withLock { state -> ([DataBox?], Instant?, Bool) in
            var released: [DataBox?] = []
            change(&state) { state in
                state.log.purge(now: now)
                while let oldest = state.oldest, oldest.expires <= now { released.append(state.forget(oldest)) }
            }
            let next = state.oldest?.expires
            state.isSwept = next != nil
            return (released, next, state.sessions.isEmpty)
        }
        withExtendedLifetime(released) {}
        if isEmpty { onEmpty() }
        return next
    }

    /// Lets go of everything, when the server ends.
    func removeAll() {
        let released = state.withLock { state in
            defer { state.live = [:] }
            var released: [DataBox?] = []
            change(&state) { released = $0.dropOldest(beyond: 0) }
            return (released, state.live)
        }
        withExtendedLifetime(released) {}
    }

    // MARK: Coming back

    /// The socket of the session that a client asks for, if the server thinks that it is here: networks break without a
    /// word, and the client often notices first.
    func live(_ request: RecoveryRequest) -> ServerSocket? {
        guard let id = SessionID(request.privateID.utf8) else { return nil }
        return state.withLock { $0.live[id] }
    }

    enum Claim {
        case session(SavedSession, after: UInt64)
        case none(String)
    }

    /// Takes the session that a client asks for.
    func claim(_ request: RecoveryRequest, now: Instant) -> Claim {
        state.withLock { state in
            change(&state) { $0.log.purge(now: now) }
            guard let id = SessionID(request.privateID.utf8), let session = state.sessions[id], session.expires > now
            else {
                return .none(
                    "There is no session with its private id: it was away for more than "
                        + "\(options.maxDisconnectionDuration), there were more than \(options.maxSessions) sessions, or "
                        + "it has come back before.")
            }
            // A client that has got no event yet has no offset: everything since it came is new to it.
            var number = session.since
            if let offset = request.offset {
                guard let known = state.log.number(of: offset) else {
                    return .none("The offset of its last event is none that this server gave out.")
                }
                // It may remember one of a session that it had before.
                number = max(known, session.since)
            }
            guard state.log.hasAll(after: number) else {
                return .none(
                    "Events that it missed are gone: they were older, or the server kept more than "
                        + "\(options.maxBytes) bytes.")
            }
            change(&state) { $0.take(session) }
            return .session(session, after: number)
        }
    }

    /// Lets `join` put the socket into its rooms, and returns what it has missed up to that moment; nil if some of it is
    /// gone meanwhile, or more than may wait for a client.
    func resume(
        _ session: SavedSession, as socket: ServerSocket, after number: UInt64, _ join: () -> Void
    ) -> [[EnginePacket]]? {
        state.withLock { state in
            guard let missed = state.log.missed(after: number, rooms: session.rooms) else { return nil }
            let size = missed.reduce(0) { $1.reduce($0) { $0 &+ $1.byteCount } }
            let count = missed.reduce(0) { $0 &+ $1.count }
            // The packet that says that the client is in comes on top.
            guard size <= missedLimit.bytes, count < missedLimit.packets else { return nil }
            state.live[session.privateID] = socket
            join()
            return missed
        }
    }

    /// Lets `join` put a new socket into the namespace, and returns the number of the last packet before that.
    func begin(_ privateID: SessionID, as socket: ServerSocket, _ join: () -> Void) -> UInt64 {
        state.withLock { state in
            state.live[privateID] = socket
            join()
            return state.log.lastNumber
        }
    }
}

extension NamespaceRecovery.State {
    /// The session that left first. Drops those before it that are there no more.
    fileprivate var oldest: SavedSession? {
        mutating get {
            while start < order.count, sessions[order[start].privateID] !== order[start] { start &+= 1 }
            // Moving the rest costs no more than adding it did.
            if start > 64, start > order.count / 2 {
                order.removeFirst(start)
                start = 0
            }
            return start < order.count ? order[start] : nil
        }
    }

    /// Bytes that are kept.
    fileprivate var byteCount: Int { log.size &+ roomBytes }

    /// Returns the data of one with the same id.
    fileprivate mutating func keep(_ session: SavedSession) -> DataBox? {
        let old = sessions[session.privateID].flatMap { forget($0) }
        sessions[session.privateID] = session
        roomBytes &+= session.roomBytes
        order.append(session)
        return old
    }

    /// Takes out a session that is there.
    fileprivate mutating func take(_ session: SavedSession) {
        sessions[session.privateID] = nil
        roomBytes &-= session.roomBytes
    }

    /// Takes out a session that is there; its client cannot come back. Returns its data.
    fileprivate mutating func forget(_ session: SavedSession) -> DataBox? {
        take(session)
        return session.takeData()
    }

    fileprivate mutating func dropOldest(beyond count: Int) -> [DataBox?] {
        var released: [DataBox?] = []
        while sessions.count > count, let oldest { released.append(forget(oldest)) }
        return released
    }

    /// Drops those that are there no more, wherever they stand, when they are as many as there may be sessions.
    fileprivate mutating func compact(limit: Int) {
        guard order.count &- start > 2 &* limit &+ 64 else { return }
        order = order[start...].filter { sessions[$0.privateID] === $0 }
        start = 0
    }
}
