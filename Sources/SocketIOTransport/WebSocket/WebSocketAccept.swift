import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The answer to a WebSocket handshake, by NIO's own rules for its headers.
enum WebSocketAccept {
    /// The head of the 101 response; `nil` if the request breaks RFC 6455, 4.2.1.
    static func response(to head: HTTPRequestHead, on channel: any Channel, headers: HTTPHeaders) -> HTTPHeaders? {
        guard isKey(head.headers.first(name: "sec-websocket-key")) else { return nil }
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

    /// Whether this can be the base64 of 16 bytes.
    private static func isKey(_ text: String?) -> Bool {
        guard let text, text.utf8.count == 24, text.hasSuffix("==") else { return false }
        return text.utf8.dropLast(2).allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
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
