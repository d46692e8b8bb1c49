import EngineIOCore
import NIOCore

/// How a stream becomes a WebSocket (RFC 8441).
extension HTTP2StreamHandler {
    func webSocketAnswer(
        to head: HTTPRequestHead, _ lines: HeaderLines, _ fields: [(name: String, value: String)]
    ) -> ByteBuffer? {
        // There is no key to prove anything with: an extended CONNECT is no request that anybody sends by mistake.
        guard isTunnel, WebSocketAccept.isVersion13(head) else { return nil }
        answer = HTTP2Fields.acceptance(lines, fields)
        return ByteBuffer()
    }

    @discardableResult
    func hand(overTo handler: any ChannelHandler, then: @escaping @Sendable () -> Void) -> Bool {
        guard let context, let codec, case .waiting(let exchange) = state, let answer else { return false }
        exchange.detach()
        do {
            try context.pipeline.syncOperations.addHandler(handler, position: .after(self))
        } catch {
            state = .done
            context.close(promise: nil)
            return false
        }
        codec.write(answer, isEnd: false)
        codec.flush()
        // The flush may have closed the stream.
        guard case .waiting = state else { return false }
        self.answer = nil
        state = .leaving(then: then)
        if !isDelivering { context.eventLoop.assumeIsolated().execute { self.leave() } }
        return true
    }

    /// Lets the new handler have the stream, once whoever handed it over is ready.
    func leave() {
        guard case .leaving(let then) = state, let context else { return }
        state = .done
        codec?.requests = nil
        let rest = body
        body = ByteBuffer()
        let wasReadHeld = isReadHeld
        let channel = context.channel
        if rest.readableBytes > 0 { context.fireChannelRead(NIOAny(rest)) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        if wasReadHeld { channel.read() }
        then()
    }
}
