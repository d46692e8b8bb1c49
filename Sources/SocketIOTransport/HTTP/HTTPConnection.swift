import EngineIOCore
import NIOCore

/// What a request came on, and its response goes back on: a connection, or one stream of a connection. On its loop.
protocol HTTPConnection: AnyObject {
    var engine: EngineServer { get }
    var loop: EngineLoop { get }
    /// The other end.
    var source: RequestSource { get }
    /// Whether that is a proxy, whose word for its clients is taken.
    var trustsPeer: Bool { get }

    /// Goes on with a request that hooks were asked about, and let pass; see ``EngineServer/hooks(for:)``.
    func proceed(_ exchange: HTTPExchange)
    func respond(_ response: consuming HTTPResponse, to exchange: HTTPExchange)
    /// Ends what the request came on: it gets no response.
    func cancel(_ exchange: HTTPExchange)

    /// Whether it is a connection, and not a stream of one.
    var isWhole: Bool { get }
    /// Whether it can go on with another event loop: not what is encrypted on this one, nor a stream.
    var isMovable: Bool { get }

    // MARK: Becoming a WebSocket

    /// Nil once it is gone.
    var channel: (any Channel)? { get }
    var output: ConnectionOutput { get }
    /// The answer to a WebSocket handshake, with these fields besides its own, and to be written in front of the first
    /// frame; nil for a handshake that is not legal.
    func webSocketAnswer(
        to head: HTTPRequestHead, _ lines: HeaderLines, _ fields: [(name: String, value: String)]
    ) -> ByteBuffer?
    /// Gives what the request came on to `handler`, which reads bytes, and calls `then` when it has those that arrived
    /// behind the request. False, and no call, if it is gone.
    @discardableResult
    func hand(overTo handler: any ChannelHandler, then: @escaping @Sendable () -> Void) -> Bool
}
