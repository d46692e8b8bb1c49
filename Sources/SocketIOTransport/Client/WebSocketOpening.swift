import EngineIOCore
import NIOCore

/// Makes a connection and the WebSocket handshake on it. On its loop; who has asked for it cancels it.
final class WebSocketOpening {
    private let client: EngineClient
    private let target: String
    private let handshake: WebSocketRequest
    private var dialer: ClientDialer?
    private var http: ClientHTTPHandler?
    private var completion: ((Result<ClientWebSocketHandler, EngineClientFailure>) -> Void)?
    private(set) var isRequestSent = false

    init(
        _ client: EngineClient, _ target: String,
        _ completion: @escaping (Result<ClientWebSocketHandler, EngineClientFailure>) -> Void
    ) {
        self.client = client
        self.target = target
        self.completion = completion
        handshake = WebSocketRequest(random: client.loop.random.bytes(16))
    }

    func start() {
        let dialer = ClientDialer(client.url, client.options, on: client.loop) { self.dialed($0) }
        self.dialer = dialer
        dialer.start()
    }

    /// Nothing is called any more.
    func cancel() {
        completion = nil
        dialer?.cancel()
        dialer = nil
        http?.close()
        http = nil
    }

    private func finish(_ result: Result<ClientWebSocketHandler, EngineClientFailure>) {
        let completion = completion
        cancel()
        completion?(result)
    }

    private func dialed(_ result: Result<ClientConnection, EngineClientFailure>) {
        dialer = nil
        guard case .success(let connection) = result else {
            if case .failure(let failure) = result { finish(.failure(failure)) }
            return
        }
        // A refusal has a short text for a body.
        let http = ClientHTTPHandler(loop: client.loop, maxBody: 64 * 1024, limits: client.options.limits)
        do {
            try connection.channel.pipeline.syncOperations.addHandler(http)
        } catch {
            return finish(.failure(EngineClientFailure(.lost, "The connection ended as it began: \(error).")))
        }
        self.http = http
        isRequestSent = true
        let request = ClientRequests(client.url, client.options).webSocket(
            target, cookies: client.cookieField, handshake, client.options)
        http.send(request) { self.answered($0, on: http, connection) }
    }

    private func answered(
        _ result: Result<ClientResponse, EngineClientFailure>, on http: ClientHTTPHandler,
        _ connection: ClientConnection
    ) {
        switch result {
        case .failure(let failure): finish(.failure(failure))
        case .success(let response) where response.head.status == 101:
            do throws(EngineClientFailure) {
                let webSocket = try opened(response, on: http, connection)
                self.http = nil
                finish(.success(webSocket))
                // Behind the completion, which may have closed it.
                if response.body.readableBytes > 0 { webSocket.received(leftover: response.body) }
            } catch {
                finish(.failure(error))
            }
        case .success(let response):
            finish(.failure(EngineClientFailure(refusedBy: response.head, body: response.body)))
        }
    }

    private func opened(
        _ response: ClientResponse, on http: ClientHTTPHandler, _ connection: ClientConnection
    ) throws(EngineClientFailure) -> ClientWebSocketHandler {
        let options = client.options
        if let refusal = handshake.refusal(response.head, protocols: options.protocols) {
            throw EngineClientFailure(
                .protocolError, status: 101, "The server's answer opens no WebSocket: \(refusal).")
        }
        let agreement: DeflateAgreement?
        switch DeflateAgreement.answer(in: response.head, to: options.deflate) {
        case .none: agreement = nil
        case .agreed(let agreed): agreement = agreed
        case .illegal:
            throw EngineClientFailure(
                .protocolError, status: 101,
                "The server's answer opens no WebSocket: it chooses an extension that was not offered.")
        }
        client.noteCookies(of: response.head)
        let webSocket = ClientWebSocketHandler(client, connection.descriptor, agreement)
        do {
            try http.hand(overTo: webSocket)
        } catch {
            throw EngineClientFailure(.lost, "The connection ended as it began: \(error).")
        }
        return webSocket
    }
}
