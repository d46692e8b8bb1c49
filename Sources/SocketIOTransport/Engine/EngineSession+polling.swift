import EngineIOCore

/// Polls, and the packets that clients post.
extension EngineSession {
    /// A GET of this session.
    func poll(_ exchange: HTTPExchange) {
        switch machine.poll() {
        case .wait:
            pendingPoll = exchange
            exchange.setSession(self)
            updateDeadline()
        case .respond(let packets):
            // What the client sees is true for those who ask.
            noteQueue()
            engine.respond(toPoll: exchange, packets, format)
        case .farewell:
            engine.respond(toPoll: exchange, [counted(.noop), counted(.close)], format)
            closeProbe()
            forget()
        case .overlap(let action):
            engine.respond(to: exchange, status: 400)
            carryOut(action, .secondPoll)
        case .refuse: engine.refuse(exchange, .badRequest)
        }
        noteQueue()
    }

    /// The client of a poll or POST went away. Thread-safe.
    func exchangeAborted(_ exchange: HTTPExchange) {
        loop.run {
            if exchange === self.pendingPoll {
                self.pendingPoll = nil
                self.carryOut(self.machine.pollAborted(), .requestAborted)
            } else if exchange === self.pendingPost {
                self.pendingPost = nil
                self.carryOut(self.machine.postFailed(), .requestAborted)
            }
        }
    }

    /// The head of a POST of this session.
    func postStarted(_ exchange: HTTPExchange) {
        switch machine.postStarted() {
        case .read:
            // Revision 4 has no bodies of bytes.
            if format.revision == .four && exchange.hasBinaryBody {
                engine.respond(to: exchange, status: 400)
                return carryOut(machine.postFailed(), .unusablePost)
            }
            pendingPost = exchange
            exchange.setSession(self)
        case .overlap(let action):
            engine.respond(to: exchange, status: 400)
            carryOut(action, .secondPost)
        case .refuse: engine.refuse(exchange, .badRequest)
        }
    }

    /// The body was too large and is not read: another may come.
    func postRefused(_ exchange: HTTPExchange) {
        guard exchange === pendingPost else { return }
        pendingPost = nil
        machine.postEnded()
    }

    /// The whole POST was read. Its packets are delivered first, whatever they are, then it is answered.
    func postEnded(_ exchange: HTTPExchange, body: UnsafeRawBufferPointer) {
        // Its head may have been refused, on this loop, while the body was still read on another.
        guard exchange === pendingPost else { return }
        pendingPost = nil
        machine.postEnded()
        loop.scratch.withCopy(of: body) { received(body: $0, isBinary: exchange.hasBinaryBody) }
        engine.respond(toPost: exchange)
    }

    /// `body` may be changed, and a byte behind it may be written to.
    private func received(body: UnsafeMutableRawBufferPointer, isBinary: Bool) {
        var payload = body
        if format.callback != nil {
            // A form without a payload is ignored, as Node does.
            guard let field = JSONPBody.payload(ofForm: body) else { return }
            payload = field
        }
        switch format.revision {
        case .four: received(packets: PayloadDecoder(payload))
        case .three:
            received(packets: MeasuredPayloadDecoder(payload, isBinary: isBinary && format.callback == nil))
        }
    }

    /// The byte behind each packet may be written to: the decoders have read it.
    private func received(packets: consuming some IteratorProtocol<PayloadPacket>) {
        var packets = packets
        while machine.isOpen, let packet = packets.next() { received(packet) }
    }
}

extension HTTPExchange {
    /// Whether the client says that the body is bytes, rather than text.
    fileprivate var hasBinaryBody: Bool {
        head.withValue(of: .contentType) { $0.elementsEqual("application/octet-stream".utf8) }
    }
}
