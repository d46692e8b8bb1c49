import EngineIOCore
import NIOCore

/// How a connection becomes a WebSocket.
extension HTTPHandler {
    var isWhole: Bool { true }
    var isMovable: Bool { output.hasDescriptor }

    func webSocketAnswer(
        to head: HTTPRequestHead, _ lines: HeaderLines, _ fields: [(name: String, value: String)]
    ) -> ByteBuffer? {
        guard let proof = WebSocketAccept.proof(for: head) else { return nil }
        var answer = ByteBufferAllocator().buffer(capacity: 256 &+ lines.bytes.count)
        answer.writeStaticString("HTTP/1.1 101 Switching Protocols\r\n")
        answer.writeBytes(lines.bytes)
        if !fields.isEmpty { answer.writeBytes(HeaderLines(fields).bytes) }
        answer.writeStaticString("Upgrade: websocket\r\nSec-WebSocket-Accept: ")
        answer.writeString(proof)
        answer.writeStaticString("\r\nConnection: upgrade\r\n\r\n")
        return answer
    }

    @discardableResult
    func hand(overTo handler: any ChannelHandler, then: @escaping @Sendable () -> Void) -> Bool {
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
        // The other one counts for the connection, before the client hears of it and others come.
        stopCounting()
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
