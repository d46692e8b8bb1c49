import EngineIOCore
import NIOCore
import Synchronization

/// What a session tells the layer above. All calls come on the session's loop.
package protocol EngineSessionDelegate: AnyObject {
    /// The session is open, and its client has been told. Called once, before everything else.
    func opened()
    /// A text message. `text` is borrowed, may be changed, and one byte behind it may be written to.
    func received(text: UnsafeMutableRawBufferPointer)
    /// A binary message; as above.
    func received(binary: UnsafeMutableRawBufferPointer)
    /// The session is on WebSocket from now on.
    func upgraded()
    /// The session is over. Called once.
    func closed(_ reason: CloseReason, _ details: CloseDetails)
    /// The time set with ``EngineSession/setOwnerDeadline(_:)`` has come.
    func ownerDeadlineReached()
    /// Whether ``drained()`` is of use.
    var hearsOfDrains: Bool { get }
    /// All that has waited for the client has left.
    func drained()
}

extension EngineSessionDelegate {
    package var hearsOfDrains: Bool { false }
    package func drained() {}
}

/// One Engine.IO session: carries out what its state machine decides, over polling or WebSocket.
///
/// It belongs to one loop for life. SAFETY of `@unchecked Sendable`: everything but the constants is used there only.
package final class EngineSession: @unchecked Sendable, DeadlineTarget {
    package let id: SessionName
    package let loop: EngineLoop
    package let engine: EngineServer
    package let handshake: HandshakeRecord
    let format: PollingFormat
    /// What the loop counts of the server's packets; the layer above counts here, too.
    package let traffic: LoopCells
    /// The layer above; the session and it hold each other until the end.
    private(set) var delegate: (any EngineSessionDelegate)?

    var machine: SessionStateMachine<EnginePacket>
    /// Carries the packets once the session has upgraded or came that way.
    private(set) var webSocket: WebSocketHandler?
    /// A WebSocket that asks to take over.
    private var probe: WebSocketHandler?
    var pendingPoll: HTTPExchange?
    /// A POST whose body is being read.
    var pendingPost: HTTPExchange?
    var isFlushScheduled = false
    /// Whether something waits, or did, for longer than a turn of the loop.
    var isBehind = false
    let buffered: BufferedAmounts
    /// The transport, for other threads to ask.
    private let isOnWebSocket: Atomic<Bool>
    private var ownerDeadline: Instant?

    package var deadlinePosition: Int32 = -1
    package var scheduledDeadline: Instant = 0

    init(
        engine: EngineServer, loop: EngineLoop, id: SessionName, transport: Transport, format: PollingFormat,
        handshake: HandshakeRecord
    ) {
        self.engine = engine
        self.id = id
        self.loop = loop
        self.format = format
        self.handshake = handshake
        traffic = engine.metrics.cells(of: loop)
        isOnWebSocket = Atomic(transport == .webSocket)
        buffered = BufferedAmounts(isWritable: transport == .webSocket)
        machine = SessionStateMachine(
            transport: transport, revision: format.revision, configuration: engine.sessionConfiguration,
            now: loop.now)
        updateDeadline()
    }

    /// The session has a layer above from now on.
    func begin(with delegate: any EngineSessionDelegate) {
        self.delegate = delegate
        delegate.opened()
    }

    /// The revision of the protocol that the client asked for.
    package var revision: ProtocolRevision { format.revision }

    /// The transport that carries the packets now. Thread-safe.
    package var transport: Transport { isOnWebSocket.load(ordering: .relaxed) ? .webSocket : .polling }

    package var isOpen: Bool { machine.isOpen }

    /// The packet that opens a session over polling, to be sent now.
    func takeOpenPacket() -> EnginePacket {
        let packet = engine.openPolling
        return counted(
            EnginePacket(isBinary: false, payload: packet.size(for: id)) { packet.write(for: id, into: $0) })
    }

    /// Counts a packet that leaves, or waits to.
    func counted(_ packet: EnginePacket) -> EnginePacket {
        traffic.sent(packet.kind, bytes: packet.payloadCount)
        return packet
    }

    func respond(toPoll packets: [EnginePacket]) {
        guard let poll = pendingPoll else { return }
        pendingPoll = nil
        engine.respond(toPoll: poll, packets, format)
    }

    // MARK: The WebSocket

    /// The session came over this WebSocket.
    func opened(over webSocket: WebSocketHandler) {
        self.webSocket = webSocket
        webSocket.session = self
        let packet = engine.openWebSocket
        let size = packet.size(for: id)
        traffic.sent(.open, bytes: size)
        webSocket.write(.text, payload: size) { packet.write(for: id, into: $0) }
    }

    /// A WebSocket came for a session that is on polling.
    func probed(by webSocket: WebSocketHandler) {
        guard case .accept = machine.probeOpened(now: loop.now) else { return webSocket.close() }
        probe = webSocket
        webSocket.session = self
        updateDeadline()
    }

    func received(text: UnsafeMutableRawBufferPointer, from webSocket: WebSocketHandler) {
        guard webSocket === self.webSocket else { return receivedProbe(probePacket(text), from: webSocket) }
        guard let digit = text.first else { return carryOut(machine.receivedMalformed(), .malformedPacket) }
        guard digit == PacketType.message.digit else { return received(other: text, digit) }
        traffic.received(.message, bytes: text.count)
        if format.revision == .three { machine.heard(now: loop.now) }
        if machine.isOpen { delegate?.received(text: UnsafeMutableRawBufferPointer(rebasing: text[1...])) }
    }

    @inline(never)
    private func received(other text: UnsafeMutableRawBufferPointer, _ digit: UInt8) {
        if digit == UInt8(ascii: "b") {
            // A binary message in the form that polling uses.
            received(PayloadPacket(decoding: text, revision: format.revision, isKnownUTF8: true))
        } else {
            received(PacketType(digit: digit), bytes: text.count)
        }
    }

    func received(binary: UnsafeMutableRawBufferPointer, from webSocket: WebSocketHandler) {
        guard webSocket === self.webSocket else { return receivedProbe(.other, from: webSocket) }
        if format.revision == .three { return received(PayloadPacket(decodingTypedBytes: binary)) }
        traffic.received(.binary, bytes: binary.count)
        if machine.isOpen { delegate?.received(binary: binary) }
    }

    func received(_ packet: PayloadPacket) {
        guard machine.isOpen else { return }
        if format.revision == .three { machine.heard(now: loop.now) }
        switch packet {
        case .text(.message, let text):
            traffic.received(.message, bytes: text.count &+ 1)
            delegate?.received(text: text)
        case .text(let type, let data): received(type, bytes: data.count &+ 1)
        case .binary(let bytes):
            traffic.received(.binary, bytes: bytes.count)
            delegate?.received(binary: bytes)
        case .malformed: carryOut(machine.receivedMalformed(), .malformedPacket)
        }
    }

    private func received(_ type: PacketType?, bytes: Int) {
        guard let type else { return carryOut(machine.receivedMalformed(), .malformedPacket) }
        traffic.received(PacketKind(type), bytes: bytes)
        switch machine.received(type, now: loop.now) {
        case .deliver, .ignore: break
        case .pong: send(EnginePacket.pong)
        case .close(let action): carryOut(action, .closePacket)
        case .wrongHeartbeat(let action):
            engine.log(.warning, .wrongHeartbeat, on: loop) { self.format.revision.wrongHeartbeat }
            carryOut(action, .wrongHeartbeat(format.revision.wrongHeartbeat))
        }
        updateDeadline()
    }

    private typealias ProbePacket = SessionStateMachine<EnginePacket>.ProbePacket

    private func probePacket(_ text: UnsafeMutableRawBufferPointer) -> ProbePacket {
        if text.elementsEqual("2probe".utf8) { return .probe }
        return text.elementsEqual("5".utf8) ? .upgrade : .other
    }

    private func receivedProbe(_ packet: ProbePacket, from webSocket: WebSocketHandler) {
        guard webSocket === probe else { return }
        switch machine.probeReceived(packet, now: loop.now) {
        case .pong:
            traffic.received(.ping, bytes: EnginePacket.probeAnswer.payloadCount)
            // A client that probes again and again without reading is not answered again and again.
            if webSocket.isWritable { webSocket.write(counted(.probeAnswer)) }
        case .upgrade(let completePoll):
            traffic.received(.upgrade, bytes: 1)
            if completePoll { respond(toPoll: [counted(.close)]) }
            probe = nil
            self.webSocket = webSocket
            isOnWebSocket.store(true, ordering: .relaxed)
            engine.metrics.sessionUpgraded(revision)
            writeQueue(to: webSocket)
            delegate?.upgraded()
        case .farewell(let packets):
            probe = nil
            webSocket.session = nil
            for packet in packets { webSocket.write(packet) }
            webSocket.close()
            forget()
        case .abort: closeProbe()
        }
        noteQueue()
        updateDeadline()
    }

    func closeProbe() {
        guard let webSocket = probe else { return }
        probe = nil
        engine.metrics.upgradeFailed()
        webSocket.session = nil
        webSocket.close()
    }

    func webSocketEnded(_ webSocket: WebSocketHandler, _ reason: CloseReason, _ details: CloseDetails) {
        if webSocket === probe {
            probe = nil
            engine.metrics.upgradeFailed()
            machine.probeClosed()
            updateDeadline()
        } else if webSocket === self.webSocket {
            carryOut(machine.webSocketClosed(reason), details)
        }
    }

    // MARK: Time

    /// When the delegate wants to be called; `nil`: not any more.
    package func setOwnerDeadline(_ deadline: Instant?) {
        ownerDeadline = deadline
        updateDeadline()
    }

    func updateDeadline() {
        let deadline =
            switch (machine.deadline, ownerDeadline) {
            case (let deadline?, let owner?): min(deadline, owner)
            case (let deadline, let owner): deadline ?? owner
            }
        loop.sessionDeadlines.schedule(self, at: deadline)
    }

    package func deadlineReached(now: Instant) {
        if let owner = ownerDeadline, owner <= now {
            ownerDeadline = nil
            delegate?.ownerDeadlineReached()
        }
        var isDone = false
        while !isDone {
            switch machine.deadlineReached(now: now) {
            case .none: isDone = true
            case .ping: send(EnginePacket.ping)
            case .noop:
                respond(toPoll: [counted(.noop)])
                noteQueue()
            case .abortProbe: closeProbe()
            case .close(let action): carryOut(action, .silence)
            case .forget:
                closeProbe()
                forget()
            }
        }
        updateDeadline()
    }

    // MARK: Closing

    /// Ends the session in order: what was sent before leaves first.
    package func close(_ reason: CloseReason, _ details: CloseDetails = .none) {
        flush()
        if let webSocket, machine.isOpen {
            for packet in machine.takeQueue() { webSocket.write(packet) }
        }
        carryOut(machine.closeOrderly(reason, now: loop.now), details)
        updateDeadline()
    }

    /// Ends the session at once: what waits for the client is discarded.
    package func closeNow(_ reason: CloseReason, _ details: CloseDetails = .none) {
        carryOut(machine.close(reason), details)
    }

    /// Ends the session with its server: a client that is still to be told of an end is not.
    func end() {
        closeNow(.serverShuttingDown)
        guard machine.abandon() else { return }
        closeProbe()
        forget()
    }

    /// Whether the client can be told of an end at once; see `forced server close`.
    package var canTellNow: Bool { webSocket != nil || machine.isPollPending }

    func carryOut(_ action: SessionStateMachine<EnginePacket>.CloseAction, _ details: CloseDetails) {
        guard let reason = action.reason else { return }
        switch action {
        case .none, .end, .awaitPoll: break
        case .completePoll(_, let withNoop): respond(toPoll: [counted(withNoop ? .noop : .close)])
        case .closeWebSocket: webSocket?.close()
        }
        webSocket?.session = nil
        webSocket = nil
        if !machine.awaitsUpgrade { closeProbe() }
        pendingPost?.cancel()
        pendingPost = nil
        if machine.isClosed { forget() }
        ownerDeadline = nil
        noteQueue()
        updateDeadline()
        let delegate = delegate
        self.delegate = nil
        delegate?.closed(reason, details)
    }

    func forget() {
        noteQueue()
        loop.sessionDeadlines.remove(self)
        engine.forget(self)
    }
}

extension EngineSession: Flushable {
    /// Completes the pending poll with what waits.
    func flush() {
        isFlushScheduled = false
        let packets = machine.flush()
        if machine.bufferedPackets > 0 { isBehind = true }
        noteQueue()
        if !packets.isEmpty { respond(toPoll: packets) }
    }
}

extension ProtocolRevision {
    /// What to make of a client that does the server's part of the heartbeat.
    fileprivate var wrongHeartbeat: String {
        switch self {
        case .four:
            "A client that asked for revision 4 of Engine.IO (EIO=4) pings by itself, as revision 3 does: it is "
                + "disconnected; a client of Socket.IO 1 or 2 has to ask with EIO=3."
        case .three:
            "A client that asked for revision 3 of Engine.IO (EIO is not 4) sent a pong, as revision 4 does: it is "
                + "disconnected; a client of Socket.IO 3 or later has to ask with EIO=4."
        }
    }
}
