import EngineIOCore
import Synchronization

/// The functions of a program that are asked about requests in the path, before anything is done for them.
package final class EngineHooks: Sendable {
    package enum Kind: Sendable {
        /// Every request: polls, POSTs, preflights, upgrades.
        case engine
        /// Those of a page that comes from an origin that is not allowed.
        case origin
        /// Those that are about to open a session.
        case handshake
    }

    package typealias Hook = @Sendable (HookedRequest) -> Void

    /// In the order in which they are asked.
    struct Table: Sendable {
        var engine: [Hook] = []
        var origin: [Hook] = []
        var handshake: [Hook] = []
    }

    private let table = Mutex(Table())
    /// Most programs have none, and their requests take no lock.
    private let isUsed = Atomic<Bool>(false)

    package init() {}

    package func add(_ kind: Kind, _ hook: @escaping Hook) {
        table.withLock { table in
            switch kind {
            case .engine: table.engine.append(hook)
            case .origin: table.origin.append(hook)
            case .handshake: table.handshake.append(hook)
            }
        }
        isUsed.store(true, ordering: .releasing)
    }

    package func removeAll() {
        // Their ends may run code of the application: not under the lock.
        let old = table.withLock { table in
            defer { table = Table() }
            return table
        }
        withExtendedLifetime(old) {}
    }

    /// Nil if there is nobody to ask.
    var current: Table? { isUsed.load(ordering: .acquiring) ? table.withLock { $0 } : nil }
}

/// A request that waits for a hook's word. Give it once, from any thread; what comes later, or after the client has
/// gone, is ignored.
package final class HookedRequest: Sendable {
    package enum Answer: Sendable {
        case next
        case refuse(String?)
        case respond(HTTPResponse)
    }

    private enum State {
        case waiting(HookOutcome)
        case answered
    }

    package let exchange: HTTPExchange
    package let kind: EngineHooks.Kind
    private let state = Mutex(State.waiting(HookOutcome()))
    /// On the connection's loop.
    private let proceed: @Sendable (Answer) -> Void

    init(_ exchange: HTTPExchange, _ kind: EngineHooks.Kind, proceed: @escaping @Sendable (Answer) -> Void) {
        self.exchange = exchange
        self.kind = kind
        self.proceed = proceed
    }

    /// False if it was answered before, or the client is gone.
    package func answer(_ answer: Answer) -> Bool {
        let outcome = state.withLock { state -> HookOutcome? in
            guard case .waiting(let outcome) = state else { return nil }
            state = .answered
            return outcome
        }
        guard let outcome, !exchange.isAnswered else { return false }
        exchange.loop.run {
            // Nobody waits for this answer any more.
            self.exchange.forgetSession()
            guard !self.exchange.isAnswered else { return }
            self.exchange.add(outcome)
            self.proceed(answer)
        }
        return true
    }

    /// Adds to what the request's response will have. False as above.
    package func change(_ body: (inout HookOutcome) -> Void) -> Bool {
        guard !exchange.isAnswered else { return false }
        return state.withLock { state in
            guard case .waiting(var outcome) = state else { return false }
            body(&outcome)
            state = .waiting(outcome)
            return true
        }
    }
}

/// What hooks have said about a request that goes on.
package struct HookOutcome: Sendable {
    /// Fields of its response.
    package var headers: [(name: String, value: String)] = []
    /// The id of the session that it opens.
    package var sessionName: SessionName?
    /// Whether the page it comes from may use the server, though its origin is not allowed otherwise.
    var admitsOrigin = false

    var isEmpty: Bool { headers.isEmpty && sessionName == nil && !admitsOrigin }
}
