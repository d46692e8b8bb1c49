import EngineIOCore
import NIOCore
import NIOHTTP1
import Synchronization

/// One request and the response that it waits for.
///
/// The response may come from any thread, once; what comes later is ignored.
///
/// SAFETY of `@unchecked Sendable`: `request` is the connection's until the request is complete, then the session's;
/// `handler` is used on the connection's loop; the rest has a lock.
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

    private enum Phase {
        /// No response yet; what to call if the client goes away before it.
        case open(onAbort: (@Sendable () -> Void)?)
        case answered
        case aborted
    }

    private let phase = Mutex<Phase>(.open(onAbort: nil))

    init(request: Request, loop: EngineLoop, handler: HTTPHandler) {
        self.request = request
        self.loop = loop
        self.handler = handler
    }

    /// Whether nothing is expected any more.
    var isAnswered: Bool { phase.withLock { if case .open = $0 { false } else { true } } }

    /// Calls `handler` when the client goes away before the response: on the connection's loop, or at once if it has
    /// gone already. `nil` forgets the handler that was set before.
    package func setAbortHandler(_ handler: (@Sendable () -> Void)?) {
        let isAborted = phase.withLock { phase in
            switch phase {
            case .open:
                phase = .open(onAbort: handler)
                return false
            case .answered: return false
            case .aborted: return true
            }
        }
        if isAborted { handler?() }
    }

    package func respond(_ response: HTTPResponse) {
        guard markAnswered() else { return }
        loop.run { self.handler?.respond(response, to: self) }
    }

    /// The handler whose connection this is; on its loop.
    var httpHandler: HTTPHandler? { handler }

    /// Takes the right to answer; false if it is gone.
    func markAnswered() -> Bool {
        phase.withLock { phase in
            guard case .open = phase else { return false }
            phase = .answered
            return true
        }
    }

    /// Closes the connection instead of a response.
    func cancel() {
        guard markAnswered() else { return }
        loop.run { self.handler?.cancel(self) }
    }

    /// The client went away.
    func abort() {
        let onAbort = phase.withLock { phase -> (@Sendable () -> Void)? in
            guard case .open(let onAbort) = phase else { return nil }
            phase = .aborted
            return onAbort
        }
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
