import NIOCore
import SocketIOTransport

/// A request that waits for the program: one outside the Socket.IO path, complete with its body, for a response; one of
/// Socket.IO itself for the word of a hook. Give it once, now or later, from any thread.
public final class HTTPRequest: Sendable {
    private let exchange: HTTPExchange
    package let loop: SocketLoop
    /// Nil outside of the path.
    let hooked: HookedRequest?

    init(_ exchange: HTTPExchange, loop: SocketLoop) {
        self.exchange = exchange
        self.loop = loop
        hooked = nil
    }

    init(_ request: HookedRequest, loop: SocketLoop) {
        exchange = request.exchange
        self.loop = loop
        hooked = request
    }

    /// Calls `handler` if the client goes away before the response; on the connection's loop.
    package func onAbort(_ handler: @escaping @Sendable () -> Void) {
        exchange.setAbortHandler(handler)
    }

    /// "GET".
    public var method: String { exchange.head.text.method }
    /// The request target as it came, "/index.html?x=1".
    public var target: String { exchange.head.text.target }
    /// The header fields as they came.
    public var headers: [(name: String, value: String)] {
        exchange.head.text.fields
    }
    /// The client's address, "192.0.2.1"; "unix".
    public var address: String { exchange.peer.host }
    /// The client's port; 0 for a Unix socket.
    public var port: Int { exchange.peer.port }
    /// Whether the connection is encrypted.
    public var isSecure: Bool { exchange.isSecure }

    /// The body; borrowed for the call.
    public func withBody<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        exchange.body.withUnsafeReadableBytes(body)
    }

    /// Responds. `Content-Length` and `Connection` are added.
    public func respond(
        _ status: Int = 200, headers: [(name: String, value: String)] = [], body: some Sequence<UInt8> = []
    ) throws(SocketError) {
        try Self.check(status, headers)
        let response = HTTPResponse(status: status, headers: headers, body: ByteBuffer(bytes: body))
        if hooked != nil { try answer(.respond(response)) } else { exchange.respond(response) }
    }

    /// Whether a response may have this status and these fields.
    package static func check(_ status: Int, _ headers: [(name: String, value: String)]) throws(SocketError) {
        guard (200...599).contains(status) else {
            throw SocketError(.argument, "\(status) is not the status of a response: use 200 to 599.")
        }
        for (name, value) in headers { try check(name, value) }
    }

    /// Whether a response may have this field.
    private static func check(_ name: String, _ value: String) throws(SocketError) {
        guard HTTPResponse.isLegalField(name: name, value: value) else {
            throw SocketError(
                .argument,
                "A header field has characters that HTTP forbids there: a name takes letters, digits and \"-\", "
                    + "a value no control characters.")
        }
        try refuse(name, among: ["content-length", "connection", "transfer-encoding", "date"])
    }

    /// Whether this field may be added to the responses of Socket.IO itself.
    static func check(added name: String, _ value: String) throws(SocketError) {
        try check(name, value)
        try refuse(
            name,
            among: [
                "content-type", "content-encoding", "upgrade", "sec-websocket-accept", "sec-websocket-extensions",
                "sec-websocket-protocol",
            ])
    }

    private static func refuse(_ name: String, among own: [String]) throws(SocketError) {
        guard !own.contains(name.lowercased()) else {
            throw SocketError(.argument, "\(name) is written by the library: leave it out.")
        }
    }
}
