import EngineIOCore
import SocketIOCore
import SocketIOHandlers
import SocketIOTransport
import Synchronization

/// One connection to a server, shared by the namespaces of a client, and made again when it is lost.
///
/// ```swift
/// let manager = try Manager("http://localhost:3000")
/// let socket = try manager.socket("/")
/// try socket.on("message") { event in print(event.args) }
/// socket.connect()
/// ...
/// manager.close()
/// ```
///
/// Its methods may be called from every thread. All handlers of a manager and its sockets run on one event loop, in order,
/// never two at once. It lives until ``close(completion:)``: without that it is not given back.
///
/// SAFETY of `@unchecked Sendable`: what changes is used on the loop only, or is atomic, or has a lock.
public final class Manager: @unchecked Sendable, DeadlineTarget {
    public let url: String
    public let options: ManagerOptions
    /// What all managers of one server have in common: "https://host:443".
    package let origin: String
    package let loop: EngineLoop
    let clientLoop: ClientLoop
    let parser: SocketParser
    let packetLimits: PacketLimits
    let counter = ReplyCounter()
    let makeEngine: EngineMaker

    // On the loop.
    var machine: ClientConnectionMachine<ClientSocket>
    var reconnection: ReconnectionMachine
    /// What is there, or on its way.
    var connection: ManagerConnection?
    var target: ConnectionTarget
    /// How long an attempt may take, in milliseconds.
    var openTimeout: Int64
    /// How many attempts there were since the last connection, and why that, or the last of them, ended.
    var openings = 0
    var lastReason: String?
    /// Counts the questions for where to connect, so that a late answer is known.
    var ticket: UInt64 = 0
    /// Of the end: what is left to be said is that it is over.
    private var hasToldSockets = false
    /// Those that nobody wants any more, and that send what they have.
    private var leaving: [ManagerConnection] = []
    /// For those who ask from other threads.
    package let state = ConnectionState()

    package var deadlinePosition: Int32 = -1
    package var scheduledDeadline: Instant = 0

    /// Set by the call of ``close(completion:)``, on whatever thread: no handler begins from then on, but those that say
    /// that it is over.
    private let closing = Atomic<Bool>(false)
    /// Set when the end begins, on the loop or behind its own.
    private let closed = Atomic<Bool>(false)

    struct Shared {
        var sockets: [ClientSocket] = []
        var handlers = HandlerList<ManagerCall>()
        var packetHandlers = HandlerList<PacketCall>()
        var opening: (@Sendable (OpenRequest) -> Void)?
        var onClose: [@Sendable () -> Void] = []
        /// No socket is made any more.
        var isOver = false
        /// Everything has been said.
        var isFinished = false
        func socket(_ namespace: String) -> ClientSocket? { sockets.first { $0.namespace == namespace } }
    }

    let shared = Mutex(Shared())
    /// Whether somebody listens to packets.
    let watchesPackets = Atomic<Bool>(false)
    private let end = Signal()

    /// A client that does not connect yet. `url`: "http://host:port", "https", "ws" or "wss"; a path in it is not looked at,
    /// parameters are sent along. Certificates are read here, so that what is wrong with them is said.
    public convenience init(
        _ url: String, options: ManagerOptions = ManagerOptions(), runtime: ClientRuntime = .shared
    ) throws(SocketError) {
        try self.init(url, options: options, runtime: runtime) { loop, url, options, delegate in
            EngineClient(loop: loop, url: url, options: options, delegate: delegate)
        }
    }

    package init(
        _ url: String, options: ManagerOptions, runtime: ClientRuntime, engine: @escaping EngineMaker
    ) throws(SocketError) {
        let address: EngineURL
        do throws(EngineURL.Mistake) {
            address = try EngineURL(url)
        } catch {
            throw SocketError(.argument, error.sentence)
        }
        let engineOptions = options.engine()
        if let mistake = engineOptions.mistake { throw SocketError(.argument, mistake) }
        guard max(options.maxBufferedBytes, options.maxPayload) <= SizeLimit.bytes else {
            throw SocketError(.limit, "maxBufferedBytes and maxPayload can be \(SizeLimit.bytes) bytes at the most.")
        }
        do throws(ListenError) {
            try engineOptions.tls.check()
            try runtime.engine.start()
        } catch {
            throw SocketError(error)
        }
        guard let loop = runtime.engine.nextLoop() else { throw SocketError(ListenError.closed) }
        self.url = url
        target = ConnectionTarget(address, options)
        openTimeout = options.openTimeout
        self.options = options
        origin = address.origin
        self.loop = loop
        clientLoop = ClientLoop.of(loop)
        parser = options.parser
        packetLimits = options.packetLimits
        makeEngine = engine
        machine = ClientConnectionMachine(earlyLimit: max(0, options.maxEarlyBytes))
        reconnection = ReconnectionMachine(reconnects: options.reconnection, options.backoff)
    }

    /// How many replies the server awaits, in all namespaces.
    public var pendingReplies: Int { counter.value }

    /// What carries the connection now; nil: there is none.
    public var transport: ManagerOptions.TransportKind? { state.transport }

    /// Whether ``close(completion:)`` was called.
    public var isClosing: Bool { closing.load(ordering: .acquiring) }

    // MARK: Sockets

    /// The socket of a namespace, made at the first call; options count then. It does not connect by itself.
    public func socket(
        _ namespace: String = "/", options: ClientSocketOptions = ClientSocketOptions()
    ) throws(SocketError) -> ClientSocket {
        let name = try ClientSocket.checkedNamespace(namespace)
        let result = shared.withLock { shared -> (socket: ClientSocket?, isNew: Bool) in
            if let socket = shared.socket(name) { return (socket, false) }
            guard !shared.isOver, let socket = ClientSocket(name, manager: self, options: options) else {
                return (nil, false)
            }
            shared.sockets.append(socket)
            return (socket, true)
        }
        guard let socket = result.socket else { throw .clientClosed }
        if result.isNew {
            loop.run {
                if !self.isClosing { _ = self.machine.add(socket.wireNameBytes, as: socket) }
            }
        }
        return socket
    }

    /// The socket of a namespace that has one.
    package func existingSocket(_ namespace: String) -> ClientSocket? {
        shared.withLock { $0.socket(namespace) }
    }

    /// Disconnects all sockets; they may connect again.
    public func disconnect() {
        for socket in shared.withLock({ $0.sockets }) { socket.disconnect() }
    }

    // MARK: Handlers

    @discardableResult
    func changeHandlers<Result>(
        _ change: (inout HandlerList<ManagerCall>, inout HandlerList<PacketCall>) -> Result
    ) -> Result {
        let (result, old) = shared.withLock { shared in
            let old = (shared.handlers, shared.packetHandlers)
            let result = change(&shared.handlers, &shared.packetHandlers)
            watchesPackets.store(!shared.packetHandlers.isEmpty, ordering: .relaxed)
            return (result, old)
        }
        // What the change lets go of ends outside of the lock: that may run code of the application.
        withExtendedLifetime(old) {}
        return result
    }

    func setOpening(_ handler: (@Sendable (OpenRequest) -> Void)?) {
        // Not behind the end, which lets go of it.
        let old = shared.withLock { shared in
            let old = shared.opening
            if !shared.isOver { shared.opening = handler }
            return old
        }
        withExtendedLifetime(old) {}
    }

    func tell(_ event: ManagerEvent) {
        for handler in shared.withLock({ $0.handlers.handlers }) {
            guard !isClosing else { return }
            handler(self, event)
        }
    }

    func tell(_ packet: ManagerPacket) {
        for handler in shared.withLock({ $0.packetHandlers.handlers }) {
            guard !isClosing else { return }
            handler(self, packet)
        }
    }

    /// Calls `handler` behind everything else, on the loop; at once if it is over.
    package func onClose(_ handler: @escaping @Sendable () -> Void) {
        let isFinished = shared.withLock { shared in
            if !shared.isFinished { shared.onClose.append(handler) }
            return shared.isFinished
        }
        if isFinished { handler() }
    }

    // MARK: The end

    /// Ends the client for good, in whatever state it is, from every thread and every handler.
    ///
    /// Awaited replies end with ``AckFailure/closed``, sockets that are connected are told "io client disconnect", and a
    /// connection that is open is gone, ``ManagerEvent/close(_:)``: inside of the call if it comes from a handler of this manager, soon if it does not; a handler that runs elsewhere
    /// at this moment ends first. What was emitted is sent, for as long as ``ManagerOptions/closeTimeout``; then the
    /// connection ends and `completion` is called, and nothing runs any more, ever. A second call does nothing, but calls
    /// `completion` behind the same end.
    public func close(completion: (@Sendable () -> Void)? = nil) {
        closing.store(true, ordering: .sequentiallyConsistent)
        if let completion { onClose(completion) }
        if !loop.run({ self.finish() }) { finish() }
    }

    /// As ``close(completion:)``, and waits for the end; but not on an event loop, which has to go on.
    public func closeAndWait() {
        close()
        if !EngineRuntime.isOnAnyLoop { wait() }
    }

    /// Waits until everything has been said. Not on an event loop.
    package func wait() { end.wait() }

    /// As ``close(completion:)``, but the connection ends at once.
    package func abort() {
        closing.store(true, ordering: .sequentiallyConsistent)
        let isTaken = loop.run {
            self.finish()
            for connection in self.leaving { connection.engine?.abort() }
        }
        if !isTaken { finish() }
    }

    /// On the loop, or behind its end.
    private func finish() {
        guard closed.compareExchange(expected: false, desired: true, ordering: .sequentiallyConsistent).exchanged else {
            return
        }
        let wasOpen = reconnection.isOpen
        reconnection.close()
        clientLoop.reconnections.remove(self)
        // A loop that has ended sends nothing.
        if !loop.isCurrent {
            connection?.abandon()
            connection = nil
            for connection in leaving { connection.abandon() }
            leaving = []
        }
        for socket in machine.sockets where machine.isConnected(socket.wireNameBytes) { socket.sayGoodbye() }
        closeConnection()
        state.attempts(0)
        _ = machine.removeAll()
        let sockets = shared.withLock { shared in
            // No socket is added behind this.
            shared.isOver = true
            defer { shared.sockets = [] }
            return shared.sockets
        }
        ManagerCache.remove(self)
        if wasOpen {
            for handler in shared.withLock({ $0.handlers.handlers }) { handler(self, .close(.byThisSide)) }
        }
        for socket in sockets { socket.finish() }
        let handlers = shared.withLock { shared in
            defer { (shared.handlers, shared.packetHandlers, shared.opening) = (HandlerList(), HandlerList(), nil) }
            return (shared.handlers, shared.packetHandlers, shared.opening)
        }
        withExtendedLifetime(handlers) {}
        hasToldSockets = true
        complete()
    }

    /// What is queued leaves first; nothing is heard of it any more, but that it has ended.
    func closeConnection() {
        state.closed()
        guard let connection else { return }
        self.connection = nil
        // It may have ended by itself since the call of close.
        guard let engine = connection.engine else { return }
        leaving.append(connection)
        engine.close()
    }

    /// A connection that nobody wants any more has ended.
    func left(_ connection: ManagerConnection) {
        leaving.removeAll { $0 === connection }
        if hasToldSockets { complete() }
    }

    /// Says that it is over, once the last connection is.
    private func complete() {
        guard leaving.isEmpty else { return }
        let tell = { @Sendable in
            while let completions = self.takeCompletions() {
                for completion in completions { completion() }
            }
            self.end.signal()
        }
        // Behind this turn, in which the last bytes leave.
        if !loop.post(tell) { tell() }
    }

    private func takeCompletions() -> [@Sendable () -> Void]? {
        shared.withLock { shared in
            guard !shared.onClose.isEmpty else {
                shared.isFinished = true
                return nil
            }
            defer { shared.onClose = [] }
            return shared.onClose
        }
    }
}
