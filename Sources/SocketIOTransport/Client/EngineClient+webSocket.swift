import EngineIOCore
import NIOCore

/// WebSockets: one that opens a session, one that takes it over.
extension EngineClient {
    // MARK: Opening

    func openWebSocket() {
        let target = targets.target(.webSocket, stamp: stamp(for: .webSocket))
        let opening = WebSocketOpening(self, target) { [self] result in
            self.opening = nil
            switch result {
            case .success(let webSocket): self.webSocket = webSocket
            case .failure(let failure): self.openingFailed(failure)
            }
        }
        self.opening = opening
        opening.start()
    }

    func openProbe() {
        let target = targets.target(.webSocket, sid: machine.handshake?.sid, stamp: stamp(for: .webSocket))
        let opening = WebSocketOpening(self, target) { [self] result in
            self.opening = nil
            switch result {
            case .success(let webSocket):
                self.probe = webSocket
                self.machine.probeOpened()
            case .failure: self.machine.probeFailed()
            }
            self.run()
        }
        self.opening = opening
        opening.start()
    }

    // MARK: Receiving

    func received(text: UnsafeMutableRawBufferPointer, from webSocket: ClientWebSocketHandler) {
        guard webSocket === self.webSocket else { return receivedProbe(text, from: webSocket) }
        guard let digit = text.first else { return receivedMalformed() }
        guard digit == PacketType.message.digit, machine.isOpen else { return received(other: text, digit) }
        if revision == .three { machine.heard(now: loop.now) }
        if !machine.isLeaving { deliver(text: UnsafeMutableRawBufferPointer(rebasing: text[1...])) }
    }

    func received(binary: UnsafeMutableRawBufferPointer, from webSocket: ClientWebSocketHandler) {
        decide(nil)
        guard webSocket === self.webSocket, machine.isOpen else {
            if webSocket === probe { failProbe() }
            if webSocket === self.webSocket { receivedMalformed() }
            return
        }
        if revision == .three { return received(PayloadPacket(decodingTypedBytes: binary)) }
        if !machine.isLeaving { deliver(binary: binary) }
    }

    @inline(never)
    private func received(other text: UnsafeMutableRawBufferPointer, _ digit: UInt8) {
        if undecided != nil {
            decide(text)
            guard let webSocket else { return }
            received(text: text, from: webSocket)
        } else if machine.isOpening {
            guard digit == PacketType.open.digit else { return receivedMalformed() }
            let json = UnsafeRawBufferPointer(rebasing: text[1...])
            guard let handshake = ClientHandshake(json: json, transport: .webSocket, revision: revision) else {
                return receivedMalformed()
            }
            // Over WebSocket both revisions begin alike. What only revision 4 says tells, but its first servers did not.
            if case .automatic = options.revisions, revision == .four, handshake.maxPayload == nil {
                let timer = loop.eventLoop.assumeIsolated().scheduleTask(in: Self.decisionTime) { self.decide(nil) }
                undecided = (handshake, timer)
                return
            }
            opened(handshake)
            run()
        } else if digit == UInt8(ascii: "b") {
            // A binary message in the form that polling uses.
            received(PayloadPacket(decoding: text, revision: revision, isKnownUTF8: true))
        } else if let type = PacketType(digit: digit) {
            received(.text(type, UnsafeMutableRawBufferPointer(rebasing: text[1...])))
        } else {
            receivedMalformed()
        }
    }

    /// How long it is waited for a sign of revision 3.
    private static var decisionTime: TimeAmount { .milliseconds(500) }

    /// `packet` followed the open packet; nil: there is no time left. A server of Socket.IO 2 puts its client into "/"
    /// without being asked; those of later versions never send this packet without more in it.
    private func decide(_ packet: UnsafeMutableRawBufferPointer?) {
        guard let (handshake, timer) = undecided else { return }
        timer.cancel()
        undecided = nil
        if let packet, packet.elementsEqual("40".utf8) {
            foundRevision3()
            webSocket?.binaryForm = BinaryForm(revision: .three, b64: options.forcesBase64)
            opened(handshake.speaking(.three))
        } else {
            opened(handshake)
        }
        run()
    }

    /// A packet of an open session, whatever carries it.
    func received(_ packet: PayloadPacket) {
        switch packet {
        case .text(let type, let data):
            switch machine.received(type, now: loop.now) {
            case .deliver: deliver(text: data)
            case .pong:
                send(EnginePacket.pong)
                heartbeat()
            case .answered: heartbeat()
            case .ignore: break
            }
            // Messages change nothing but in revision 3, whose deadline moves: it is looked at when it has come.
            if type != .message { run() }
        case .binary(let bytes):
            machine.heard(now: loop.now)
            if !machine.isLeaving { deliver(binary: bytes) }
        case .malformed: receivedMalformed()
        }
    }

    func receivedMalformed() {
        let failure = EngineClientFailure(
            .protocolError, transport: transport, status: machine.isOpening && transport == .polling ? 200 : 0,
            "What came is no packet of Engine.IO: is there a Socket.IO server at this URL and path?")
        if machine.isOpening { openingFailed(failure) } else { fail(failure) }
    }

    // MARK: Probing

    private func receivedProbe(_ text: UnsafeMutableRawBufferPointer, from webSocket: ClientWebSocketHandler) {
        guard webSocket === probe else { return }
        // python-engineio's noop for a poll that was not there.
        if text.elementsEqual("6".utf8) { return }
        guard text.elementsEqual("3probe".utf8) else { return failProbe() }
        machine.probeAnswered()
        run()
    }

    private func failProbe() {
        closeProbe()
        machine.probeFailed()
        run()
    }
}

extension EnginePacket {
    static let probeQuestion = EnginePacket(text: "2probe")
    static let upgrade = EnginePacket(text: "5")
}

extension EnginePacket: ClientPacket {}
