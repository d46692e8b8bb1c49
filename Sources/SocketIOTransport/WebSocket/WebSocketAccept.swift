import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The answer to a WebSocket handshake, by NIO's own rules for its headers.
enum WebSocketAccept {
    /// The head of the 101 response; `nil` if the request breaks RFC 6455, 4.2.1.
    static func response(to head: HTTPRequestHead, on channel: any Channel, headers: HTTPHeaders) -> HTTPHeaders? {
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(headers) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
        )
        // The future is completed already, so that the closure runs here and now.
        let accepted = Box()
        upgrader.buildUpgradeResponse(channel: channel, upgradeRequest: head, initialResponseHeaders: headers)
            .assumeIsolated().whenSuccess { accepted.headers = $0 }
        return accepted.headers
    }

    private final class Box {
        var headers: HTTPHeaders?
    }

    /// The 101 response as bytes.
    static func bytes(_ headers: HTTPHeaders) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 256)
        buffer.writeStaticString("HTTP/1.1 101 Switching Protocols\r\n")
        for (name, value) in headers {
            buffer.writeString("\(name): \(value)\r\n")
        }
        buffer.writeStaticString("\r\n")
        return buffer
    }
}
