import EngineIOCore
import Synchronization

/// What leaves: past the queue while the client keeps up, else through it.
extension EngineSession {
    package typealias Terms = MessageTerms<any DropListener>

    /// A message that is not smaller goes past the queue only if it might wait there: of a client that does not read, the
    /// connection holds all of it.
    private static let smallBytes = 64 * 1024

    /// Whether what is sent goes past the queue: nothing can be dropped.
    package var writesThrough: Bool { machine.writesThrough }

    /// Whether a message would leave at once: what volatile messages ask.
    package var canSendNow: Bool { machine.writesThrough || (machine.isPollPending && pendingPoll != nil) }

    // MARK: Sending

    /// Sends one text message; `encode` writes it (without the Engine.IO packet type) into the memory it is given.
    /// `compresses`: if it is large enough, and the client knows how.
    package func send(text size: Int, compresses: Bool = true, _ encode: (UnsafeMutableRawBufferPointer) -> Int) {
        func encodeMessage(_ memory: UnsafeMutableRawBufferPointer) -> Int {
            memory[0] = PacketType.message.digit
            return 1 &+ encode(UnsafeMutableRawBufferPointer(rebasing: memory[1...]))
        }
        if size < Self.smallBytes, machine.writesThrough, let webSocket {
            traffic.sent(.message, bytes: size &+ 1)
            webSocket.write(.text, payload: size &+ 1, compresses: compresses, encodeMessage)
            noteWritability(of: webSocket)
        } else if machine.isOpen {
            send(EnginePacket(isBinary: false, payload: size &+ 1, compresses: compresses, encodeMessage))
        }
    }

    /// Sends one binary message.
    package func send(binary bytes: UnsafeRawBufferPointer, compresses: Bool = true) {
        if bytes.count < Self.smallBytes, machine.writesThrough, let webSocket {
            traffic.sent(.binary, bytes: bytes.count)
            webSocket.write(binary: bytes, compresses: compresses)
            noteWritability(of: webSocket)
        } else if machine.isOpen {
            send(EnginePacket(binary: bytes, compresses: compresses))
        }
    }

    /// Whether so much needs no room beside what waits to go past the queue.
    package static func isSmall(_ size: Int) -> Bool { size < smallBytes }

    /// Sends a packet that was encoded before past the queue; false if it has to wait, or may be too large.
    @inline(__always)
    package func sendThrough(_ packet: EnginePacket) -> Bool {
        guard packet.byteCount < Self.smallBytes, machine.writesThrough, let webSocket else { return false }
        traffic.sent(packet.kind, bytes: packet.payloadCount)
        webSocket.write(packet)
        noteWritability(of: webSocket)
        return true
    }

    /// Sends the packets of one message past the queue; false if they have to wait, or may be too large.
    package func sendThrough(_ message: [EnginePacket]) -> Bool {
        if message.count == 1, let packet = message.first { return sendThrough(packet) }
        guard machine.writesThrough, Self.isSmall(message.reduce(0) { $0 &+ $1.byteCount }) else { return false }
        write(message)
        return true
    }

    /// Sends a packet that was encoded before, and stays until it leaves.
    package func send(_ packet: EnginePacket) {
        if !sendThrough(packet) { sendBehind(packet) }
    }

    @inline(never)
    private func sendBehind(_ packet: EnginePacket) {
        let room = room()
        carryOut(machine.send(packet, serverBytes: room), of: CollectionOfOne(packet), nil)
    }

    /// Sends the packets of one message, of which all or none are dropped. False if they are, at once.
    @discardableResult
    package func send(_ message: [EnginePacket], _ terms: Terms) -> Bool {
        guard machine.isOpen else { return false }
        guard !terms.isVolatile || canSendNow else {
            count(Dropped(reason: .volatile, ticket: terms.ticket))
            return false
        }
        let room = room()
        return carryOut(machine.send(message, terms, serverBytes: room), of: message, terms.ticket)
    }

    /// A volatile message was not sent.
    package func countVolatile() {
        if machine.isOpen { engine.metrics.dropped(.volatile) }
    }

    /// False if the message is not on its way.
    @discardableResult
    private func carryOut(
        _ action: SessionStateMachine<EnginePacket>.SendAction, of message: some Collection<EnginePacket>,
        _ ticket: (any DropListener)?
    ) -> Bool {
        var isTaken = true
        switch action {
        case .write(let packets): write(packets)
        case .flushLater(let others):
            for packet in message { _ = counted(packet) }
            others.forEach(count)
            flushLater()
        case .queued(let others):
            for packet in message { _ = counted(packet) }
            isBehind = true
            others.forEach(count)
        case .dropped(let reason, let others):
            isTaken = false
            others.forEach(count)
            count(Dropped(reason: reason, ticket: ticket))
        case .ended: isTaken = false
        case .overflow(let action):
            isTaken = false
            overflowed(action)
        }
        noteQueue()
        return isTaken
    }

    private func count(_ dropped: Dropped<any DropListener>) {
        engine.metrics.dropped(dropped.reason)
        dropped.ticket?.dropped()
    }

    private func overflowed(_ action: SessionStateMachine<EnginePacket>.CloseAction) {
        engine.metrics.clientOverflowed()
        let session = engine.options.session
        let details = CloseDetails.slowReader(
            bytes: session.bufferedBytes, packets: session.bufferedPackets,
            serverBytes: engine.options.limits.bufferedBytes)
        engine.log(.warning, .slowReader, on: loop) { details.text }
        carryOut(action, details)
    }

    private func flushLater() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        loop.flushLater(self)
    }

    // MARK: The WebSocket

    /// Writes the packets of one message. When the channel is full half-way, the rest waits, whatever its policy: part of
    /// the message has left.
    private func write(_ packets: [EnginePacket]) {
        guard let webSocket else { return }
        for packet in packets {
            _ = counted(packet)
            if machine.writesThrough {
                webSocket.write(packet)
                noteWritability(of: webSocket)
            } else {
                machine.queue(rest: packet)
                noteQueue()
            }
        }
    }

    /// A full channel buffers no more than its water mark: what follows waits in the machine's queue, which is bounded.
    func noteWritability(of webSocket: WebSocketHandler) {
        if !webSocket.isWritable { becameFull() }
    }

    @inline(never)
    private func becameFull() {
        isBehind = true
        machine.writabilityChanged(false)
        noteQueue()
    }

    func webSocketWritabilityChanged(_ webSocket: WebSocketHandler, isWritable: Bool) {
        guard webSocket === self.webSocket else { return }
        guard isWritable else { return becameFull() }
        machine.writabilityChanged(true)
        writeQueue(to: webSocket)
    }

    /// Writes what waits, until the channel is full.
    func writeQueue(to webSocket: WebSocketHandler) {
        while webSocket.isWritable, let packet = machine.takeNext() { webSocket.write(packet) }
        noteWritability(of: webSocket)
        noteQueue()
    }

    // MARK: What others know of the queue

    /// What may wait for this client for the server's sake.
    private func room() -> Int {
        noteHeld()
        return engine.room(beside: machine.bufferedBytes)
    }

    /// What the channel holds of large messages waits, too, until it has left.
    private func noteHeld() {
        let held = webSocket?.output.heldBytes ?? 0
        guard held != machine.heldBytes else { return }
        machine.heldBytes = held
        guard held > 0 else { return }
        webSocket?.output.whenSent { self.noteQueue() }
    }

    /// Tells the server, and those who ask on other threads, how the queue has changed; after whatever may have changed
    /// it.
    func noteQueue() {
        noteHeld()
        let (bytes, packets) = (machine.bufferedBytes, machine.bufferedPackets)
        let known = buffered.bytes.load(ordering: .relaxed)
        if bytes != known {
            engine.bufferedBytesChanged(by: bytes &- known)
            buffered.bytes.store(bytes, ordering: .relaxed)
        }
        buffered.packets.store(Int32(clamping: packets), ordering: .relaxed)
        buffered.isWritable.store(canSendNow, ordering: .relaxed)
        if isBehind, bytes == 0, machine.isOpen, machine.writesThrough || machine.transport == .polling {
            caughtUp()
        }
    }

    /// All that waited has left. Nobody is told from within what has written it.
    private func caughtUp() {
        isBehind = false
        guard delegate?.hearsOfDrains == true else { return }
        loop.post {
            if !self.isBehind, self.machine.isOpen { self.delegate?.drained() }
        }
    }

    /// The bytes that wait for the client. Thread-safe.
    package var bufferedBytes: Int { buffered.bytes.load(ordering: .relaxed) }

    /// The packets that do. Thread-safe.
    package var bufferedPackets: Int { Int(buffered.packets.load(ordering: .relaxed)) }

    /// ``canSendNow``, for other threads to ask.
    package var isWritable: Bool { buffered.isWritable.load(ordering: .relaxed) }
}

/// What is known of a session's queue on all threads.
struct BufferedAmounts: ~Copyable {
    let bytes = Atomic<Int>(0)
    let packets = Atomic<Int32>(0)
    let isWritable: Atomic<Bool>

    init(isWritable: Bool) {
        self.isWritable = Atomic(isWritable)
    }
}
