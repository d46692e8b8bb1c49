import Testing

@testable import SocketIOTransport

/// What a request may have as a body, and when the client is told to send it.
@Suite struct RequestBodyTests {
    private static let ok = HTTPResponse(status: 200, contentType: "text/plain", text: "hi")

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
}
