import NIOCore

/// How a connection becomes a WebSocket.
extension HTTPHandler {
    /// Gives the connection to `handler`, which reads bytes, and calls `then` when it has those that arrived behind
    /// the request. False, and no call, if the connection is gone.
    @discardableResult
    func hand(overTo handler: any ChannelHandler, then: @escaping @Sendable () -> Void = {}) -> Bool {
        guard let context, case .waiting(let exchange) = state else { return false }
        do {
            try context.pipeline.syncOperations.addHandler(handler, position: .after(self))
        } catch {
            exchange.detach()
            state = .closing
            context.close(promise: nil)
            return false
        }
        exchange.detach()
        state = .leaving(then: then)
        if !isParsing { parseUnread() }
        return true
    }

    func leave(to context: ChannelHandlerContext, with rest: ByteBuffer?, _ then: () -> Void) {
        state = .closing
        let channel = context.channel
        let wasReadHeld = isReadHeld
        if let rest { context.fireChannelRead(NIOAny(rest)) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        // The new handler holds it if it has to.
        if wasReadHeld { channel.read() }
        then()
    }
}
