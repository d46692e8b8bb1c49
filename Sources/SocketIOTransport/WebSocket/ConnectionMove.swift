import Glibc
import NIOCore
import NIOPosix

/// Moves a connection to another event loop, where the session lives that it wants to join.
///
/// A channel cannot change its loop, but a connection can: its descriptor is duplicated, the old channel closed, and
/// a new one made on the other loop, with the bytes that had been read already.
enum ConnectionMove {
    /// The handler of the connection on its new loop, and what to do once it is there.
    typealias NewHandler = (WebSocketHandler, begin: () -> Void)

    /// `make` is called on the new loop with the connection's new descriptor.
    static func move(
        _ handler: HTTPHandler, to loop: EngineLoop, response: ByteBuffer,
        _ make: @escaping @Sendable (CInt) -> NewHandler
    ) {
        guard let channel = handler.channel else { return }
        let leftover = LeftoverHandler()
        // SAFETY: the handler is used on its channel's loop until that is closed.
        nonisolated(unsafe) let unread = leftover
        let engine = handler.engine
        // Counts for the connection while it belongs to no handler that does.
        engine.connectionOpened()
        let isHanded = handler.hand(overTo: leftover) {
            let copy = SocketDescriptor.of(channel).map { fcntl($0, F_DUPFD_CLOEXEC, 0) }
            let bytes = unread.bytes
            channel.close(promise: nil)
            guard let descriptor = copy, descriptor >= 0 else { return engine.connectionClosed() }
            loop.post { adopt(descriptor, on: loop, engine, response: response, bytes: bytes, make) }
        }
        if !isHanded { engine.connectionClosed() }
    }

    private static func adopt(
        _ descriptor: CInt, on loop: EngineLoop, _ engine: EngineServer, response: ByteBuffer, bytes: ByteBuffer,
        _ make: (CInt) -> NewHandler
    ) {
        // SAFETY: used on this loop only.
        nonisolated(unsafe) let (handler, begin) = make(descriptor)
        ClientBootstrap(group: loop.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Listener.setOptions(of: channel, on: loop)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .withConnectedSocket(descriptor)
            .whenComplete { result in
                // The new channel counts for itself now.
                defer { engine.connectionClosed() }
                guard case .success = result else { return }
                handler.begin(with: response)
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
