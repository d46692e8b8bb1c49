import EngineIOCore
import SocketIOHandlers
import SocketIOTransport
import Synchronization

/// A request of Socket.IO that was refused: Node's event `connection_error`.
public struct ConnectionError: Sendable {
    /// What was asked. It is answered: what is said to it now is ignored.
    public let request: HTTPRequest
    /// 0 to 5, as the client sees it.
    public let code: Int
    /// What the client is told: "Session ID unknown".
    public let message: String
    /// What the server knows besides; maybe nothing.
    public let context: String
}

/// Called when a request was refused, on one of the event loops.
public typealias ConnectionErrorHandler = @Sendable (ConnectionError) -> Void

/// Who is told of refused requests. Without anybody a refusal costs no lock.
final class ConnectionErrorHandlers: Sendable {
    private let list = Mutex(HandlerList<ConnectionErrorHandler>())
    private let isUsed = Atomic<Bool>(false)

    func add(_ handler: @escaping ConnectionErrorHandler, _ registration: Registration) {
        list.withLock { $0.add(handler, registration, first: false) }
        isUsed.store(true, ordering: .releasing)
    }

    func off(_ fits: (Registration) -> Bool) -> Bool {
        // What it lets go of ends outside of the lock.
        let (removed, old) = list.withLock { list in
            let old = list
            return (list.remove(fits) != nil, old)
        }
        withExtendedLifetime(old) {}
        return removed
    }

    func removeAll() {
        let old = list.withLock { list in
            defer { list = HandlerList() }
            return list
        }
        withExtendedLifetime(old) {}
    }

    func tell(_ refusal: EngineRefusal, of exchange: HTTPExchange) {
        guard isUsed.load(ordering: .acquiring) else { return }
        let handlers = list.withLock { $0.handlers }
        guard !handlers.isEmpty else { return }
        let error = ConnectionError(
            request: HTTPRequest(exchange, loop: SocketLoop.of(exchange.loop)), code: refusal.error.rawValue,
            message: refusal.message, context: refusal.context)
        for handler in handlers { handler(error) }
    }
}

extension SocketServer {
    /// Calls `handler` for every request of Socket.IO that is refused, handshakes and others, once it is answered: those
    /// that break the rules, those that a hook refuses, and those that are put off.
    @discardableResult
    public func onConnectionError(
        as registration: Registration = Registration(), _ handler: @escaping ConnectionErrorHandler
    ) -> Registration {
        connectionErrors.add(handler, registration)
        return registration
    }
}
