import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Accepts the connections of one listening socket and spreads them over the loops.
final class Listener: Sendable {
    /// How much of what is written to a connection its channel may hold before the session holds it back. What the
    /// channel holds can be dropped no more, and no limit counts it.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 32 * 1024, high: 64 * 1024)

    private enum State {
        case starting
        case listening(any Channel)
        case stopped
    }

    let socket: BoundSocket
    let options: ListenOptions
    /// Nil: no TLS.
    let identity: TLSIdentity?
    private let engine: EngineServer
    private let state = Mutex<State>(.starting)

    init(socket: BoundSocket, options: ListenOptions, identity: TLSIdentity?, engine: EngineServer) {
        self.socket = socket
        self.options = options
        self.identity = identity
        self.engine = engine
    }

    func start(on group: any EventLoopGroup) {
        let listening = SignalDisposition.keepingSIGPIPE { bootstrap(on: group).withBoundSocket(socket.descriptor) }
        listening.whenComplete { result in
            guard case .success(let channel) = result else {
                if case .failure(let error) = result {
                    self.engine.log(.error) { "Cannot listen on \(self.socket.address.text): \(error)." }
                }
                return self.engine.listenerClosed()
            }
            channel.closeFuture.whenComplete { _ in self.engine.listenerClosed() }
            let isStopped = self.state.withLock { state in
                if case .stopped = state { return true }
                state = .listening(channel)
                return false
            }
            if isStopped { channel.close(promise: nil) }
        }
    }

    private func bootstrap(on group: any EventLoopGroup) -> ServerBootstrap {
        ServerBootstrap(group: group)
            // Or NIO switches it on for all connections, whatever the socket was told.
            .serverChannelOption(.tcpOption(.tcp_nodelay), value: options.isNoDelay ? 1 : 0)
            .serverChannelInitializer { [socket] channel in
                // NIO has listened again, with a backlog of its own, before it looked at any option.
                channel.eventLoop.makeCompletedFuture { _ = Glibc.listen(socket.descriptor, socket.backlog) }
            }
            .childChannelInitializer { [engine, options, identity] channel in
                engine.accepted(channel, options, identity)
            }
    }

    /// Sets what is the same for all connections. Here, and not as a bootstrap's options, which take a future each.
    static func setOptions(of channel: any Channel, on loop: EngineLoop) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.writeBufferWaterMark, value: waterMark)
        try options.setOption(.maxMessagesPerRead, value: 1)
        try options.setOption(.recvAllocator, value: ConnectionReceiveAllocator(loop))
    }

    func stop() {
        let channel: (any Channel)? = state.withLock { state in
            defer { state = .stopped }
            if case .listening(let channel) = state { return channel }
            return nil
        }
        // First, while nobody else can think that the socket is dead, and bind another there.
        socket.removeFile()
        channel?.close(promise: nil)
    }
}
