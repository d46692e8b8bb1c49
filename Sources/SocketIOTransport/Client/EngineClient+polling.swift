import EngineIOCore
import NIOCore

/// Polling: GETs that wait for packets, POSTs that bring them.
extension EngineClient {
    // MARK: Requests

    /// The GET that opens the session.
    func openPolling() {
        let polls = ClientRequester(url, options, on: loop)
        self.polls = polls
        posts = ClientRequester(url, options, on: loop)
        get(
            sid: nil, willSend: { [weak self] in self?.isAskedByPoll = true },
            answered: { [weak self] in self?.openingAnswered($0) })
    }

    func poll() {
        get(sid: machine.handshake?.sid, willSend: {}, answered: { [weak self] in self?.pollAnswered($0) })
    }

    private func get(
        sid: String?, willSend: @escaping () -> Void, answered: @escaping ClientRequester.Completion
    ) {
        let target = targets.target(.polling, sid: sid, stamp: stamp(for: .polling))
        let request = requests.get(target, cookies: cookieField, acceptsCompression: options.acceptsCompression)
        polls?.send(request, willSend: willSend, answered)
    }

    func post(_ packets: [EnginePacket]) {
        let body = PollingBody(packets, revision == .three ? .counted : .separated)
        let target = targets.target(.polling, sid: machine.handshake?.sid, stamp: stamp(for: .polling))
        let request = requests.post(target, cookies: cookieField, body)
        posts?.send(request) { [weak self] in self?.postAnswered($0) }
    }

    // MARK: Responses

    private func openingAnswered(_ result: Result<ClientResponse, EngineClientFailure>) {
        do throws(EngineClientFailure) {
            try receive(result) { body, isBinary throws(EngineClientFailure) in
                var form = revision == .three ? (isBinary ? PayloadForm.binary : .counted) : .separated
                if revision == .four, Self.isCounted(body) {
                    guard plan.takesRevision3 else {
                        throw EngineClientFailure(
                            .revision, status: 200,
                            "The server speaks revision 3 of Engine.IO, as Socket.IO 1 and 2 do: ask for that one, or "
                                + "for either.")
                    }
                    foundRevision3()
                    form = isBinary ? .binary : .counted
                }
                receive(body, form)
            }
            run()
        } catch {
            openingFailed(error)
        }
    }

    /// "96:0{": the open packet behind its length, which is how revision 3 begins.
    private static func isCounted(_ body: UnsafeMutableRawBufferPointer) -> Bool {
        let digits = body.prefix { ($0 ^ 0x30) < 10 }.count
        return digits > 0 && digits < 10 && body.dropFirst(digits).prefix(3).elementsEqual(":0{".utf8)
    }

    private func pollAnswered(_ result: Result<ClientResponse, EngineClientFailure>) {
        do throws(EngineClientFailure) {
            var isVain = true
            try receive(result) { body, isBinary in
                isVain = !receive(body, revision == .three ? (isBinary ? .binary : .counted) : .separated)
            }
            machine.pollEnded(isVain: isVain, now: loop.now)
            run()
        } catch {
            fail(error)
        }
    }

    private func postAnswered(_ result: Result<ClientResponse, EngineClientFailure>) {
        switch result {
        case .failure(let failure): fail(failure)
        case .success(let response):
            noteCookies(of: response.head)
            guard (200..<300).contains(response.head.status) else {
                return fail(EngineClientFailure(refusedBy: response.head, body: response.body))
            }
            // What it says is nobody's business: "ok", or "OK".
            machine.postEnded()
            run()
        }
    }

    /// Calls `body` with the body of a success, inflated; it may be changed, and a byte behind it may be written to.
    private func receive(
        _ result: Result<ClientResponse, EngineClientFailure>,
        _ body: (UnsafeMutableRawBufferPointer, _ isBinary: Bool) throws(EngineClientFailure) -> Void
    ) throws(EngineClientFailure) {
        let response = try result.get()
        noteCookies(of: response.head)
        guard (200..<300).contains(response.head.status) else {
            throw EngineClientFailure(refusedBy: response.head, body: response.body)
        }
        let isBinary = response.head.value(of: "content-type")?.hasPrefix("application/octet-stream") ?? false
        var outcome: Result<Void, EngineClientFailure> = .success(())
        response.body.withUnsafeReadableBytes { bytes in
            outcome = decode(bytes, of: response.head) { content throws(EngineClientFailure) in
                try body(content, isBinary)
            }
        }
        try outcome.get()
    }

    /// Calls `body` with what a body holds, whatever its encoding.
    private func decode(
        _ bytes: UnsafeRawBufferPointer, of head: HTTPResponseHead,
        _ body: (UnsafeMutableRawBufferPointer) throws(EngineClientFailure) -> Void
    ) -> Result<Void, EngineClientFailure> {
        func result(of content: UnsafeMutableRawBufferPointer) -> Result<Void, EngineClientFailure> {
            do throws(EngineClientFailure) { return .success(try body(content)) } catch { return .failure(error) }
        }
        switch head.value(of: "content-encoding")?.lowercased() {
        case nil, "identity": return loop.scratch.withCopy(of: bytes) { result(of: $0) }
        case "gzip", "deflate", "x-gzip":
            return loop.outputMemory.withMemory(bytes.count) { memory in
                switch InflateStream.inflate(body: bytes, limit: options.maxPayload, into: &memory) {
                case .done: return result(of: memory.mutableBytes(slack: ScratchMemory.slack))
                case .tooBig:
                    return .failure(
                        EngineClientFailure(
                            .tooLarge,
                            "A compressed response of the server holds more than \(options.maxPayload) bytes: raise the "
                                + "limit, or send less at once."))
                case .corrupt:
                    return .failure(
                        EngineClientFailure(.protocolError, "A compressed response of the server is corrupt."))
                }
            }
        case let other?:
            return .failure(
                EngineClientFailure(
                    .protocolError, status: head.status,
                    "The server encodes a response as \"\(LogText.of(other.utf8))\", which was not asked for."))
        }
    }

    // MARK: Packets

    /// Whether there was more in it than noops.
    @discardableResult
    private func receive(_ body: UnsafeMutableRawBufferPointer, _ form: PayloadForm) -> Bool {
        switch form {
        case .separated: receive(PayloadDecoder(body))
        case .counted: receive(MeasuredPayloadDecoder(body, isBinary: false))
        case .binary: receive(MeasuredPayloadDecoder(body, isBinary: true))
        }
    }

    /// The byte behind each packet may be written to: the decoders have read it.
    private func receive(_ packets: consuming some IteratorProtocol<PayloadPacket>) -> Bool {
        var packets = packets
        var hasContent = false
        while !machine.isClosed, let packet = packets.next() {
            if case .text(.noop, _) = packet {} else { hasContent = true }
            guard machine.isOpening else {
                received(packet)
                continue
            }
            guard case .text(.open, let json) = packet,
                let handshake = ClientHandshake(
                    json: UnsafeRawBufferPointer(json), transport: .polling, revision: revision)
            else {
                receivedMalformed()
                return hasContent
            }
            opened(handshake)
        }
        if machine.isOpening { receivedMalformed() }
        return hasContent
    }
}
