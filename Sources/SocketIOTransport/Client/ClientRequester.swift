import EngineIOCore
import NIOCore

/// Sends polling requests of one kind, one at a time, over a connection that it makes when there is none. On its loop.
final class ClientRequester {
    typealias Completion = ClientHTTPHandler.Completion

    /// An idle connection that is older may be closed by the server in the moment in which a request is sent: Node's
    /// servers wait five seconds.
    private static let freshness: Instant = 4_000

    private enum State {
        case none
        case dialing(ClientDialer)
        case open(ClientHTTPHandler, usedAt: Instant)
        case closed
    }

    private let loop: EngineLoop
    private let url: EngineURL
    private let options: EngineClientOptions
    private var state = State.none
    private var timer: Scheduled<Void>?

    init(_ url: EngineURL, _ options: EngineClientOptions, on loop: EngineLoop) {
        self.url = url
        self.options = options
        self.loop = loop
    }

    /// Sends `request`, which `willSend` is told of before. `completion` is called once, unless ``close()`` comes first.
    func send(_ request: ByteBuffer, willSend: @escaping () -> Void = {}, _ completion: @escaping Completion) {
        let completion = limited(completion)
        switch state {
        case .closed, .dialing: return
        case .open(let handler, let usedAt):
            let patience = handler.keepAlive.map { max(0, $0 &- 1000) } ?? Self.freshness
            if handler.isIdle, loop.now &- usedAt <= patience {
                willSend()
                return send(request, on: handler, completion)
            }
            handler.close()
        case .none: break
        }
        let dialer = ClientDialer(url, options, on: loop) { [weak self] result in
            self?.dialed(result, request, willSend, completion)
        }
        state = .dialing(dialer)
        dialer.start()
    }

    private func dialed(
        _ result: Result<ClientConnection, EngineClientFailure>, _ request: ByteBuffer, _ willSend: () -> Void,
        _ completion: @escaping Completion
    ) {
        guard case .dialing = state else {
            if case .success(let connection) = result { connection.channel.close(promise: nil) }
            return
        }
        switch result {
        case .success(let connection):
            let handler = ClientHTTPHandler(loop: loop, maxBody: options.maxPayload, limits: options.limits)
            do {
                try connection.channel.pipeline.syncOperations.addHandler(handler)
            } catch {
                state = .none
                return completion(.failure(EngineClientFailure(.lost, "The connection ended as it began: \(error).")))
            }
            willSend()
            send(request, on: handler, completion)
        case .failure(let failure):
            state = .none
            completion(.failure(failure))
        }
    }

    private func send(_ request: ByteBuffer, on handler: ClientHTTPHandler, _ completion: @escaping Completion) {
        state = .open(handler, usedAt: loop.now)
        handler.onIdleEnd = { [weak self] in
            guard let self, case .open = self.state else { return }
            self.state = .none
        }
        handler.send(request) { [weak self] result in
            guard let self, case .open = self.state else { return }
            self.state = handler.isIdle ? .open(handler, usedAt: self.loop.now) : .none
            completion(result)
        }
    }

    /// Ends whatever is under way; nothing is called any more.
    func close() {
        timer?.cancel()
        timer = nil
        let old = state
        state = .closed
        switch old {
        case .none, .closed: break
        case .dialing(let dialer): dialer.cancel()
        case .open(let handler, _): handler.close()
        }
    }

    // MARK: Time

    /// The same, but that it is called with a failure if nothing has come of the request in time.
    private func limited(_ completion: @escaping Completion) -> Completion {
        guard options.requestTimeout > 0 else { return completion }
        timer?.cancel()
        timer = loop.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(options.requestTimeout)) { [weak self] in
            guard let self else { return }
            self.close()
            self.state = .none
            completion(
                .failure(
                    EngineClientFailure(
                        .timeout, "A request was not answered within \(self.options.requestTimeout) ms.")))
        }
        return { [weak self] result in
            self?.timer?.cancel()
            self?.timer = nil
            completion(result)
        }
    }
}
