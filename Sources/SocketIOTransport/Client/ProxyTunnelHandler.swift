import EngineIOCore
import NIOCore

/// Asks a proxy for a tunnel to the server, and leaves once there is one.
final class ProxyTunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: String
    private let place: String
    private let loop: EngineLoop
    private var reader = HTTPResponseReader(HTTPLimits(headBytes: 16 * 1024, fields: 100))
    private var unread = ByteBuffer()
    /// Nil once it was called; its argument is nil for success.
    private var completion: ((EngineClientFailure?) -> Void)?

    /// `authority` is "host:port" of the server.
    init(
        _ proxy: ClientProxy, to authority: String, loop: EngineLoop,
        _ completion: @escaping (EngineClientFailure?) -> Void
    ) {
        var request = "CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n"
        if let userInfo = proxy.userInfo {
            request += "Proxy-Authorization: \(BasicCredentials.field(userInfo))\r\n"
        }
        self.request = request + "\r\n"
        self.loop = loop
        self.completion = completion
        place = "The proxy \(proxy.host):\(proxy.port)"
    }

    func handlerAdded(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) { completion = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        unread.writeImmutableBuffer(bytes)
        loop.receiveBuffers.giveBack(bytes)
        var offset = 0
        do throws(HTTPResponseError) {
            switch try unread.withUnsafeReadableBytes({ bytes throws(HTTPResponseError) in
                try reader.next(in: bytes, at: &offset)
            }) {
            case .head(let head): answered(head, rest: unread.readableBytes - offset, context)
            case .incomplete: unread.moveReaderIndex(forwardBy: offset)
            case .body, .end: break
            }
        } catch {
            finish(EngineClientFailure(.proxy, "\(place) does not answer as one: \(error.cause). Is its port right?"))
        }
    }

    private func answered(_ head: HTTPResponseHead, rest: Int, _ context: ChannelHandlerContext) {
        switch head.status {
        case 200..<300 where rest == 0:
            let completion = completion
            self.completion = nil
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
            completion?(nil)
        case 200..<300:
            finish(
                EngineClientFailure(
                    .proxy, status: head.status, "\(place) sends more than its answer: does it know CONNECT?"))
        case 407:
            finish(
                EngineClientFailure(
                    .proxy, status: head.status,
                    "\(place) asks for a name and a password, or for others: give them in its URL."))
        default:
            finish(
                EngineClientFailure(
                    .proxy, status: head.status,
                    "\(place) makes no tunnel to the server, and answers with status \(head.status): does it allow "
                        + "CONNECT to that host and port, and can it reach them?"))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(EngineClientFailure(.proxy, "\(place) closed the connection before it answered: is it one for HTTP?"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(
            EngineClientFailure(
                .proxy, systemError: (error as? IOError)?.errnoCode ?? 0,
                "The connection to the proxy failed: \(error)."))
        context.close(promise: nil)
    }

    private func finish(_ failure: EngineClientFailure?) {
        guard let completion else { return }
        self.completion = nil
        completion(failure)
    }
}
