import EngineIOCore
import NIOCore
import Synchronization

/// One request and the response that it waits for.
///
/// The response may come from any thread, once; what comes later is ignored.
///
/// SAFETY of `@unchecked Sendable`: `body` is the connection's until the request is complete, then whoever's it was
/// given to; `connection` is used on its loop, and so is what hooks change, before the request goes on; `phase` has a
/// lock; the rest does not change.
package final class HTTPExchange: @unchecked Sendable {
    package let head: HTTPRequestHead
    /// The client.
    let source: RequestSource
    /// What Engine.IO reads of the request; nil for one outside of its path.
    let engineRequest: EngineRequest?
    /// What most requests have nothing of: a poll that waits, one for each idle client, costs no memory for it.
    private final class Extras {
        var hooked: HookOutcome?
        var body = ByteBuffer()
    }

    private var extras: Extras?
    /// The loop of the connection.
    package let loop: EngineLoop
    /// What it came on, as long as that waits for the response; on its loop.
    private(set) var connection: (any HTTPConnection)?

    /// Who is told that the client went away before the response.
    private enum Waiting {
        case nobody
        case session(EngineSession)
        /// In memory of its own, since few requests have one.
        indirect case application(@Sendable () -> Void)
    }

    private enum Phase {
        /// No response yet.
        case open(Waiting)
        case answered
        case aborted
    }

    private let phase = Mutex<Phase>(.open(.nobody))

    init(head: HTTPRequestHead, on connection: any HTTPConnection) {
        let engine = connection.engine
        let source =
            connection.trustsPeer
            ? connection.source.forwarded(head, trusting: engine.options.trustedProxies) : connection.source
        engineRequest = EngineRequest(head, from: source, to: engine)
        self.head = head
        self.source = source
        self.connection = connection
        loop = connection.loop
    }

    /// What hooks have said about the request; nil for nothing.
    var hooked: HookOutcome? { extras?.hooked }

    /// The body, for those who look at it later than when the request is complete.
    package internal(set) var body: ByteBuffer {
        get { extras?.body ?? ByteBuffer() }
        set { ownExtras.body = newValue }
    }

    private var ownExtras: Extras {
        if let extras { return extras }
        let extras = Extras()
        self.extras = extras
        return extras
    }

    package var peer: PeerAddress { source.peer }
    package var isSecure: Bool { source.isSecure }

    /// What decides whether the request is served; nil for one that has nothing to do with sessions.
    var handshake: HandshakeRequest? {
        guard let engineRequest, engineRequest.bundle == nil else { return nil }
        return engineRequest.handshake
    }

    /// What is decided about the page that the request comes from.
    var origin: OriginDecision {
        guard hooked?.admitsOrigin != true else {
            // The page of a JSONP request is told nothing.
            return head.value(of: .origin).map { .allowed($0, varies: true) } ?? .noOrigin
        }
        return engineRequest?.origin ?? .noOrigin
    }

    /// Whether nothing is expected any more.
    var isAnswered: Bool { phase.withLock { if case .open = $0 { false } else { true } } }

    /// Calls `handler` when the client goes away before the response: on the connection's loop, or at once if it has
    /// gone already.
    package func setAbortHandler(_ handler: @escaping @Sendable () -> Void) {
        if !wait(.application(handler)) { handler() }
    }

    /// Tells the session, on its loop, when the client goes away before the response. The exchange holds the session
    /// until then, or until the response.
    func setSession(_ session: EngineSession) {
        if !wait(.session(session)) { session.exchangeAborted(self) }
    }

    /// Tells nobody any more.
    func forgetSession() {
        _ = wait(.nobody)
    }

    /// False if the client has gone already.
    private func wait(_ waiting: Waiting) -> Bool {
        phase.withLock { phase in
            switch phase {
            case .open:
                phase = .open(waiting)
                return true
            case .answered: return true
            case .aborted: return false
            }
        }
    }

    /// Whether it asks for what the server itself has at a path.
    package func isFor(ownPath path: String) -> Bool {
        (head.method == .get || head.method == .head)
            && head.text.withTarget { $0.prefix { $0 != UInt8(ascii: "?") }.elementsEqual(path.utf8) }
    }

    package func respond(_ response: consuming HTTPResponse) {
        guard markAnswered() else { return }
        guard !loop.isCurrent else {
            connection?.respond(response, to: self)
            return
        }
        loop.post { [response] in self.connection?.respond(response, to: self) }
    }

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
        loop.run { self.connection?.cancel(self) }
    }

    /// Takes in what a hook has said; on the connection's loop.
    func add(_ outcome: HookOutcome) {
        guard !outcome.isEmpty else { return }
        var sum = hooked ?? HookOutcome()
        sum.headers += outcome.headers
        sum.sessionName = outcome.sessionName ?? sum.sessionName
        sum.admitsOrigin = sum.admitsOrigin || outcome.admitsOrigin
        ownExtras.hooked = sum
    }

    /// The request that waited for hooks goes on; on the connection's loop.
    func proceed() {
        connection?.proceed(self)
    }

    /// Ends the connection of a request that nobody has answered, and tells who waits; on the connection's loop.
    func abandon() {
        guard !isAnswered else { return }
        let connection = connection
        abort()
        connection?.cancel(self)
    }

    /// The client went away.
    func abort() {
        connection = nil
        let waiting = phase.withLock { phase -> Waiting in
            guard case .open(let waiting) = phase else { return .nobody }
            phase = .aborted
            return waiting
        }
        switch waiting {
        case .nobody: break
        case .session(let session): session.exchangeAborted(self)
        case .application(let handler): handler()
        }
    }

    /// The connection has done with the request.
    func detach() {
        connection = nil
    }
}
