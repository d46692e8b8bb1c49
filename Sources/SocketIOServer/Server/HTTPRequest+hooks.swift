import EngineIOCore
import SocketIOTransport

/// What a hook says about a request; see ``SocketServer/use(engine:)``.
extension HTTPRequest {
    /// Bytes of the fields that one request's response may be given.
    private static var headerBytes: Int { 65_536 }

    /// Lets the request go on: to the next hook, and then its way.
    public func next() throws(SocketError) {
        try answer(.next)
    }

    /// Refuses the request: with code 3 in a middleware of the engine, as an origin that is not allowed, or with code 4
    /// and this message at a handshake.
    public func refuse(_ message: String? = nil) throws(SocketError) {
        try answer(.refuse(message))
    }

    /// Adds a field to the response that the request will get, whatever that is.
    public func setHeader(_ name: String, _ value: String) throws(SocketError) {
        try Self.check(added: name, value)
        var isFull = false
        try change { outcome in
            let size = outcome.headers.reduce(name.utf8.count &+ value.utf8.count) {
                $0 &+ $1.name.utf8.count &+ $1.value.utf8.count
            }
            isFull = size > Self.headerBytes
            if !isFull { outcome.headers.append((name, value)) }
        }
        if isFull {
            throw SocketError(.limit, "The header fields of one response take \(Self.headerBytes) bytes at the most.")
        }
    }

    /// At a handshake: the id that the session is to have. Unique, and beyond guessing: whoever knows it can speak for
    /// the client.
    public func setSessionID(_ id: String) throws(SocketError) {
        guard let name = SessionName(id) else {
            throw SocketError(
                .argument,
                "The id of a session has 1 to \(SessionName.longest) letters, digits, \"-\" and \"_\", and no others.")
        }
        guard hooked?.kind == .handshake else {
            throw SocketError(.state, "No session is about to open: an id is given in a hook of the handshake.")
        }
        try change { $0.sessionName = name }
    }

    func answer(_ answer: HookedRequest.Answer) throws(SocketError) {
        guard try asked.answer(answer) else { throw Self.isGone }
    }

    private func change(_ body: (inout HookOutcome) -> Void) throws(SocketError) {
        guard try asked.change(body) else { throw Self.isGone }
    }

    private var asked: HookedRequest {
        get throws(SocketError) {
            guard let hooked else {
                throw SocketError(.state, "No hook is asked about this request, which waits for its response.")
            }
            return hooked
        }
    }

    private static var isGone: SocketError {
        SocketError(.gone, "The request was answered before, or its client is gone.")
    }
}
