import Glibc
import NIOCore
import NIOPosix

/// Moves a connection to another event loop, where the session lives that it wants to join.
///
/// A channel cannot change its loop, but a connection can: its descriptor is duplicated, the old channel closed, and
/// a new one made on the other loop, with the bytes that had been read already.
enum ConnectionMove {
    static func move(
        _ handler: HTTPHandler, to loop: EngineLoop, engine: EngineServer, response: ByteBuffer,
        then body: @escaping @Sendable (WebSocketHandler) -> Void
    ) {
        guard let channel = handler.channel else { return }
        let leftover = LeftoverHandler()
        // SAFETY: the handler is used on its channel's loop until that is closed.
        nonisolated(unsafe) let unread = leftover
        handler.hand(overTo: leftover) {
            let copy = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable {
                (descriptor: NIOBSDSocket.Handle) in fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            }
            let bytes = unread.bytes
            engine.connectionOpened()
            channel.close(promise: nil)
            guard let descriptor = copy ?? nil, descriptor >= 0 else { return engine.connectionClosed() }
            loop.post { adopt(descriptor, on: loop, engine: engine, response: response, bytes: bytes, then: body) }
        }
    }

    private static func adopt(
        _ descriptor: CInt, on loop: EngineLoop, engine: EngineServer, response: ByteBuffer, bytes: ByteBuffer,
        then body: @escaping @Sendable (WebSocketHandler) -> Void
    ) {
        let webSocket = WebSocketHandler(engine: engine, loop: loop)
        // SAFETY: the handler is used on this loop only.
        nonisolated(unsafe) let handler = webSocket
        ClientBootstrap(group: loop.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .channelOption(.writeBufferWaterMark, value: Listener.waterMark)
            .withConnectedSocket(descriptor)
            .whenComplete { result in
                // The new channel counts for itself now.
                defer { engine.connectionClosed() }
                guard case .success = result else { return }
                handler.begin(with: response)
                body(handler)
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
