import EngineIOCore
import NIOCore
import NIOHTTP1

/// One request and the response that it waits for.
///
/// The response may come from any thread, once; what comes later is ignored.
///
/// SAFETY of `@unchecked Sendable`: `request` does not change once the exchange is handed over; `onAbort` is set and
/// called on the loop of the connection, `isAnswered` is changed there.
package final class HTTPExchange: @unchecked Sendable {
    package struct Request {
        package let head: HTTPRequestHead
        package let query: RequestQuery
        package let peer: PeerAddress
        package var body = ByteBuffer()
    }

    package internal(set) var request: Request
    /// The loop of the connection.
    package let loop: EngineLoop
    private weak var handler: HTTPHandler?
    private(set) var isAnswered = false
    /// Called on the connection's loop when the client goes away before the response.
    var onAbort: (@Sendable () -> Void)?

    init(request: Request, loop: EngineLoop, handler: HTTPHandler) {
        self.request = request
        self.loop = loop
        self.handler = handler
    }

    /// On the connection's loop.
    package func setAbortHandler(_ handler: @escaping @Sendable () -> Void) {
        onAbort = handler
    }

    package func respond(_ response: HTTPResponse) {
        loop.run {
            guard !self.isAnswered else { return }
            self.isAnswered = true
            self.onAbort = nil
            self.handler?.respond(response, to: self)
        }
    }

    /// The handler whose connection this is; on its loop.
    var httpHandler: HTTPHandler? { handler }

    /// Takes the place of a response: the connection becomes something else. False if there was a response.
    func markAnswered() -> Bool {
        defer { isAnswered = true }
        return !isAnswered
    }

    /// The client went away.
    func abort() {
        guard !isAnswered else { return }
        isAnswered = true
        let onAbort = onAbort
        self.onAbort = nil
        onAbort?()
    }
}

/// Who is at the other end.
package struct PeerAddress: Sendable {
    /// "192.0.2.1", or "unix".
    package let host: String
    package let port: Int

    init(_ address: SocketAddress?) {
        host = address?.ipAddress ?? "unix"
        port = address?.port ?? 0
    }
}
