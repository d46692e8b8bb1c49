import EngineIOCore
import NIOCore
import NIOEmbedded
import Testing

@testable import SocketIOTransport

/// The requests of one connection, in an embedded channel.
@Suite struct HTTPHandlerTests {
    private static let ok = HTTPResponse(status: 200, contentType: "text/plain", text: "hi")

    @Test func requestsSplitAtEveryByte() throws {
        let request = Array((String.post("/a", "body") + .get("/b")).utf8)
        for split in 1..<request.count {
            let server = EmbeddedServer()
            server.recorder.answer = Self.ok
            let client = try server.connect()
            client.send(request[..<split])
            client.send(request[split...])
            #expect(server.recorder.lines == ["request POST /a", "request GET /b"], "split at \(split)")
            #expect(client.responses() == ["200 hi", "200 hi"], "split at \(split)")
            #expect(!client.isClosed)
        }
    }

    @Test func aResponseIsOneWrite() throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.ok
        let client = try server.connect()
        client.flushes.reset()
        client.send(.get("/"))
        #expect(client.flushes.writes == 1)
        #expect(client.flushes.count == 1)
        let response = client.received()
        #expect(response.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: "))
        #expect(response.hasSuffix(" GMT\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi"))
    }

    @Test func pipelinedRequestsWaitForOneAnother() throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(.get("/1") + .get("/2") + .get("/3"))
        #expect(server.recorder.lines == ["request GET /1"])
        #expect(client.responses().isEmpty)
        try server.recorder.exchanges.at(0).respond(HTTPResponse(status: 200, contentType: "text/plain", text: "1"))
        #expect(server.recorder.lines == ["request GET /1", "request GET /2"])
        server.recorder.answer = Self.ok
        try server.recorder.exchanges.at(1).respond(HTTPResponse(status: 200, contentType: "text/plain", text: "2"))
        #expect(server.recorder.lines.last == "request GET /3")
        #expect(client.responses() == ["200 1", "200 2", "200 hi"])
    }

    @Test func aClientThatPipelinesIsNotReadFromWhileItWaits() throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        let reads = ReadCounter()
        try client.channel.pipeline.syncOperations.addHandler(reads, position: .first)
        client.send(.get("/1") + .get("/2"))
        client.channel.read()
        #expect(reads.count == 0)
        server.recorder.answer = Self.ok
        try server.recorder.exchanges.at(0).respond(Self.ok)
        #expect(reads.count == 1)
    }

    private final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }

    @Test func aResponseCountsOnce() throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(.get("/"))
        let exchange = try server.recorder.exchanges.at(0)
        exchange.respond(Self.ok)
        exchange.respond(HTTPResponse(status: 500))
        #expect(client.responses() == ["200 hi"])
        client.send(.get("/2"))
        exchange.respond(HTTPResponse(status: 500))
        #expect(client.responses().isEmpty)
    }

    @Test func headHasNoBody() throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.ok
        let client = try server.connect()
        client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let response = client.received()
        #expect(response.contains("Content-Length: 2\r\n"))
        #expect(response.hasSuffix("\r\n\r\n"))
    }

    @Test(arguments: ["Connection: close\r\n", "Upgrade: h2c\r\nConnection: Upgrade\r\n"])
    private func closesBehindTheLastResponse(fields: String) throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.ok
        let client = try server.connect()
        client.send(.get("/", fields: fields) + .get("/2"))
        #expect(client.responses() == ["200 hi"])
        #expect(client.isClosed)
        #expect(server.recorder.lines == ["request GET /"])
        #expect(server.engine.connectionCount == 0)
    }

    @Test func http10() throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.ok
        let client = try server.connect()
        client.send("GET / HTTP/1.0\r\n\r\n")
        #expect(client.received().contains("Connection: close\r\n"))
        #expect(client.isClosed)
    }

    @Test(arguments: [
        "GARBAGE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{03}\u{01}\u{02}\u{00}\u{01}\u{00}\u{01}",
        "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "GET / HTTP/1.1\r\n: x\r\n\r\n",
    ])
    private func refusesWhatIsNotARequest(_ text: String) throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(text)
        #expect(client.responses() == ["400 Bad Request"])
        #expect(client.isClosed)
        #expect(server.recorder.lines.isEmpty)
        #expect(server.engine.connectionCount == 0)
    }

    /// Two lengths, or a length and chunks, are how one request becomes two.
    @Test(arguments: [
        "Content-Length: 4\r\nContent-Length: 5\r\n", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
    ])
    private func refusesSmuggling(fields: String) throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.ok
        let client = try server.connect()
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n")
        #expect(!server.recorder.lines.contains("request GET /smuggled"))
        #expect(client.isClosed)
    }

    /// Who sends requests and does not read the answers is not served, or read from, any more.
    @Test func answersThatAreNotReadHoldTheNextRequest() throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.ok
        let client = try server.connect()
        let reads = ReadCounter()
        try client.channel.pipeline.syncOperations.addHandler(reads, position: .first)
        client.channel.isWritable = false
        client.send(.get("/1") + .get("/2"))
        client.channel.read()
        #expect(client.responses().isEmpty)
        #expect(reads.count == 0)
        client.channel.isWritable = true
        client.channel.pipeline.fireChannelWritabilityChanged()
        #expect(client.responses() == ["200 hi", "200 hi"])
        #expect(reads.count == 1)
    }

    /// However the head that is refused was cut: nothing of what follows is kept.
    @Test func whatComesBehindARefusalIsThrownAway() throws {
        let server = EmbeddedServer()
        let channel = EmbeddedChannel(loop: server.eventLoop)
        let handler = HTTPHandler(
            engine: server.engine, loop: server.loop,
            source: RequestSource(peer: PeerAddress(nil), isSecure: false), descriptor: -1)
        try channel.pipeline.syncOperations.addHandler(handler)
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        for text in ["GET / HTTP/1.1\r\nHo", "st : x\r\n\r\n", String(repeating: "x", count: 100_000)] {
            _ = try? channel.writeInbound(ByteBuffer(string: text))
        }
        #expect(handler.unreadBytes == 0)
        server.eventLoop.run()
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }
}
