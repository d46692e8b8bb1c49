import EngineIOCore
import NIOCore
import NIOEmbedded
import Testing

@testable import SocketIOTransport

/// A connection that begins with a PROXY header, in an embedded channel.
@Suite struct ProxyProtocolHandlerTests {
    private static let header = Array("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n".utf8)
    private static let request = Array("GET /a HTTP/1.1\r\nHost: a\r\n\r\n".utf8)

    private func connect(_ server: EmbeddedServer) throws -> EmbeddedClient {
        server.recorder.answer = HTTPResponse(status: 200, contentType: "text/plain", text: "hi")
        let client = EmbeddedClient(channel: EmbeddedChannel(loop: server.eventLoop))
        let (engine, loop) = (server.engine, server.loop)
        let handler = ProxyProtocolHandler(engine: engine, loop: loop, peer: PeerAddress(nil)) { peer in
            let source = RequestSource(peer: peer, isSecure: false)
            try client.channel.pipeline.syncOperations.addHandler(
                HTTPHandler(engine: engine, loop: loop, source: source, descriptor: -1))
        }
        try client.channel.pipeline.syncOperations.addHandler(handler)
        client.channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        server.eventLoop.run()
        return client
    }

    private func isAlone(_ client: EmbeddedClient) -> Bool {
        (try? client.channel.pipeline.syncOperations.handler(type: ProxyProtocolHandler.self)) == nil
    }

    @Test func splitAtEveryByte() throws {
        let bytes = Self.header + Self.request
        for split in 0..<bytes.count {
            let server = EmbeddedServer()
            let client = try connect(server)
            client.send(bytes[..<split])
            client.send(bytes[split...])
            #expect(server.recorder.exchanges.map(\.peer.host) == ["192.0.2.1"], "split at \(split)")
            #expect(server.recorder.exchanges.map(\.peer.port) == [56324])
            #expect(client.responses() == ["200 hi"])
            #expect(isAlone(client))
            #expect(server.engine.connectionCount == 1)
            client.disconnect()
            #expect(server.engine.connectionCount == 0)
        }
    }

    @Test func byteByByte() throws {
        let server = EmbeddedServer()
        let client = try connect(server)
        for byte in Self.header + Self.request { client.send([byte]) }
        #expect(server.recorder.exchanges.map(\.peer.host) == ["192.0.2.1"])
        #expect(isAlone(client))
    }

    @Test func theProxyItself() throws {
        let server = EmbeddedServer()
        let client = try connect(server)
        client.send("PROXY UNKNOWN\r\n")
        client.send(Self.request)
        #expect(server.recorder.exchanges.map(\.peer.host) == ["unix"])
    }

    @Test func whatIsNoHeaderEndsTheConnection() throws {
        let server = EmbeddedServer()
        let client = try connect(server)
        client.send(Self.request)
        #expect(client.isClosed)
        #expect(client.receivedBytes().isEmpty)
        #expect(server.recorder.lines.isEmpty)
        #expect(server.engine.connectionCount == 0)
    }

    /// The "silent channel": a connection that says nothing.
    @Test func theHeaderHasToComeInTime() throws {
        let server = EmbeddedServer { $0.proxyHeaderTimeout = 500 }
        let silent = try connect(server)
        let slow = try connect(server)
        slow.send("PROXY ")
        let served = try connect(server)
        served.send(Self.header)
        server.eventLoop.advanceTime(by: .milliseconds(499))
        #expect(!silent.isClosed && !slow.isClosed)
        server.eventLoop.advanceTime(by: .milliseconds(2))
        #expect(silent.isClosed && slow.isClosed)
        #expect(!served.isClosed)
    }

    @Test func aClosingServerEndsIt() throws {
        let server = EmbeddedServer()
        let client = try connect(server)
        for connection in Array(server.loop.connections.values) { connection.closeSoon() }
        server.eventLoop.run()
        #expect(client.isClosed)
        #expect(server.engine.connectionCount == 0)
    }
}
