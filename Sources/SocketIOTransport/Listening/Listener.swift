import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Accepts the connections of one listening socket and spreads them over the loops.
final class Listener: Sendable {
    /// How much of what is written to a connection its channel may hold before the session holds it back.
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 64 * 1024, high: 256 * 1024)

    private enum State {
        case starting
        case listening(any Channel)
        case stopped
    }

    let socket: BoundSocket
    private let engine: EngineServer
    private let state = Mutex<State>(.starting)

    init(socket: BoundSocket, engine: EngineServer) {
        self.socket = socket
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
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelInitializer { [socket] channel in
                // NIO has listened again, with a backlog of its own, before it looked at any option.
                channel.eventLoop.makeCompletedFuture {
                    _ = Glibc.listen(socket.descriptor, CInt(clamping: socket.backlog))
                }
            }
            .childChannelInitializer { [engine] channel in engine.accepted(channel) }
        // The connections inherit it.
        return socket.address.isUnix ? bootstrap : bootstrap.serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
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
        channel?.close(promise: nil)
        if socket.address.isUnix { unlink(socket.address.host) }
    }
}

/// What the process does on SIGPIPE, to be kept as it is.
///
/// NIO ignores the signal for the whole process when it makes its first socket, which is not a library's to decide:
/// a program may count on it. The threads of the loops block all signals, so nothing is lost by restoring it.
private enum SignalDisposition {
    private static let lock = Mutex<Void>(())

    static func keepingSIGPIPE<Result>(_ body: () -> Result) -> Result {
        lock.withLock { _ in
            var action = sigaction()
            sigaction(SIGPIPE, nil, &action)
            defer { sigaction(SIGPIPE, &action, nil) }
            return body()
        }
    }
}
