import EngineIOCore
import NIOCore

/// Stands in front of a connection's other handlers until the PROXY header has come, which its proxy writes before
/// anything else; then they are added, with the client's address, and this one is gone.
final class ProxyProtocolHandler: ChannelInboundHandler, RemovableChannelHandler, LoopConnection {
    typealias InboundIn = ByteBuffer

    let engine: EngineServer
    private let loop: EngineLoop
    /// The proxy.
    private let peer: PeerAddress
    /// Adds the handlers of a connection from this client.
    private let proceed: (PeerAddress) throws -> Void
    private var collected = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var deadline: Scheduled<Void>?

    init(
        engine: EngineServer, loop: EngineLoop, peer: PeerAddress, proceed: @escaping (PeerAddress) throws -> Void
    ) {
        self.engine = engine
        self.loop = loop
        self.peer = peer
        self.proceed = proceed
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        engine.connectionOpened()
        loop.connections[ObjectIdentifier(self)] = self
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: .milliseconds(engine.options.proxyHeaderTimeout)) {
            channel.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        deadline?.cancel()
        loop.connections[ObjectIdentifier(self)] = nil
        engine.connectionClosed()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        collected.writeImmutableBuffer(bytes)
        loop.receiveBuffers.giveBack(bytes)
        switch parse() {
        case .success(nil): break
        case .success((.local, let size)?): go(on: context, behind: size, as: peer)
        case .success((.client(let client), let size)?): go(on: context, behind: size, as: PeerAddress(client))
        case .failure(let error):
            engine.log(.warning, .malformedProxyHeader, on: loop) {
                "A connection from \(peer.host) is closed: \(error.rawValue)."
            }
            context.close(promise: nil)
        }
    }

    private func parse() -> Result<(header: ProxyHeader, size: Int)?, ProxyHeaderError> {
        collected.withUnsafeReadableBytes { bytes in
            do throws(ProxyHeaderError) {
                return .success(try ProxyHeader.parse(bytes))
            } catch {
                return .failure(error)
            }
        }
    }

    private func go(on context: ChannelHandlerContext, behind size: Int, as client: PeerAddress) {
        var rest = collected
        rest.moveReaderIndex(forwardBy: size)
        collected = ByteBuffer()
        do {
            try proceed(client)
        } catch {
            return context.close(promise: nil)
        }
        if rest.readableBytes > 0 { context.fireChannelRead(NIOAny(rest)) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func closeSoon() {
        context?.close(promise: nil)
    }
}
