import EngineIOCore
import SocketIOCore
import SocketIOHandlers
import SocketIOTransport
import Synchronization

/// What is sent to one client.
extension ServerSocket {
    /// Sends an event to the client. `args` is the JSON text of an array, in which placeholders stand for
    /// `attachments`. `compress`: if it is large enough, and the client knows how. `coalesceKey`: the event takes the
    /// place of one with this key that still waits for the client. `overflow`: what becomes of it if too much waits,
    /// instead of what the server's options say.
    public func emit(
        _ event: String, _ args: String = "[]", attachments: [[UInt8]] = [], volatile: Bool = false,
        compress: Bool = true, coalesceKey: String? = nil, overflow: OverflowPolicy? = nil
    )
        throws(SocketError)
    {
        try EventMessage.withBytes(
            name: event, args: args, attachments: attachments, compresses: compress, coalesceKey: coalesceKey,
            overflow: overflow
        ) {
            (message) throws(SocketError) in try emit(message, isVolatile: volatile)
        }
    }

    package func emit(_ message: borrowing EventMessage, isVolatile: Bool = false) throws(SocketError) {
        let content = try message.validatedEvent()
        guard !isDisconnected else { throw .gone }
        if namespace.watchesOutgoing { tellOutgoing(OutgoingContent(content)) }
        // What is sent to a client that is not in yet is not kept.
        if let recovery = namespace.recovery, !isVolatile, isConnected { return try send(content, recovery) }
        // Nothing is encoded that is dropped.
        guard !isVolatile || !loop.isCurrent || session.canSendNow else { return session.countVolatile() }
        try send(
            content, content.event(namespace: namespace.wireName, acknowledgement: nil),
            isKept: keeps(content, isVolatile: isVolatile)
        ) { content.delivery(isVolatile: isVolatile) }
    }

    /// Sends an event and asks for a reply. `completion` is called once: with the reply, or with why there is none.
    /// Without a `timeout` it waits as long as the client stays. If the event is dropped, it ends with
    /// ``AckFailure/limit``.
    public func emit(
        _ event: String, _ args: String = "[]", attachments: [[UInt8]] = [], volatile: Bool = false,
        compress: Bool = true, coalesceKey: String? = nil, overflow: OverflowPolicy? = nil, timeout: Duration? = nil,
        completion: @escaping AckHandler
    ) throws(SocketError) {
        try EventMessage.withBytes(
            name: event, args: args, attachments: attachments, compresses: compress, coalesceKey: coalesceKey,
            overflow: overflow
        ) {
            (message) throws(SocketError) in
            try emit(
                message, isVolatile: volatile, timeout: timeout?.wholeMilliseconds, completion: completion)
        }
    }

    package func emit(
        _ message: borrowing EventMessage, isVolatile: Bool = false, timeout: Int64?,
        completion: @escaping AckHandler
    ) throws(SocketError) {
        let content = try message.validatedEvent()
        guard !isDisconnected else { throw .gone }
        if namespace.watchesOutgoing { tellOutgoing(OutgoingContent(content)) }
        let acknowledgement = namespace.nextAcknowledgement()
        let packets = try content.enginePackets(
            content.event(namespace: namespace.wireName, acknowledgement: acknowledgement), namespace.parser)
        send(
            packets, content.delivery(isVolatile: isVolatile), acknowledgement, timeout: timeout,
            completion: completion)
    }

    /// Sends packets that ask for a reply. On any thread.
    func send(
        _ packets: [EnginePacket], _ delivery: Delivery, _ acknowledgement: UInt64, timeout: Int64?,
        completion: @escaping AckHandler
    ) {
        let pending = PendingAck(socket: self, acknowledgement: acknowledgement, completion: completion)
        namespace.counters.pendingAcks.wrappingAdd(1, ordering: .relaxed)
        // Who emits on the loop has it written now; elsewhere it waits for the loop.
        let reservation = runsNow ? nil : reserve(packets)
        guard runsNow || reservation != nil else { return pending.end(.failure(.limit)) }
        let isTaken = inOrder {
            defer { withExtendedLifetime(reservation) {} }
            guard !self.isDisconnected else { return pending.end(.failure(self.endedBy)) }
            guard self.pendingAcks.count < self.namespace.socketLimits.pendingAcks else {
                self.client?.tooManyAcks(self)
                return pending.end(.failure(.limit))
            }
            self.pendingAcks[acknowledgement] = pending
            if let timeout {
                let engineLoop = self.loop.engineLoop
                self.loop.ackDeadlines.schedule(pending, at: engineLoop.now &+ min(timeout, 1_000_000_000_000))
            }
            pending.sent = CoarseClock.microseconds
            self.write(packets, delivery, pending)
        }
        if !isTaken { pending.end(.failure(.closed)) }
    }

    /// To everyone in the namespace but this socket.
    public var broadcast: BroadcastOperator { BroadcastOperator(namespace: namespace, excluding: self) }

    /// To those in the room, but not to this socket.
    public func to(_ room: String) -> BroadcastOperator { broadcast.to(room) }

    /// To those not in the room, and not to this socket.
    public func except(_ room: String) -> BroadcastOperator { broadcast.except(room) }

    func send(reply content: ValidMessage, to acknowledgement: UInt64) throws(SocketError) {
        try send(
            content, content.reply(namespace: namespace.wireName, acknowledgement: acknowledgement), isKept: true
        ) { .kept }
    }

    /// On the loop: encodes text into what the connection writes. From elsewhere: encodes, and hands it over.
    /// What is not `isKept` may be dropped, as `delivery` says, unless it is small and written past the queue.
    private func send(
        _ content: ValidMessage, _ packet: OutgoingPacket, isKept: Bool, _ delivery: () -> Delivery
    ) throws(SocketError) {
        if loop.isCurrent, namespace.parser == .json, namespace.recovery == nil,
            isKept || (session.writesThrough && content.attachments.isEmpty)
        {
            let size = packet.encodedSize
            if isKept || EngineSession.isSmall(size) {
                session.traffic.sent(packet.type)
                session.send(text: size, compresses: content.compresses) { packet.write(into: $0) }
                for attachment in content.attachments {
                    session.send(binary: attachment, compresses: content.compresses)
                }
                return
            }
        }
        let packets = try content.enginePackets(packet, namespace.parser)
        let (delivery, type) = (delivery(), packet.type)
        // Replies are not refused: there are no more of them than clients may ask for.
        let isReply = type == .ack || type == .binaryAck
        let reservation = runsNow || isReply ? nil : reserve(packets)
        guard runsNow || isReply || reservation != nil else {
            if namespace.mayDrop(delivery) { return }
            throw .loopsBehind
        }
        inOrder {
            defer { withExtendedLifetime(reservation) {} }
            guard !self.isDisconnected else { return }
            self.write(packets, delivery, as: type)
        }
    }

    /// Sends an event that the client may miss and ask for.
    private func send(_ content: ValidMessage, _ recovery: NamespaceRecovery) throws(SocketError) {
        let delivery = content.delivery(isVolatile: false)
        var isTaken = true
        try recovery.record(
            rooms: [id], except: [], now: loop.engineLoop.now,
            encode: { (offset) throws(SocketError) in
                try content.enginePackets(in: namespace, offset: offset)
            },
            handOver: { packets in
                guard let reservation = reserve(packets) else {
                    isTaken = false
                    return
                }
                loop.engineLoop.post {
                    defer { withExtendedLifetime(reservation) {} }
                    guard !self.isDisconnected else { return }
                    self.write(packets, delivery)
                }
            })
        guard isTaken || namespace.mayDrop(delivery) else { throw .loopsBehind }
    }

    /// Runs `work` on the loop behind what was sent before: at once, if it can be. False if the loop has ended.
    @discardableResult
    func inOrder(_ work: @escaping @Sendable () -> Void) -> Bool {
        waitsItsTurn ? loop.engineLoop.post(work) : loop.engineLoop.run(work)
    }

    /// What was sent in a namespace that recovers may wait for its turn on the loop.
    private var waitsItsTurn: Bool { namespace.recovery != nil && isConnected }

    /// Whether ``inOrder(_:)`` runs its work now.
    private var runsNow: Bool { loop.isCurrent && !waitsItsTurn }
}
