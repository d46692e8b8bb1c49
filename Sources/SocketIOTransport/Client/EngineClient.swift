import EngineIOCore
import Glibc
import NIOCore

/// What a client tells the layer above. All calls come on the client's loop.
package protocol EngineClientDelegate: AnyObject {
    /// The session is open. Called once, before everything else; not for one that was closed before.
    func opened(_ session: ClientHandshake)
    /// A text message, without its type. `text` is borrowed, may be changed, and one byte behind it may be written to.
    func received(text: UnsafeMutableRawBufferPointer)
    /// A binary message; as above.
    func received(binary: UnsafeMutableRawBufferPointer)
    /// WebSocket carries the session from now on.
    func upgraded()
    /// The server's half of a heartbeat has come: a ping in revision 4, the answer to one in revision 3.
    func heartbeat()
    /// All that was queued has left.
    func drained()
    /// The connection is over. Called once, even if it never opened, and the last call; it may come from inside of
    /// ``EngineClient/close()``, ``EngineClient/abort()`` and the functions that send.
    func closed(_ end: EngineClientEnd)
}

/// One attempt to connect, and the session that comes of it; not used again afterwards.
///
/// Carries out what ``ClientSessionMachine`` decides. Delegate and client hold each other until the end.
///
/// Everything but the initializer belongs to the loop. SAFETY of `@unchecked Sendable`: it is used there only.
package final class EngineClient: @unchecked Sendable, DeadlineTarget {
    package let loop: EngineLoop
    package let url: EngineURL
    package let options: EngineClientOptions
    private var delegate: (any EngineClientDelegate)?

    var machine: ClientSessionMachine<EnginePacket>
    var plan: OpeningPlan
    /// Of polling, which makes many.
    private(set) lazy var requests = ClientRequests(url, options)
    var targets: RequestTargets
    private var cookies = CookieJar()
    /// What an end is explained with: the last thing that went wrong.
    var failure: EngineClientFailure?

    private var isStarted = false
    /// Whether a GET has asked for the session.
    var isAskedByPoll = false
    /// The WebSocket that is to open the session, or to take it over.
    var opening: WebSocketOpening?
    /// A WebSocket that was opened to take over, and has not done so yet.
    var probe: ClientWebSocketHandler?
    /// Carries the packets, but while it is polling.
    var webSocket: ClientWebSocketHandler?
    /// An open packet that either revision may have sent, and when it is taken for one of revision 4.
    var undecided: (handshake: ClientHandshake, timer: Scheduled<Void>)?
    /// The connections of GETs and of POSTs.
    var polls: ClientRequester?
    var posts: ClientRequester?

    private var isStepping = false
    private var isFlushScheduled = false

    package var deadlinePosition: Int32 = -1
    package var scheduledDeadline: Instant = 0

    package init(loop: EngineLoop, url: EngineURL, options: EngineClientOptions, delegate: any EngineClientDelegate) {
        self.loop = loop
        self.url = url
        self.options = options
        self.delegate = delegate
        machine = ClientSessionMachine(configuration: options.session)
        plan = OpeningPlan(
            transports: options.transports, revisions: options.revisions, triesAll: options.triesAllTransports,
            startsWithWebSocket: options.startsWithWebSocket)
        targets = RequestTargets(
            path: options.path, urlQuery: url.query, query: options.query, revision: .four,
            isBase64: options.forcesBase64)
    }

    /// The revision of the protocol that is spoken, or asked for.
    package var revision: ProtocolRevision { plan.current?.revision ?? .four }

    /// What carries the session, or is to.
    package var transport: Transport { webSocket != nil ? .webSocket : plan.current?.transport ?? .polling }

    // MARK: The beginning

    /// Begins; once.
    package func open() {
        guard !isStarted, machine.isOpening else { return }
        isStarted = true
        machine.begin(now: loop.now)
        if let mistake = options.mistake {
            fail(EngineClientFailure(.argument, mistake))
            return
        }
        attempt()
        updateDeadline()
    }

    private func attempt() {
        guard let attempt = plan.current else { return }
        targets = RequestTargets(
            path: options.path, urlQuery: url.query, query: options.query, revision: attempt.revision,
            isBase64: options.forcesBase64)
        switch attempt.transport {
        case .polling: openPolling()
        case .webSocket: openWebSocket()
        }
    }

    /// The attempt to open the session has failed: another is made, or it is the end.
    func openingFailed(_ failure: EngineClientFailure) {
        guard machine.isOpening else { return }
        let failure = failure.over(transport)
        self.failure = failure
        closeConnections()
        isAskedByPoll = false
        if !machine.isLeaving, plan.advance(refusesRevision: failure.code == .revision) != nil {
            attempt()
        } else {
            machine.transportEnded(.transportError)
        }
        run()
    }

    /// The server speaks revision 3, whatever it was asked for.
    func foundRevision3() {
        plan.foundRevision3()
        targets = RequestTargets(
            path: options.path, urlQuery: url.query, query: options.query, revision: .three,
            isBase64: options.forcesBase64)
    }

    /// The open packet has come.
    func opened(_ handshake: ClientHandshake) {
        failure = nil
        let upgrades = options.transports.contains(.webSocket) ? handshake.upgrades : []
        let session = ClientHandshake(
            sid: handshake.sid, upgrades: upgrades, pingInterval: handshake.pingInterval,
            pingTimeout: handshake.pingTimeout, maxPayload: handshake.maxPayload, transport: handshake.transport,
            revision: handshake.revision)
        machine.opened(session, now: loop.now)
        if !machine.isLeaving { delegate?.opened(handshake) }
    }

    // MARK: Sending

    /// Whether a message would leave at once: what volatile messages ask.
    package var canSendNow: Bool { machine.canSendNow }

    /// How much waits to be sent.
    package var bufferedBytes: Int { machine.bufferedBytes }

    /// Sends one text message of `size` bytes at the most; `encode` writes it (without the Engine.IO packet type) into
    /// the memory it is given. `compresses`: if it is large enough, and the server knows how.
    ///
    /// What is sent before the session is open waits; what is sent after its end is dropped.
    package func send(text size: Int, compresses: Bool = true, _ encode: (UnsafeMutableRawBufferPointer) -> Int) {
        func encodeMessage(_ memory: UnsafeMutableRawBufferPointer) -> Int {
            memory[0] = PacketType.message.digit
            return 1 &+ encode(UnsafeMutableRawBufferPointer(rebasing: memory[1...]))
        }
        if machine.writesThrough, let webSocket {
            webSocket.write(.text, payload: size &+ 1, compresses: compresses, encodeMessage)
            noteWritability(of: webSocket)
        } else if !machine.isLeaving {
            send(EnginePacket(isBinary: false, payload: size &+ 1, compresses: compresses, encodeMessage))
        }
    }

    /// Sends one binary message.
    package func send(binary bytes: UnsafeRawBufferPointer, compresses: Bool = true) {
        if machine.writesThrough, let webSocket {
            webSocket.write(binary: bytes, compresses: compresses)
            noteWritability(of: webSocket)
        } else if !machine.isLeaving {
            send(EnginePacket(binary: bytes, compresses: compresses))
        }
    }

    /// Sends a packet that was encoded before.
    package func send(_ packet: EnginePacket) {
        switch machine.send(packet) {
        case .write(let packet):
            guard let webSocket else { return }
            webSocket.write(packet)
            noteWritability(of: webSocket)
        case .queued: runLater()
        case .dropped: break
        case .overflow:
            failure = EngineClientFailure(
                .overflow, transport: transport,
                "More than \(options.session.bufferedBytes) bytes wait to be sent: the server does not take them fast "
                    + "enough, or the limit is too small.")
            run()
        }
    }

    /// A full channel buffers no more than its water mark: what follows waits in the machine's queue, which is bounded.
    private func noteWritability(of webSocket: ClientWebSocketHandler) {
        if !webSocket.isWritable { machine.writabilityChanged(false) }
    }

    func webSocketWritabilityChanged(_ webSocket: ClientWebSocketHandler, isWritable: Bool) {
        guard webSocket === self.webSocket else { return }
        machine.writabilityChanged(isWritable)
        run()
    }

    // MARK: Receiving

    func deliver(text: UnsafeMutableRawBufferPointer) { delegate?.received(text: text) }

    func deliver(binary: UnsafeMutableRawBufferPointer) { delegate?.received(binary: binary) }

    func heartbeat() { delegate?.heartbeat() }

    // MARK: Cookies

    var cookieField: String? { options.keepsCookies ? cookies.field(time: time(nil)) : nil }

    func noteCookies(of head: HTTPResponseHead) {
        if options.keepsCookies { cookies.take(from: head, time: time(nil)) }
    }

    /// A parameter that makes the target of a request another one each time.
    func stamp(for transport: Transport) -> (name: String, value: String)? {
        guard let name = options.stamp, transport == .polling || options.stampsWebSockets else { return nil }
        return (name, String(UInt64(loop.random.maskKey()) << 16 | UInt64(loop.random.maskKey() >> 16), radix: 36))
    }

    // MARK: Steps

    private func runLater() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        loop.flushLater(self)
    }

    /// Does what is to be done; after whatever may have changed that.
    func run() {
        guard !isStepping else { return }
        isStepping = true
        while let step = machine.nextStep(now: loop.now) { carryOut(step) }
        isStepping = false
        updateDeadline()
    }

    private func carryOut(_ step: ClientSessionMachine<EnginePacket>.Step) {
        switch step {
        case .poll: poll()
        case .post(let packets, let closes): post(closes ? packets + [.close] : packets)
        case .openProbe: openProbe()
        case .askProbe: probe?.write(EnginePacket.probeQuestion)
        case .dropProbe: closeProbe()
        case .upgrade(let packets):
            webSocket = probe
            probe = nil
            closePolling()
            webSocket?.write(EnginePacket.upgrade)
            delegate?.upgraded()
            write(packets)
        case .write(let packets): write(packets)
        case .closeWebSocket:
            let webSocket = webSocket
            self.webSocket = nil
            webSocket?.client = nil
            webSocket?.close()
        case .drained: delegate?.drained()
        case .end(let reason): end(reason)
        }
    }

    private func write(_ packets: [EnginePacket]) {
        guard let webSocket else { return }
        for packet in packets { webSocket.write(packet) }
        noteWritability(of: webSocket)
    }

    // MARK: Time

    private func updateDeadline() {
        loop.clientDeadlines.schedule(self, at: isStarted ? machine.deadline : nil)
    }

    package func deadlineReached(now: Instant) {
        var isDone = false
        while !isDone {
            switch machine.deadlineReached(now: now) {
            case .none: isDone = true
            case .ping: send(EnginePacket.ping)
            case .dropProbe: closeProbe()
            case .lateOpening:
                failure = EngineClientFailure(
                    .timeout, transport: transport,
                    "The connection did not open within \(options.session.openTimeout) ms: is the server, or the way to "
                        + "it, overloaded or blocked?")
            }
        }
        run()
    }

    // MARK: The end

    /// Ends the connection in order: what is queued leaves first, and the server is told. Legal in every state.
    package func close() {
        // Before the server knows of the session, there is nobody to be told.
        let isAsked = isAskedByPoll || webSocket != nil || opening?.isRequestSent ?? false
        machine.close(isAsked: isAsked, now: loop.now)
        run()
    }

    /// Ends the connection at once. Legal in every state.
    package func abort() {
        machine.end(.forcedClose)
        run()
    }

    /// The transport of an open session has failed.
    func fail(_ failure: EngineClientFailure, _ reason: CloseReason = .transportError) {
        guard !machine.isClosed else { return }
        self.failure = failure.over(transport)
        machine.transportEnded(reason)
        run()
    }

    func webSocketEnded(
        _ webSocket: ClientWebSocketHandler, _ reason: CloseReason, _ failure: EngineClientFailure
    ) {
        if webSocket === probe {
            probe = nil
            machine.probeFailed()
            run()
        } else if webSocket === self.webSocket {
            self.webSocket = nil
            if machine.isOpening { openingFailed(failure) } else { fail(failure, reason) }
        }
    }

    func closeProbe() {
        opening?.cancel()
        opening = nil
        probe?.client = nil
        probe?.close()
        probe = nil
    }

    private func closePolling() {
        polls?.close()
        polls = nil
        posts?.close()
        posts = nil
    }

    private func closeConnections() {
        undecided?.timer.cancel()
        undecided = nil
        closeProbe()
        closePolling()
        webSocket?.abort()
        webSocket = nil
    }

    private func end(_ reason: CloseReason) {
        let transport = transport
        closeConnections()
        loop.clientDeadlines.remove(self)
        let delegate = delegate
        self.delegate = nil
        delegate?.closed(
            EngineClientEnd(
                reason: reason, failure: explanation(of: reason, transport),
                hadFailedUpgrade: machine.hasFailedUpgrade))
    }

    private func explanation(of reason: CloseReason, _ transport: Transport) -> EngineClientFailure? {
        switch reason {
        case .forcedClose: return nil
        case .pingTimeout:
            return EngineClientFailure(
                .timeout, transport: transport,
                "Nothing was heard of the server in the time that it has set for it: it hangs, or the network is gone"
                    + (machine.hasFailedUpgrade ? ", or it says no more since the upgrade to WebSocket failed." : "."))
        case .transportClose, .transportError, .parseError, .forcedServerClose, .serverShuttingDown:
            return failure
                ?? EngineClientFailure(
                    .lost, transport: transport, "The server closed the session: its log may say why.")
        }
    }
}

extension EngineClient: Flushable {
    /// What a turn of the loop has queued leaves together.
    func flush() {
        isFlushScheduled = false
        run()
    }
}
