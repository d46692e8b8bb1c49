import SocketIOCore
import SocketIOHandlers
import SocketIOTransport

/// What a socket sends.
extension ClientSocket {
    // MARK: Emitting, on any thread

    /// Sends an event to the server. `args` is the JSON text of an array, in which placeholders stand for `attachments`.
    /// While the socket is not connected it waits, within the limits of ``ManagerOptions``; a volatile one is dropped
    /// then. `compress`: if it is large enough, and the server knows how. `coalesceKey`: while it waits, a newer event with
    /// the same key takes its place.
    public func emit(
        _ event: String, _ args: String = "[]", attachments: [[UInt8]] = [], volatile: Bool = false,
        compress: Bool = true, coalesceKey: String? = nil
    ) throws(SocketError) {
        try EventMessage.withBytes(
            name: event, args: args, attachments: attachments, compresses: compress, coalesceKey: coalesceKey
        ) { (message) throws(SocketError) in try emit(message, isVolatile: volatile) }
    }

    /// Sends an event named "message".
    public func send(_ args: String = "[]", attachments: [[UInt8]] = []) throws(SocketError) {
        try emit("message", args, attachments: attachments)
    }

    private func validated(_ message: borrowing EventMessage) throws(SocketError) -> ValidMessage {
        let loop = manager.clientLoop
        let content = try message.validatedEvent { loop.isDelivering($0) }
        try checkNumber(of: content.attachments)
        return content
    }

    /// Servers end the connection for more than they take, and tell nobody why.
    func checkNumber(of attachments: Attachments) throws(SocketError) {
        let limit = manager.packetLimits.attachments
        guard manager.parser == .json, attachments.count > limit else { return }
        throw SocketError(
            .limit,
            "There are \(attachments.count) binary values, and a packet has \(limit) at the most: servers end the "
                + "connection for more than 10, unless they are told otherwise. Send fewer, or raise maxAttachments "
                + "(max_attachments) here, and the server's limit.")
    }

    package func emit(_ message: borrowing EventMessage, isVolatile: Bool = false) throws(SocketError) {
        let content = try validated(message)
        guard !manager.isClosing else { throw .clientClosed }
        if maxRetries != nil, !isVolatile {
            return try emit(content, isVolatile: false, timeout: nil, completion: nil, isReliable: true)
        }
        tellOutgoing(content)
        let packet = content.event(namespace: wireName, acknowledgement: nil)
        if manager.loop.isCurrent, manager.parser == .json, let engine = directEngine {
            guard !isVolatile || engine.canSendNow else { return countDropped(1) }
            write(packet, content, to: engine)
        } else {
            let packets = try content.enginePackets(packet, manager.parser)
            let terms = QueueTerms(content, isVolatile: isVolatile)
            manager.loop.run { self.write(packets, terms, nil) }
        }
    }

    /// Sends an event and asks for a reply. `completion` is called once: with the reply, or with why there is none.
    /// Without a `timeout`, and without ``ClientSocketOptions/ackTimeout``, it waits as long as the connection lives.
    public func emit(
        _ event: String, _ args: String = "[]", attachments: [[UInt8]] = [], volatile: Bool = false,
        compress: Bool = true, timeout: Duration? = nil, completion: @escaping ClientAckHandler
    ) throws(SocketError) {
        try EventMessage.withBytes(name: event, args: args, attachments: attachments, compresses: compress) {
            (message) throws(SocketError) in
            try emit(
                message, isVolatile: volatile, timeout: timeout?.wholeMilliseconds, completion: completion)
        }
    }

    package func emit(
        _ message: borrowing EventMessage, isVolatile: Bool = false, timeout: Int64?,
        completion: @escaping ClientAckHandler
    ) throws(SocketError) {
        let content = try validated(message)
        guard !manager.isClosing else { throw .clientClosed }
        try emit(
            content, isVolatile: isVolatile, timeout: timeout, completion: completion,
            isReliable: maxRetries != nil && !isVolatile)
    }

    private func emit(
        _ content: ValidMessage, isVolatile: Bool, timeout: Int64?, completion: ClientAckHandler?, isReliable: Bool
    ) throws(SocketError) {
        tellOutgoing(content)
        let acknowledgement = nextAcknowledgement()
        let packets = try content.enginePackets(
            content.event(namespace: wireName, acknowledgement: acknowledgement), manager.parser)
        let reply = PendingReply(
            socket: self, acknowledgement: acknowledgement,
            timeout: timeout ?? ackTimeout?.wholeMilliseconds, isReliable: isReliable, completion: completion)
        let terms = QueueTerms(content, isVolatile: isVolatile)
        let isTaken = manager.loop.run {
            guard !self.manager.isClosing else { return reply.end(.failure(.closed)) }
            if isReliable {
                self.enqueue(packets, reply)
            } else {
                self.send(packets, terms, reply)
            }
        }
        if !isTaken { reply.end(.failure(.closed)) }
    }

    func send(reply content: ValidMessage, to acknowledgement: UInt64) throws(SocketError) {
        let packet = content.reply(namespace: wireName, acknowledgement: acknowledgement)
        if manager.loop.isCurrent, manager.parser == .json {
            if isJoined, let engine = manager.connection?.openEngine { write(packet, content, to: engine) }
            return
        }
        let packets = try content.enginePackets(packet, manager.parser)
        manager.loop.run {
            guard self.isJoined, let engine = self.manager.connection?.openEngine else { return }
            for packet in packets { engine.send(packet) }
        }
    }

    private func tellOutgoing(_ content: ValidMessage) {
        guard watchesOutgoing.load(ordering: .acquiring) else { return }
        let event = ClientOutgoingEvent(content)
        manager.loop.run {
            for handler in self.listeners.outgoing.handlers {
                guard !self.manager.isClosing else { return }
                handler(self, event)
            }
        }
    }

    // MARK: Sending, on the loop

    /// Beyond so many bytes in the engine, events wait in the socket, where limits and policy are those of the program.
    private static var engineMark: Int { 1024 * 1024 }

    /// The engine, if what is emitted now goes there at once.
    private var directEngine: (any ClientEngine)? {
        guard isJoined, buffer.isEmpty, let engine = manager.connection?.openEngine,
            engine.bufferedBytes <= Self.engineMark
        else { return nil }
        return engine
    }

    private func write(_ packet: OutgoingPacket, _ content: ValidMessage, to engine: any ClientEngine) {
        engine.send(text: packet.encodedSize, compresses: content.compresses) { packet.write(into: $0) }
        for attachment in content.attachments { engine.send(binary: attachment, compresses: content.compresses) }
    }

    private func write(_ packets: [EnginePacket], _ terms: QueueTerms, _ reply: PendingReply?) {
        guard !manager.isClosing else { return }
        if let engine = directEngine {
            guard !terms.isVolatile || engine.canSendNow else { return drop(reply) }
            reply?.isSent = true
            for packet in packets { engine.send(packet) }
            return
        }
        guard !terms.isVolatile else { return drop(reply) }
        let entry = BoundedQueue<[EnginePacket]>.Entry(
            packet: packets, size: packets.size, acknowledgement: reply?.acknowledgement, key: terms.key)
        handle(buffer.append(entry, policy: terms.policy))
    }

    private func send(_ packets: [EnginePacket], _ terms: QueueTerms, _ reply: PendingReply) {
        guard pending.count < manager.options.maxPendingAcks else { return reply.end(.failure(.limit)) }
        pending[reply.acknowledgement] = reply
        noteAmounts()
        reply.startTimer()
        write(packets, terms, reply)
    }

    /// What had no room is counted, and its replies end.
    private func handle(_ addition: BoundedQueue<[EnginePacket]>.Addition) {
        defer { noteAmounts() }
        switch addition {
        case .added: break
        case .dropped(let entries): drop(entries)
        case .overflow(let entries):
            drop(entries)
            overflowed()
        }
    }

    /// A volatile event could not leave.
    private func drop(_ reply: PendingReply?) {
        countDropped(1)
        if let reply { end(reply, .failure(.limit)) }
    }

    private func drop(_ entries: [BoundedQueue<[EnginePacket]>.Entry]) {
        countDropped(entries.count)
        for entry in entries {
            guard let id = entry.acknowledgement, let reply = pending[id] else { continue }
            end(reply, .failure(.limit))
        }
    }

    /// Sends what has waited: as far as the engine takes it, or all.
    func flush(all: Bool = false) {
        guard isJoined, !buffer.isEmpty, let engine = manager.connection?.openEngine else { return }
        defer { noteAmounts() }
        while all || engine.bufferedBytes <= Self.engineMark, let entry = buffer.popFirst() {
            if let id = entry.acknowledgement { pending[id]?.isSent = true }
            for packet in entry.packet { engine.send(packet) }
        }
    }

    /// Sends what waits, and that the client leaves.
    func sayGoodbye() {
        flush(all: true)
        sendDisconnect()
    }

    func sendDisconnect() {
        sendControl(.disconnect(namespace: wireName))
    }

    /// A packet of the protocol's own.
    func sendControl(_ packet: OutgoingPacket) {
        guard let engine = manager.connection?.openEngine else { return }
        if manager.parser == .json {
            engine.send(text: packet.encodedSize, compresses: true) { packet.write(into: $0) }
        } else if let packet = EnginePacket(msgpack: packet) {
            engine.send(packet)
        }
    }

    // MARK: Replies, on the loop

    func end(_ reply: PendingReply, _ outcome: consuming AckOutcome) {
        pending[reply.acknowledgement] = nil
        noteAmounts()
        reply.stopTimer()
        reply.end(outcome)
    }

    func received(reply: consuming AckReply, to acknowledgement: UInt64) {
        guard let awaited = pending[acknowledgement] else { return }
        // One that is not on its way yet has no reply.
        if awaited.isReliable, retries?.acknowledged(acknowledgement) != true { return }
        end(awaited, .success(reply))
        if awaited.isReliable { driveRetries() }
    }

    func timedOut(_ reply: PendingReply) {
        guard reply.isReliable else {
            _ = buffer.remove(acknowledgement: reply.acknowledgement)
            return end(reply, .failure(.timeout))
        }
        switch retries?.timedOut(reply.acknowledgement) {
        case .givenUp: end(reply, .failure(.timeout))
        case .again, .ignored, nil: break
        }
        driveRetries()
    }

    // MARK: Retries, on the loop

    private func enqueue(_ packets: [EnginePacket], _ reply: PendingReply) {
        pending[reply.acknowledgement] = reply
        let entry = BoundedQueue<[EnginePacket]>.Entry(
            packet: packets, size: packets.size, acknowledgement: reply.acknowledgement)
        if let addition = retries?.append(entry) { handle(addition) }
        driveRetries()
    }

    /// Sends the first event of the queue, unless it is on its way.
    func driveRetries() {
        guard isJoined, !manager.isClosing, let engine = manager.connection?.openEngine, let entry = retries?.next(),
            let id = entry.acknowledgement
        else { return }
        for packet in entry.packet { engine.send(packet) }
        pending[id]?.startTimer()
    }
}

/// What may become of an event that has to wait.
private struct QueueTerms: Sendable {
    let isVolatile: Bool
    let key: [UInt8]
    /// One of its own.
    let policy: BufferPolicy?

    init(_ content: ValidMessage, isVolatile: Bool) {
        self.isVolatile = isVolatile
        key = Array(content.coalesceKey)
        policy = content.overflow.map { BufferPolicy($0) }
    }
}

extension [EnginePacket] {
    fileprivate var size: Int { reduce(0) { $0 &+ $1.byteCount } }
}
