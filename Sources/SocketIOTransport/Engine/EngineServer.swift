import EngineIOCore
import NIOCore
import NIOPosix
import Synchronization

/// Why a request was refused.
package struct EngineRefusal: Sendable {
    package let error: EngineError
    /// What the client is told.
    package let message: String
    /// What the server knows besides; maybe nothing.
    package let context: String
}

/// What an Engine.IO server tells the layer above.
package struct EngineHandlers: Sendable {
    /// A session opened; what it returns becomes the session's delegate. On the session's loop.
    package var session: @Sendable (EngineSession) -> any EngineSessionDelegate
    /// A complete request outside the path; answer it with ``HTTPExchange/respond(_:)``. On the connection's loop.
    package var request: @Sendable (HTTPExchange) -> Void
    /// A request was refused, and is answered. On a loop, not always the connection's.
    package var refused: @Sendable (HTTPExchange, EngineRefusal) -> Void
    /// A line for the log. On any thread.
    package var log: @Sendable (LogLevel, String) -> Void
    /// Which lines `log` wants.
    package var logLevel: @Sendable () -> LogLevel?

    package init(
        session: @escaping @Sendable (EngineSession) -> any EngineSessionDelegate,
        request: @escaping @Sendable (HTTPExchange) -> Void,
        refused: @escaping @Sendable (HTTPExchange, EngineRefusal) -> Void = { _, _ in },
        log: @escaping @Sendable (LogLevel, String) -> Void,
        logLevel: @escaping @Sendable () -> LogLevel?
    ) {
        self.session = session
        self.request = request
        self.refused = refused
        self.log = log
        self.logLevel = logLevel
    }
}

/// An Engine.IO server on the loops of a runtime: listens, keeps the sessions, and answers HTTP, which is in
/// `EngineServer+requests`.
package final class EngineServer: Sendable {
    package let options: EngineOptions
    package let runtime: EngineRuntime
    let handlers: EngineHandlers
    let hooks: EngineHooks
    let metrics: EngineMetrics
    /// The first packets of sessions that start on polling, and on WebSocket.
    let openPolling: OpenPacket
    let openWebSocket: OpenPacket
    let sessionConfiguration: SharedSessionConfiguration

    private struct Listening {
        var listeners: [Listener] = []
        var isClosing = false
        var onClosed: [@Sendable () -> Void] = []
        /// Every loop has closed what it had; the last connections may still be saying goodbye.
        var isFinished = false
    }

    private let listening = Mutex(Listening())
    private let sessions = Mutex<[SessionName: EngineSession]>([:])
    private let connections = Atomic<Int>(0)
    /// Listeners whose channels are not closed yet.
    private let openListeners = Atomic<Int>(0)
    private let buffered = Atomic<Int>(0)
    /// Bytes that other threads have handed to the loops, see ``Reservation``.
    let handedOver = Atomic<Int>(0)
    let draining = Atomic<Bool>(false)
    /// Nil: an address may have any number of connections.
    let addressTable: AddressTable?
    let handshakeLimit: HandshakeLimit?

    package init(
        options: EngineOptions, runtime: EngineRuntime, handlers: EngineHandlers, hooks: EngineHooks = EngineHooks(),
        metrics: EngineMetrics = EngineMetrics()
    ) {
        self.options = options
        self.runtime = runtime
        self.handlers = handlers
        self.hooks = hooks
        self.metrics = metrics
        addressTable = options.limits.connectionsPerAddress.map { AddressTable(limit: $0) }
        handshakeLimit = options.limits.handshakesPerSecond.map { HandshakeLimit(perSecond: $0) }
        openPolling = options.openPacket(on: .polling)
        sessionConfiguration = SharedSessionConfiguration(options.session)
        openWebSocket = options.openPacket(on: .webSocket)
    }

    // MARK: Counts

    package var connectionCount: Int { connections.load(ordering: .relaxed) }
    package var sessionCount: Int { sessions.withLock { $0.count } }

    /// Bytes that wait for polls and slow clients.
    package var bufferedBytes: Int { buffered.load(ordering: .relaxed) }

    func bufferedBytesChanged(by change: Int) {
        buffered.wrappingAdd(change, ordering: .relaxed)
    }

    func connectionOpened() {
        connections.wrappingAdd(1, ordering: .relaxed)
    }

    func connectionClosed() {
        let left = connections.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
        if left == 0 { finishIfClosed() }
    }

    func listenerClosed() {
        let left = openListeners.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
        if left == 0 { finishIfClosed() }
    }

    func log(_ level: LogLevel, _ text: String) {
        log(level) { text }
    }

    func log(_ level: LogLevel, _ text: () -> String) {
        guard let wanted = handlers.logLevel(), level <= wanted else { return }
        handlers.log(level, text())
    }

    /// A line about what a client of this loop did; they are kept from flooding the log.
    func log(_ level: LogLevel, _ cause: LogCause, on loop: EngineLoop, _ text: () -> String) {
        metrics.count(cause)
        guard let wanted = handlers.logLevel(), level <= wanted else { return }
        loop.log(level, cause, to: handlers.log, counting: metrics, text)
    }

    // MARK: Listening

    /// Keeps a listener; false if the server is closing.
    func add(_ listener: Listener) -> Bool {
        listening.withLock { listening in
            guard !listening.isClosing else { return false }
            listening.listeners.append(listener)
            // Before anyone can close it.
            openListeners.wrappingAdd(1, ordering: .relaxed)
            return true
        }
    }

    /// Where the server listens, in the order of the calls.
    package var addresses: [BoundAddress] {
        listening.withLock { $0.listeners.map(\.socket.address) }
    }

    /// The listener of an address, in the order of the calls.
    func listener(at index: Int) throws(ListenError) -> Listener {
        let (listeners, isClosing) = listening.withLock { ($0.listeners, $0.isClosing) }
        guard !isClosing else { throw .closed }
        guard !listeners.isEmpty else { throw .state("The server does not listen yet.") }
        guard listeners.indices.contains(index) else {
            throw .argument(
                "There is no address of the index \(index): the server listens on \(listeners.count), counted from 0.")
        }
        return listeners[index]
    }

    /// Counts a connection that is about to be set up; false if the server is closing.
    func reserveConnection() -> Bool {
        listening.withLock { listening in
            guard !listening.isClosing else { return false }
            connectionOpened()
            return true
        }
    }

    // MARK: Closing

    /// Stops listening, ends every session with `server shutting down`, closes every connection, then calls
    /// `completion`, on any thread.
    package func close(_ completion: @escaping @Sendable () -> Void) {
        let (listeners, isFirst) = listening.withLock { listening in
            listening.onClosed.append(completion)
            defer { listening.isClosing = true }
            return (listening.listeners, !listening.isClosing)
        }
        guard isFirst else { return finishIfClosed() }
        for listener in listeners { listener.stop() }
        // The sessions of all loops first: a poll may wait on another loop than that of its session, which would take
        // the end of that connection for its own.
        let loops = runtime.loops
        let open = Remaining(loops.count + 1)
        for loop in loops {
            loop.post {
                self.closeSessions(of: loop)
                if open.decrement() { self.closeConnections() }
            }
        }
        if open.decrement() { closeConnections() }
    }

    private func closeConnections() {
        let loops = runtime.loops
        let busy = Remaining(loops.count + 1)
        for loop in loops {
            loop.post {
                self.closeAll(on: loop)
                // Another turn, for a connection that was accepted before the listener stopped.
                loop.post {
                    self.closeAll(on: loop)
                    if busy.decrement() { self.loopsAreQuiet() }
                }
            }
        }
        if busy.decrement() { loopsAreQuiet() }
    }

    private func closeSessions(of loop: EngineLoop) {
        let own = sessions.withLock { $0.values.filter { $0.loop === loop } }
        for session in own { session.end() }
        loop.flush()
    }

    private func closeAll(on loop: EngineLoop) {
        closeSessions(of: loop)
        for connection in Array(loop.connections.values) where connection.engine === self { connection.closeSoon() }
    }

    private func loopsAreQuiet() {
        listening.withLock { $0.isFinished = true }
        finishIfClosed()
    }

    private func finishIfClosed() {
        let completions = listening.withLock { listening -> [@Sendable () -> Void] in
            guard listening.isFinished, connections.load(ordering: .acquiring) == 0,
                openListeners.load(ordering: .acquiring) == 0
            else { return [] }
            defer {
                listening.onClosed = []
                // They hold the server.
                listening.listeners = []
            }
            return listening.onClosed
        }
        for completion in completions { completion() }
    }

    /// Whether no new sessions are taken; see ``drain(over:_:)``.
    package var isDraining: Bool { draining.load(ordering: .relaxed) }

    package var isClosing: Bool { listening.withLock { $0.isClosing } }

    // MARK: Sessions

    /// The session that a request names.
    func session(of exchange: HTTPExchange) -> EngineSession? {
        guard case .id(let id)? = exchange.engineRequest?.query.session else { return nil }
        return sessions.withLock { $0[id] }
    }

    func session(named id: SessionName) -> EngineSession? { sessions.withLock { $0[id] } }

    /// The ids of the sessions of a loop.
    func sessions(on loop: EngineLoop) -> [SessionName] {
        sessions.withLock { $0.values.filter { $0.loop === loop }.map(\.id) }
    }

    /// Whether a session has this id.
    func isInUse(_ id: SessionName) -> Bool { sessions.withLock { $0[id] != nil } }

    /// A new session; nil if another one has the id that the program gave it.
    func open(_ transport: Transport, for exchange: HTTPExchange) -> EngineSession? {
        let loop = exchange.loop
        let format = PollingFormat(exchange.engineRequest?.query ?? RequestQuery())
        let session = EngineSession(
            engine: self, loop: loop, id: exchange.hooked?.sessionName ?? .made(loop.random.sessionID()),
            transport: transport, format: format,
            handshake: HandshakeRecord(head: exchange.head, from: exchange.source))
        let isNew = sessions.withLock { sessions in
            guard let other = sessions.updateValue(session, forKey: session.id) else { return true }
            sessions[session.id] = other
            return false
        }
        guard isNew else {
            loop.sessionDeadlines.remove(session)
            return nil
        }
        metrics.sessionOpened(.init(transport, session.revision))
        if let warning = exchange.engineRequest?.query.namedRevision.warning {
            log(.warning, .guessedRevision, on: exchange.loop) { "From \(exchange.peer.host): \(warning)." }
        }
        log(.debug) {
            "A session of revision \(format.revision.rawValue) opened over \(transport.rawValue) from "
                + "\(exchange.peer.host)."
        }
        return session
    }

    func forget(_ session: EngineSession) {
        let isOver = sessions.withLock { sessions in
            guard sessions[session.id] === session else { return false }
            sessions[session.id] = nil
            return true
        }
        if isOver { metrics.sessionEnded(.init(session.transport, session.revision)) }
    }
}

/// Counts down to the last of several loops.
final class Remaining: Sendable {
    private let count: Atomic<Int>

    init(_ count: Int) { self.count = Atomic(count) }

    /// True for the last.
    func decrement() -> Bool {
        count.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }
}
