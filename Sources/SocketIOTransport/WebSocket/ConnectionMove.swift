import Glibc
import NIOCore
import NIOPosix

/// Moves a connection to another event loop, where the session lives that it wants to join.
///
/// A channel cannot change its loop, but a connection can: its descriptor is duplicated, the old channel closed, and
/// a new one made on the other loop, with the bytes that had been read already.
enum ConnectionMove {
    static func move(
        _ handler: HTTPHandler, to webSocket: WebSocketHandler, response: ByteBuffer,
        then body: @escaping @Sendable () -> Void
    ) {
        guard let channel = handler.channel else { return }
        let leftover = LeftoverHandler()
        // SAFETY: the handler is used on its channel's loop until that is closed.
        nonisolated(unsafe) let unread = leftover
        // SAFETY: until the connection is adopted nobody uses the WebSocket, then its own loop does.
        nonisolated(unsafe) let webSocket = webSocket
        let engine = webSocket.engine
        // Counts for the connection while it belongs to no handler that does.
        engine.connectionOpened()
        let isHanded = handler.hand(overTo: leftover) {
            let copy = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable {
                (descriptor: NIOBSDSocket.Handle) in fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            }
            let bytes = unread.bytes
            channel.close(promise: nil)
            guard let descriptor = copy ?? nil, descriptor >= 0 else { return engine.connectionClosed() }
            webSocket.loop.post { adopt(descriptor, webSocket, response: response, bytes: bytes, then: body) }
        }
        if !isHanded { engine.connectionClosed() }
    }

    private static func adopt(
        _ descriptor: CInt, _ webSocket: WebSocketHandler, response: ByteBuffer, bytes: ByteBuffer,
        then body: @escaping @Sendable () -> Void
    ) {
        // SAFETY: the handler is used on this loop only.
        nonisolated(unsafe) let handler = webSocket
        let engine = webSocket.engine
        ClientBootstrap(group: webSocket.loop.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .channelOption(.writeBufferWaterMark, value: Listener.waterMark)
            .channelOption(.maxMessagesPerRead, value: 1)
            .withConnectedSocket(descriptor)
            .whenComplete { result in
                // The new channel counts for itself now.
                defer { engine.connectionClosed() }
                guard case .success = result else { return }
                handler.begin(with: response)
                body()
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
