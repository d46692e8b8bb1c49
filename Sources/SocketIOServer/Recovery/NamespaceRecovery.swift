import EngineIOCore
import SocketIOCore
import SocketIOTransport
import Synchronization

/// What a namespace keeps for clients that come back: their sessions, and the packets that they miss.
///
/// A client has to get packets in the order in which they were kept, or it could miss some: so whoever sends adds a
/// packet and hands it to the loops under one lock, and every loop writes what it is handed in that order.
final class NamespaceRecovery: Sendable {
    fileprivate struct State {
        var log: PacketLog<[EnginePacket]>
        var sessions: [SessionID: SavedSession] = [:]
        /// Those of ``sessions``, and some that are there no more, in the order in which they left, from ``start`` on.
        var order: [SavedSession] = []
        var start = 0
    }

    let options: ConnectionStateRecovery
    private let duration: Int64
    private let state: Mutex<State>

    init(_ options: ConnectionStateRecovery) {
        self.options = options
        duration = options.maxDisconnectionDuration.wholeMilliseconds
        // Another one for each log, so that nobody takes the argument of an event for an offset.
        let tag = String(UInt32.random(in: 0x1000_0000...UInt32.max), radix: 36)
        state = Mutex(State(log: PacketLog(tag: tag, duration: duration, capacity: max(0, options.maxBytes))))
    }

    // MARK: Sending

    /// Keeps what `encode` makes with the offset it is given, and hands it over.
    func record(
        rooms: [String], except: [String], now: Instant,
        encode: (_ offset: String) throws(SocketError) -> [EnginePacket], handOver: ([EnginePacket]) -> Void
    ) throws(SocketError) {
        try state.withLock { (state) throws(SocketError) in
            let packets = try encode(state.log.nextOffset)
            let size = packets.reduce(0) { $0 &+ $1.byteCount }
            state.log.append(packets, size: size, rooms: rooms, except: except, now: now)
            handOver(packets)
        }
    }

    // MARK: Leaving

    /// Keeps a session. On the loop of its socket.
    func save(_ session: SavedSession, on loop: SocketLoop) {
        let dropped = state.withLock { state -> [DataBox?] in
            state.sessions[session.privateID] = session
            state.order.append(session)
            var dropped: [DataBox?] = []
            while let oldest = state.oldest {
                guard state.sessions.count > options.maxSessions else { break }
                state.sessions[oldest.privateID] = nil
                dropped.append(oldest.takeData())
            }
            return dropped
        }
        // Their end may run code of the application: not under the lock.
        withExtendedLifetime(dropped) {}
        loop.savedSessions.schedule(session, at: loop.engineLoop.now &+ duration)
    }

    /// A session's time is over.
    func expire(_ session: SavedSession, now: Instant) {
        let data = state.withLock { state -> DataBox? in
            state.log.purge(now: now)
            guard state.sessions[session.privateID] === session else { return nil }
            state.sessions[session.privateID] = nil
            return session.takeData()
        }
        withExtendedLifetime(data) {}
    }

    /// Lets go of everything, when the server ends.
    func removeAll() {
        let data = state.withLock { state in
            defer {
                state.sessions = [:]
                state.order = []
                state.start = 0
            }
            return state.sessions.values.map { $0.takeData() }
        }
        withExtendedLifetime(data) {}
    }

    // MARK: Coming back

    enum Claim {
        case session(SavedSession, after: UInt64)
        case none(String)
    }

    /// Takes the session that a client asks for.
    func claim(_ request: RecoveryRequest, now: Instant) -> Claim {
        state.withLock { state in
            state.log.purge(now: now)
            guard let id = SessionID(request.privateID.utf8), let session = state.sessions[id] else {
                return .none(
                    "There is no session with its private id: it was away for more than "
                        + "\(options.maxDisconnectionDuration), there were more than \(options.maxSessions) sessions, or "
                        + "it has come back before.")
            }
            let number: UInt64
            if let offset = request.offset {
                guard let known = state.log.number(of: offset) else {
                    return .none("The offset of its last event is none that this server gave out.")
                }
                number = known
            } else {
                // It has got no event yet: everything since it came is new to it.
                number = session.since
            }
            guard state.log.missed(after: number, rooms: session.rooms) != nil else {
                return .none("Events that it missed are gone: they were older, or more than \(options.maxBytes) bytes.")
            }
            state.sessions[id] = nil
            return .session(session, after: number)
        }
    }

    /// Lets `join` put the socket into its rooms, and returns what it has missed up to that moment; nil if some of it is
    /// gone meanwhile.
    func resume(_ session: SavedSession, after number: UInt64, _ join: () -> Void) -> [[EnginePacket]]? {
        state.withLock { state in
            guard let missed = state.log.missed(after: number, rooms: session.rooms) else { return nil }
            join()
            return missed
        }
    }

    /// Lets `join` put a new socket into the namespace, and returns the number of the last packet before that.
    func begin(_ join: () -> Void) -> UInt64 {
        state.withLock { state in
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
}
