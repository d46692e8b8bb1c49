import Testing

@testable import SocketIOTransport

/// Sessions over polling (protocol.md, sections 1 and 3).
@Suite struct PollingSessionTests {
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
}
