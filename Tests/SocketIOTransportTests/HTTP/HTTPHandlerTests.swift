import EngineIOCore
import NIOCore
import NIOEmbedded
import Testing

@testable import SocketIOTransport

/// The requests of one connection, and polling sessions over them, in an embedded channel.
@Suite struct HTTPHandlerTests {
    private static let ok = HTTPResponse(status: 200, contentType: "text/plain", text: "hi")

    // MARK: Requests

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
        server.recorder.exchanges[0].respond(HTTPResponse(status: 200, contentType: "text/plain", text: "1"))
        #expect(server.recorder.lines == ["request GET /1", "request GET /2"])
        server.recorder.answer = Self.ok
        server.recorder.exchanges[1].respond(HTTPResponse(status: 200, contentType: "text/plain", text: "2"))
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
        server.recorder.exchanges[0].respond(Self.ok)
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
        let exchange = server.recorder.exchanges[0]
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

    // MARK: Limits

    @Test func aBodyOfExactlyTheLimit() throws {
        let server = EmbeddedServer { $0.maxHTTPBufferSize = 10 }
        server.recorder.answer = Self.ok
        let client = try server.connect()
        client.send(.post("/", "0123456789"))
        #expect(client.responses() == ["200 hi"])
    }

    @Test func aLengthBeyondTheLimit() throws {
        let server = EmbeddedServer { $0.maxHTTPBufferSize = 10 }
        let client = try server.connect()
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n")
        #expect(client.responses() == ["413"])
        #expect(client.isClosed)
        #expect(server.recorder.lines.isEmpty)
    }

    @Test func chunksBeyondTheLimit() throws {
        let server = EmbeddedServer { $0.maxHTTPBufferSize = 10 }
        let client = try server.connect()
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send("8\r\n01234567\r\n")
        #expect(client.responses().isEmpty)
        client.send("8\r\n01234567\r\n0\r\n\r\n")
        #expect(client.responses() == ["413"])
        #expect(client.isClosed)
        #expect(server.recorder.lines.isEmpty)
    }

    @Test func aSessionSurvivesAPostThatIsTooLarge() throws {
        let server = EmbeddedServer { $0.maxHTTPBufferSize = 10 }
        let sid = try server.openPolling()
        for chunked in [false, true] {
            let client = try server.connect()
            let length = chunked ? "Transfer-Encoding: chunked" : "Content-Length: 12"
            client.send(.head("POST", sid: sid, length))
            client.send(chunked ? "c\r\n401234567890\r\n0\r\n\r\n" : "401234567890")
            #expect(client.responses() == ["413"])
        }
        let client = try server.connect()
        client.send(.post(sid: sid, "4ok"))
        #expect(client.responses() == ["200 ok"])
        #expect(server.recorder.lines == ["open", "text ok"])
    }

    @Test func expectContinue() throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.ok
        let client = try server.connect()
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.received() == "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("body")
        #expect(client.responses() == ["200 hi"])
    }

    @Test func expectContinueForABodyThatIsTooLarge() throws {
        let server = EmbeddedServer { $0.maxHTTPBufferSize = 3 }
        let client = try server.connect()
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.responses() == ["413"])
    }

    @Test func expectContinueForASessionThatDoesNotExist() throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(
            "POST /socket.io/?transport=polling&sid=x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
                + "Expect: 100-continue\r\n\r\n")
        #expect(client.responses() == [#"400 {"code":1,"message":"Session ID unknown"}"#])
    }

    // MARK: Polling sessions (protocol.md, sections 1 and 3)

    /// Refused before its body: the client may leave that out, and what comes next cannot be told from it.
    @Test func expectContinueAndAnEarlyAnswerEndTheConnection() throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.ok
        let client = try server.connect()
        client.send(
            .post(sid: "unknown", fields: "Expect: 100-continue\r\n", "").replacing("Length: 0", with: "Length: 40"))
        let answer = client.received()
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.contains("Connection: close\r\n"))
        client.send(.get("/"))
        #expect(client.received().isEmpty)
        #expect(server.recorder.lines.isEmpty)
    }

    /// They mean nothing there (RFC 9110, 7.8 and 10.1.1).
    @Test func expectationsAndUpgradesOfHTTP10AreIgnored() throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.ok
        let client = try server.connect()
        client.send("POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.received().isEmpty)
        client.send("ab")
        #expect(client.received().hasPrefix("HTTP/1.1 200 "))
        let other = try server.connect()
        other.send(.webSocketUpgrade.replacing("HTTP/1.1", with: "HTTP/1.0"))
        #expect(other.received().hasPrefix("HTTP/1.1 400 "))
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

    @Test func aSessionOverPolling() throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(.get("/socket.io/?EIO=4&transport=polling"))
        let opening = client.received()
        #expect(
            opening.hasPrefix(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=UTF-8\r\ncache-control: no-store\r\n"))
        #expect(
            opening.hasSuffix(
                #"","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#))
        let session = try #require(server.recorder.sessions.first)
        let sid = session.id.description

        client.send(.poll(sid))
        #expect(client.responses().isEmpty)
        session.send(EnginePacket(text: "4a"))
        session.send(EnginePacket(text: "4b"))
        server.eventLoop.run()
        #expect(client.responses() == ["200 4a\u{1e}4b"])

        client.send(.post(sid: sid, "4x\u{1e}bAQID\u{1e}4y"))
        let answer = client.received()
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\ncache-control: no-store\r\nDate: "))
        #expect(answer.hasSuffix(" GMT\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"))
        #expect(server.recorder.lines == ["open", "text x", "binary 010203", "text y"])
    }

    private struct Ending: CustomTestStringConvertible, Sendable {
        let name: String
        var fields = ""
        let body: String
        let post: [String]
        let poll: [String]
        let line: String

        var testDescription: String { name }
    }

    private static let endings: [Ending] = [
        Ending(name: "close", body: "1", post: ["200 ok"], poll: ["200 6"], line: "closed transport close"),
        Ending(name: "ping", body: "2", post: ["200 ok"], poll: ["200 1"], line: "closed transport error"),
        Ending(name: "empty body", body: "", post: ["200 ok"], poll: ["200 1"], line: "closed parse error"),
        Ending(name: "garbage", body: "abc", post: ["200 ok"], poll: ["200 1"], line: "closed parse error"),
        Ending(
            name: "octets", fields: "Content-Type: application/octet-stream\r\n", body: "4a", post: ["400"],
            poll: ["200 1"], line: "closed transport error"),
    ]

    @Test(arguments: endings)
    private func aPostThatEndsTheSession(_ ending: Ending) throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let (poller, poster) = (try server.connect(), try server.connect())
        poller.send(.poll(sid))
        poster.send(.post(sid: sid, fields: ending.fields, ending.body))
        #expect(poster.responses() == ending.post)
        #expect(poller.responses() == ending.poll)
        #expect(server.recorder.lines == ["open", ending.line])
        poller.send(.poll(sid))
        #expect(poller.responses() == [#"400 {"code":1,"message":"Session ID unknown"}"#])
        #expect(server.engine.sessionCount == 0)
    }

    @Test func packetsBeforeGarbageAreDelivered() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let client = try server.connect()
        client.send(.post(sid: sid, "4a\u{1e}4b\u{1e}"))
        #expect(client.responses() == ["200 ok"])
        #expect(server.recorder.lines == ["open", "text a", "text b", "closed parse error"])
    }

    @Test func twoPolls() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let (first, second) = (try server.connect(), try server.connect())
        first.send(.poll(sid))
        second.send(.poll(sid))
        #expect(second.responses() == ["400"])
        #expect(first.responses() == ["200 1"])
        #expect(server.recorder.lines == ["open", "closed transport error"])
    }

    @Test func twoPosts() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let (first, second) = (try server.connect(), try server.connect())
        first.send(.head("POST", sid: sid, "Content-Length: 2") + "4")
        second.send(.post(sid: sid, "4a"))
        #expect(second.responses() == ["400"])
        #expect(server.recorder.lines == ["open", "closed transport error"])
    }

    @Test func thePollingClientGoesAway() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let client = try server.connect()
        client.send(.poll(sid))
        client.disconnect()
        #expect(server.recorder.lines == ["open", "closed transport error"])
        #expect(server.engine.sessionCount == 0)
    }

    @Test func thePostingClientGoesAway() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let client = try server.connect()
        client.send(.head("POST", sid: sid, "Content-Length: 9") + "4")
        client.disconnect()
        #expect(server.recorder.lines == ["open", "closed transport error"])
    }

    @Test(arguments: ["HEAD", "PUT", "DELETE", "OPTIONS"])
    private func otherMethodsOfASession(method: String) throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let client = try server.connect()
        client.send(.head(method, sid: sid, "Accept: */*"))
        #expect(client.responses() == ["500"])
        #expect(server.recorder.lines == ["open"])
    }

    /// A GET with a body is no POST: it takes no part in the rules of POSTs.
    @Test func aGetWithALargeBodyDoesNotEndAPost() throws {
        let server = EmbeddedServer { $0.maxHTTPBufferSize = 10 }
        let sid = try server.openPolling()
        let (poster, getter, second) = (try server.connect(), try server.connect(), try server.connect())
        poster.send(.head("POST", sid: sid, "Content-Length: 2") + "4")
        getter.send(.head("GET", sid: sid, "Transfer-Encoding: chunked") + "c\r\n012345678901\r\n0\r\n\r\n")
        #expect(getter.responses() == ["413"])
        second.send(.post(sid: sid, "4a"))
        #expect(second.responses() == ["400"])
    }

    @Test func theServerClosesAPollingSessionInOrder() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let session = try #require(server.recorder.sessions.first)
        let client = try server.connect()
        client.send(.poll(sid))
        session.send(EnginePacket(text: "41"))
        session.close(.forcedClose)
        #expect(client.responses() == ["200 41"])
        #expect(server.recorder.lines == ["open", "closed forced close"])
        client.send(.poll(sid))
        #expect(client.responses() == ["200 6\u{1e}1"])
        client.send(.poll(sid))
        #expect(client.responses() == [#"400 {"code":1,"message":"Session ID unknown"}"#])
    }

    // MARK: Header injection

    @Test func aProtocolIsEchoed() throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(.upgrade(fields: "Sec-WebSocket-Protocol: a, b\r\n"))
        #expect(client.received().contains("Sec-WebSocket-Protocol: a\r\n"))
    }

    /// What a client sends comes back in the 101 and in the headers for other origins: it must not become a header.
    @Test(arguments: [
        "Sec-WebSocket-Protocol: a\u{0}b\r\n", "Sec-WebSocket-Protocol: a\u{1}b\r\n",
        "Sec-WebSocket-Protocol: a\rX-Injected: 1\r\n", "Origin: http://localhost\rX-Injected: 1\r\n",
        "Origin: http://localhost\u{0}\r\n",
    ])
    private func injectsNoHeaders(fields: String) throws {
        let server = EmbeddedServer { $0.originPolicy = .any }
        let client = try server.connect()
        client.send(.upgrade(fields: fields))
        let response = client.receivedBytes()
        let text = String(decoding: response, as: UTF8.self)
        #expect(!text.contains("X-Injected"))
        let head = text.components(before: "\r\n\r\n")
        #expect(head.utf8.allSatisfy { $0 >= 0x20 || $0 == 13 || $0 == 10 })
    }

    // MARK: Upgrades

    /// CVE-2022-21676: a client that sends frames behind its upgrade request, in one segment, ended Node's process.
    @Test func framesInTheSegmentOfTheUpgradeRequest() throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(Array(String.webSocketUpgrade.utf8) + Frame.text("4hello").bytes + Frame.ping([1]).bytes)
        #expect(server.recorder.lines == ["open", "text hello"])
        let bytes = client.receivedBytes()
        let text = String(decoding: bytes, as: UTF8.self)
        let head = text.components(before: "\r\n\r\n")
        let frames = describeFrames(Array(bytes.dropFirst(head.utf8.count + 4)))
        #expect(frames.count == 2)
        #expect(frames.first?.hasPrefix(#"text 0{"sid":""#) == true)
        #expect(frames.last == "pong 01")
    }

    @Test func garbageInTheSegmentOfTheUpgradeRequest() throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(Array(String.webSocketUpgrade.utf8) + [UInt8](repeating: 0xFF, count: 64))
        #expect(server.recorder.lines == ["open", "closed transport error"])
        server.eventLoop.advanceTime(by: .seconds(5))
        #expect(client.isClosed)
        #expect(server.engine.connectionCount == 0)
    }

    @Test func anUpgradeSplitAtEveryByte() throws {
        let bytes = Array(String.webSocketUpgrade.utf8) + Frame.text("4hello").bytes
        for split in 1..<bytes.count {
            let server = EmbeddedServer()
            let client = try server.connect()
            client.send(bytes[..<split])
            client.send(bytes[split...])
            #expect(server.recorder.lines == ["open", "text hello"], "split at \(split)")
        }
    }

    @Test func aProbeInTheSegmentOfItsRequest() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let (poller, client) = (try server.connect(), try server.connect())
        poller.send(.poll(sid))
        client.send(
            Array(String.upgrade(sid: sid).utf8) + Frame.text("2probe").bytes + Frame.text("5").bytes
                + Frame.text("4a").bytes)
        #expect(String(decoding: client.receivedBytes().suffix(8), as: UTF8.self).hasSuffix("3probe"))
        #expect(poller.responses() == ["200 1"])
        #expect(server.recorder.lines == ["open", "text a"])
        try #require(server.recorder.sessions.first).send(EnginePacket(text: "4b"))
        server.eventLoop.run()
        #expect(client.receivedFrames() == ["text 4b"])
        poller.send(.poll(sid))
        #expect(poller.responses() == [#"400 {"code":3,"message":"Bad request"}"#])
    }

    /// A client may pipeline: the upgrade waits for the responses before it.
    @Test func anUpgradeBehindAPipelinedRequest() throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        let frames = Frame.text("4hello").bytes + Frame.ping([1]).bytes
        client.send(Array((String.get("/slow") + .webSocketUpgrade).utf8) + frames)
        #expect(server.recorder.lines == ["request GET /slow"])
        server.recorder.exchanges[0].respond(Self.ok)
        server.eventLoop.run()
        #expect(server.recorder.lines == ["request GET /slow", "open", "text hello"])
        let bytes = client.receivedBytes()
        #expect(describeFrames(Array(bytes.suffix(3))) == ["pong 01"])
    }

    private static let refusals: [(String, String)] = [
        ("/socket.io/?EIO=4&transport=websocket&sid=nope", "400 Session ID unknown"),
        ("/socket.io/?EIO=4&transport=polling", "400 Bad request"),
        ("/socket.io/?EIO=4&transport=foo", "400 Transport unknown"),
    ]

    @Test(arguments: refusals)
    private func refusesUpgrades(target: String, response: String) throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(
            .get(
                target,
                fields: "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"))
        let text = client.received()
        #expect(describeResponses(text) == [response])
        #expect(text.contains("Content-Type: text/html\r\n"))
        #expect(text.contains("Connection: close\r\n"))
        #expect(client.isClosed)
        #expect(server.recorder.lines.isEmpty)
    }

    /// Before the switch of protocols, while the client can still read the answer.
    @Test func refusesAnUpgradeOfRevision3WhereItIsNotAllowed() throws {
        let server = EmbeddedServer { $0.handshake.allowsRevision3 = false }
        let client = try server.connect()
        client.send(
            .get(
                "/socket.io/?EIO=3&transport=websocket",
                fields: "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"))
        let text = client.received()
        #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(text.contains("\r\n\r\nUnsupported protocol version: the request asks for revision 3 "))
        #expect(client.isClosed)
        #expect(server.recorder.lines.isEmpty)
    }

    @Test(arguments: ["Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"])
    private func refusesHalfAHandshake(fields: String) throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(
            .get(
                "/socket.io/?EIO=4&transport=websocket",
                fields: "Upgrade: websocket\r\nConnection: Upgrade\r\n" + fields))
        #expect(client.responses() == ["400 Bad request"])
        #expect(server.recorder.lines.isEmpty)
        #expect(server.engine.sessionCount == 0)
    }

    /// protocol.md, 1.4: 101, then a Close frame without a code; the session does not notice.
    @Test func aSecondProbeIsClosed() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let (first, second) = (try server.connect(), try server.connect())
        first.send(.upgrade(sid: sid))
        second.send(.upgrade(sid: sid))
        let bytes = second.receivedBytes()
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 101 "))
        #expect(describeFrames(Array(bytes.suffix(2))) == ["close"])
        _ = first.receivedBytes()
        first.send(.text("2probe"), .text("5"), .text("4a"))
        #expect(first.receivedFrames() == ["text 3probe"])
        #expect(server.recorder.lines == ["open", "text a"])
    }

    @Test func aProbeThatBreaksARuleLeavesTheSession() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        for frame in [Frame.text("4a"), .text("2"), .binary([1]), .close(), Frame(first: 0x83, payload: [])] {
            let client = try server.connect()
            client.send(.upgrade(sid: sid))
            _ = client.receivedBytes()
            client.send(.text("2probe"), frame)
            let frames = client.receivedFrames()
            #expect(frames.first == "text 3probe")
            #expect(frames.last?.hasPrefix("close") == true)
            client.disconnect()
        }
        let client = try server.connect()
        client.send(.post(sid: sid, "4alive"))
        #expect(server.recorder.lines == ["open", "text alive"])
    }

    // MARK: The end of the server

    @Test func closesWhatItHas() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let (poller, webSocket) = (try server.connect(), try server.connectWebSocket())
        poller.send(.poll(sid))
        for session in server.recorder.sessions { session.closeNow(.serverShuttingDown) }
        server.eventLoop.run()
        #expect(poller.responses() == ["200 1"])
        #expect(webSocket.receivedFrames() == ["close"])
        #expect(server.recorder.lines.suffix(2) == ["closed server shutting down", "closed server shutting down"])
        #expect(server.engine.sessionCount == 0)
    }
}

extension String {
    /// The head of a request of a session.
    fileprivate static func head(_ method: String, sid: String, _ field: String) -> String {
        "\(method) /socket.io/?transport=polling&sid=\(sid) HTTP/1.1\r\nHost: localhost\r\n\(field)\r\n\r\n"
    }

    fileprivate func components(before mark: String) -> String {
        guard let range = firstRange(of: mark) else { return self }
        return String(self[..<range.lowerBound])
    }
}
