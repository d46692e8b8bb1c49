import Glibc
import NIOCore
import NIOPosix

/// Moves a connection to another event loop, where the session lives that it wants to join.
///
/// A channel cannot change its loop, but a connection can: its descriptor is duplicated, the old channel closed, and
/// a new one made on the other loop, with the bytes that had been read already. One behind TLS cannot: what is read from
/// the descriptor goes on from there, and is relayed instead.
enum ConnectionMove {
    /// The handler of the connection on its new loop, and what to do once it is there.
    typealias NewHandler = (WebSocketHandler, begin: () -> Void)

    /// `make` is called on the new loop with the connection's new descriptor. `answer` is written in front of everything.
    static func move(
        _ connection: any HTTPConnection, to loop: EngineLoop, answer: ByteBuffer,
        _ make: @escaping @Sendable (CInt) -> NewHandler
    ) {
        guard connection.isMovable else {
            return ConnectionRelay.join(connection) { descriptor in
                let isPosted = loop.post {
                    adopt(descriptor, on: loop, answer: answer, bytes: ByteBuffer(), make, counting: { _ in }, then: {})
                }
                if !isPosted { close(descriptor) }
            }
        }
        guard let channel = connection.channel else { return }
        let leftover = LeftoverHandler()
        // SAFETY: the handler is used on its channel's loop until that is closed.
        nonisolated(unsafe) let unread = leftover
        let (engine, peer) = (connection.engine, connection.source.peer)
        // Counts for the connection while it belongs to no handler that does.
        engine.connectionOpened()
        let isHanded = connection.hand(overTo: leftover) {
            let copy = SocketDescriptor.of(channel).map { fcntl($0, F_DUPFD_CLOEXEC, 0) }
            let bytes = unread.bytes
            channel.close(promise: nil)
            guard let descriptor = copy, descriptor >= 0 else { return engine.connectionClosed() }
            let isPosted = loop.post {
                // The new channel counts for itself then.
                adopt(
                    descriptor, on: loop, answer: answer, bytes: bytes, make,
                    counting: { engine.countAgain($0, from: peer) }, then: engine.connectionClosed)
            }
            guard !isPosted else { return }
            close(descriptor)
            engine.connectionClosed()
        }
        if !isHanded { engine.connectionClosed() }
    }

    private static func adopt(
        _ descriptor: CInt, on loop: EngineLoop, answer: ByteBuffer, bytes: ByteBuffer, _ make: (CInt) -> NewHandler,
        counting count: @escaping @Sendable (any Channel) -> Void,
        then done: @escaping @Sendable () -> Void
    ) {
        // SAFETY: used on this loop only.
        nonisolated(unsafe) let (handler, begin) = make(descriptor)
        ClientBootstrap(group: loop.eventLoop)
            // Or NIO switches it on.
            .channelOption(.tcpOption(.tcp_nodelay), value: GivenDescriptor.isNoDelay(descriptor) ? 1 : 0)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Listener.setOptions(of: channel, on: loop)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    count(channel)
                }
            }
            .withConnectedSocket(descriptor)
            .whenComplete { result in
                defer { done() }
                guard case .success = result else { return }
                handler.begin(with: answer)
                begin()
                handler.received(leftover: bytes)
            }
    }
}

/// Keeps the bytes that arrive while the connection has no owner.
private final class LeftoverHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private(set) var bytes = ByteBuffer()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
    }
}
