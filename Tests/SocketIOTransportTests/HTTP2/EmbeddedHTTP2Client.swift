import NIOCore
import NIOEmbedded
import NIOHPACK

@testable import SocketIOTransport

/// The peer of an embedded connection of HTTP/2, which sends the frames that it is told to.
final class EmbeddedHTTP2Client {
    let client: EmbeddedClient
    private var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
    private var rest: [UInt8] = []

    /// `window` of bytes is what the server may send on a new stream.
    init(to server: EmbeddedServer, window: UInt32 = 1 << 20) throws {
        client = EmbeddedClient(channel: EmbeddedChannel(loop: server.eventLoop))
        let pipeline = client.channel.pipeline.syncOperations
        try pipeline.addHandler(client.flushes)
        try HTTP2ConnectionHandler.add(
            behind: client.flushes, in: try pipeline.context(handler: client.flushes), server.engine, on: server.loop,
            from: RequestSource(peer: PeerAddress(nil), isSecure: true))
        client.channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        server.eventLoop.run()
        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        send(4, payload: [0, 4] + Self.number(window))
        send(4, flags: 1)
        send(8, payload: Self.number(1 << 20))
        _ = frames()
    }

    static func number(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - $0 * 8)) } }

    // MARK: Sending

    func send(_ kind: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, payload: [UInt8] = []) {
        client.send(Self.number(UInt32(payload.count)).dropFirst() + [kind, flags] + Self.number(stream) + payload)
    }

    func request(
        _ stream: UInt32, _ method: String, _ path: String, _ more: [(String, String)] = [], isEnd: Bool = true
    ) {
        let own = [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
        // Pseudo-header fields first. Literals that are not indexed, and not compressed.
        let block = (own + more).flatMap { name, value in
            [0, UInt8(name.utf8.count)] + name.utf8 + [UInt8(value.utf8.count)] + value.utf8
        }
        send(1, flags: isEnd ? 5 : 4, stream: stream, payload: block)
    }

    func get(_ stream: UInt32, _ path: String, _ more: [(String, String)] = []) { request(stream, "GET", path, more) }

    func webSocket(_ stream: UInt32, _ path: String, _ more: [(String, String)] = []) {
        let own = [(":protocol", "websocket"), ("sec-websocket-version", "13")]
        request(stream, "CONNECT", path, own + more, isEnd: false)
    }

    func data(_ stream: UInt32, _ bytes: some Sequence<UInt8>, isEnd: Bool = false) {
        send(0, flags: isEnd ? 1 : 0, stream: stream, payload: Array(bytes))
    }

    // MARK: Receiving

    /// The frames since the last call: "1 200", "1 data 5", "1 end", "1 reset 8", "1 window 65535", "goaway 0".
    func frames() -> [String] {
        rest += client.receivedBytes()
        var frames: [String] = []
        while rest.count >= 9 {
            let length = Int(rest[1]) << 8 | Int(rest[2])
            guard rest.count >= 9 + length else { break }
            let (kind, flags, stream) = (rest[3], rest[4], Int(rest[7]) << 8 | Int(rest[8]))
            let payload = Array(rest[9..<(9 + length)])
            rest.removeFirst(9 + length)
            let last = Int(payload.suffix(4).reduce(0) { $0 << 8 | UInt32($1) })
            switch kind {
            case 0:
                if length > 0 { frames.append("\(stream) data \(length)") }
            case 1:
                var block = ByteBuffer(bytes: payload)
                frames.append("\(stream) \((try? decoder.decodeHeaders(from: &block).first(name: ":status")) ?? "?")")
            case 3: frames.append("\(stream) reset \(last)")
            case 7: frames.append("goaway \(last)")
            case 8: frames.append("\(stream) window \(last)")
            default: break
            }
            if kind <= 1, flags & 1 != 0 { frames.append("\(stream) end") }
        }
        return frames
    }
}
