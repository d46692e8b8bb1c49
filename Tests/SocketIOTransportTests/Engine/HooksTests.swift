import EngineIOCore
import NIOCore
import Testing

@testable import SocketIOTransport

/// Hooks are asked about everything in the path, whatever it comes over, before anything is done for it.
@Suite struct HooksTests {
    private static let polling = "/socket.io/?EIO=4&transport=polling"
    private static let websocket = "/socket.io/?EIO=4&transport=websocket"
    private static let foreign = "Origin: http://evil.example\r\n"

    /// Keeps what hooks are asked, or answers it.
    ///
    /// SAFETY of `@unchecked Sendable`: an embedded loop has the test's thread only.
    private final class Asked: @unchecked Sendable {
        var lines: [String] = []
        var requests: [HookedRequest] = []
        var answer: HookedRequest.Answer?

        func add(to server: EmbeddedServer, _ kinds: EngineHooks.Kind..., name: String = "") {
            for kind in kinds {
                server.engine.hooks.add(kind) { request in
                    self.lines.append("\(kind)\(name) \(request.exchange.head.text.method)")
                    self.requests.append(request)
                    if let answer = self.answer { #expect(request.answer(answer)) }
                }
            }
        }
    }

    private func preflight(_ origin: String) -> String {
        "OPTIONS \(Self.polling) HTTP/1.1\r\nHost: localhost\r\n\(origin)Access-Control-Request-Method: POST\r\n\r\n"
    }

    // MARK: Every way in

    /// The engine hook refuses, and nothing gets in: WebTransport once skipped the middleware (engine.io 6.6.7).
    @Test func everyWayInRunsTheEngineHook() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let asked = Asked()
        asked.add(to: server, .engine)
        asked.answer = .refuse("no")
        let badRequest = "400 {\"code\":3,\"message\":\"Bad request\"}"
        let ways: [(String, String)] = [
            (.get(Self.polling), badRequest), (.get(Self.polling + "&j=0"), badRequest),
            (.get("/socket.io/?EIO=3&transport=polling"), badRequest), (.webSocketUpgrade, "400 Bad request"),
            (.webSocketUpgrade.replacing("EIO=4", with: "EIO=3"), "400 Bad request"),
            (.upgrade(sid: sid), "400 Bad request"), (.poll(sid), badRequest), (.post(sid: sid, "4x"), badRequest),
            (.post(Self.polling, "x"), badRequest), (preflight(Self.foreign), badRequest),
            (.get("/socket.io/anything"), badRequest),
            ("PUT \(Self.polling) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx", badRequest),
        ]
        for (request, expected) in ways {
            let client = try server.connect()
            asked.lines = []
            client.send(request)
            #expect(asked.lines.count == 1, "\(request)")
            #expect(client.responses() == [expected], "\(request)")
        }
        #expect(server.recorder.lines == ["open"])
        #expect(server.engine.sessionCount == 1)
    }

    @Test func theHandshakeHookIsAskedAboutNewSessionsOnly() throws {
        let server = EmbeddedServer { $0.originPolicy = .sameOrigin }
        let asked = Asked()
        asked.add(to: server, .handshake)
        asked.answer = .next
        let sid = try server.openPolling()
        _ = try server.connectWebSocket()
        #expect(asked.lines == ["handshake GET", "handshake GET"])
        for request in [
            .upgrade(sid: sid), .poll(sid), .post(sid: sid, "4x"), preflight(Self.foreign),
            .get(Self.polling, fields: Self.foreign), .get(Self.websocket), .get("/socket.io/?transport=none"),
            .get("/other"),
        ] as [String] {
            try server.connect().send(request)
        }
        #expect(asked.lines.count == 2)
    }

    @Test func theOriginHookIsAskedAboutStrangersOnly() throws {
        let server = EmbeddedServer { $0.originPolicy = .list(["http://a.example"]) }
        let sid = try server.openPolling()
        let asked = Asked()
        asked.add(to: server, .origin)
        asked.answer = .refuse(nil)
        for fields in ["", "Origin: http://a.example\r\n", "Origin: http://localhost\r\n"] {
            try server.connect().send(.get(Self.polling, fields: fields))
        }
        #expect(asked.lines.isEmpty)
        for (request, expected) in [
            (.get(Self.polling, fields: Self.foreign), "403 {\"code\":4,\"message\":\"Forbidden\"}"),
            (.upgrade(fields: Self.foreign), "400 Forbidden"),
            (.upgrade(sid: sid, fields: Self.foreign), "400 Forbidden"),
            (preflight(Self.foreign), "403 {\"code\":4,\"message\":\"Forbidden\"}"),
            (.post(sid: sid, fields: Self.foreign, "4x"), "403 {\"code\":4,\"message\":\"Forbidden\"}"),
        ] as [(String, String)] {
            let client = try server.connect()
            client.send(request)
            #expect(client.responses() == [expected], "\(request)")
        }
        #expect(asked.lines.count == 5)
    }

    @Test func anOriginThatIsAdmittedIsNamed() throws {
        let server = EmbeddedServer()
        let asked = Asked()
        asked.add(to: server, .origin)
        asked.answer = .next
        for request in [
            .get(Self.polling, fields: Self.foreign), .upgrade(fields: Self.foreign), preflight(Self.foreign),
        ]
            as [String]
        {
            let client = try server.connect()
            client.send(request)
            let response = client.received()
            #expect(response.contains("\r\nAccess-Control-Allow-Origin: http://evil.example\r\n"), "\(request)")
            #expect(response.contains("\r\nVary: Origin"), "\(request)")
        }
        #expect(server.recorder.lines == ["open", "open"])
    }

    @Test func requestsOutsideOfThePathAreNotAskedAbout() throws {
        let server = EmbeddedServer()
        let asked = Asked()
        asked.add(to: server, .engine, .origin, .handshake)
        let client = try server.connect()
        client.send(.get("/", fields: Self.foreign))
        #expect(server.recorder.lines == ["request GET /"])
        #expect(asked.lines.isEmpty)
    }

    @Test func theyAreAskedInOrderEachOnceTheOneBeforeHasLetItGoOn() throws {
        let server = EmbeddedServer()
        let asked = Asked()
        asked.add(to: server, .handshake, name: "1")
        asked.add(to: server, .origin, .engine, name: "2")
        asked.add(to: server, .engine, name: "3")
        let client = try server.connect()
        client.send(.get(Self.polling, fields: Self.foreign))
        for count in 1...4 {
            #expect(asked.lines.count == count)
            #expect(try asked.requests.at(count - 1).answer(.next))
        }
        #expect(asked.lines == ["engine2 GET", "engine3 GET", "origin2 GET", "handshake1 GET"])
        #expect(client.received().hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    // MARK: Waiting

    @Test func nothingIsDoneForARequestUntilItIsLetOn() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let asked = Asked()
        asked.add(to: server, .engine)
        let client = try server.connect()
        let request = Array(String.post(sid: sid, "4hello").utf8)
        client.send(request.dropLast(3))
        client.send(request.suffix(3))
        client.send(.get(Self.polling))
        #expect(server.recorder.lines == ["open"])
        #expect(try asked.requests.at(0).answer(.next))
        #expect(server.recorder.lines == ["open", "text hello"])
        #expect(client.responses() == ["200 ok"])
        #expect(asked.lines == ["engine POST", "engine GET"])
        #expect(try asked.requests.at(1).answer(.next))
        #expect(server.recorder.lines == ["open", "text hello", "open"])
    }

    @Test func requestsSplitAtEveryByte() throws {
        let request = Array((String.post(Self.polling, "abc") + .get(Self.polling)).utf8)
        for isLate in [false, true] {
            for split in 1..<request.count {
                let server = EmbeddedServer()
                let asked = Asked()
                asked.add(to: server, .engine)
                if !isLate { asked.answer = .next }
                let client = try server.connect()
                client.send(request[..<split])
                if isLate, let first = asked.requests.first { _ = first.answer(.next) }
                client.send(request[split...])
                while isLate, asked.requests.contains(where: { $0.answer(.next) }) {}
                #expect(asked.lines == ["engine POST", "engine GET"], "split at \(split)")
                #expect(client.received().hasPrefix("HTTP/1.1 400"), "split at \(split)")
                #expect(server.recorder.lines == ["open"], "split at \(split)")
            }
        }
    }

    @Test func theBodyOfARefusedRequestIsThrownAway() throws {
        let server = EmbeddedServer()
        let asked = Asked()
        asked.add(to: server, .engine)
        let client = try server.connect()
        client.send(.post(Self.polling, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") + .get("/after"))
        #expect(try asked.requests.at(0).answer(.refuse(nil)))
        #expect(client.responses() == ["400 {\"code\":3,\"message\":\"Bad request\"}"])
        #expect(server.recorder.lines == ["request GET /after"])
    }

    @Test func whoWaitsForAWordGetsItWhenTheRequestGoesOn() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let asked = Asked()
        asked.add(to: server, .engine)
        let client = try server.connect()
        client.send(.post(sid: sid, fields: "Expect: 100-continue\r\n", "").replacing("Length: 0", with: "Length: 2"))
        #expect(client.received().isEmpty)
        #expect(try asked.requests.at(0).answer(.next))
        #expect(client.received() == "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("4a")
        #expect(client.responses() == ["200 ok"])
    }

    @Test func anAnswerCountsOnce() throws {
        let server = EmbeddedServer()
        let asked = Asked()
        asked.add(to: server, .engine)
        let client = try server.connect()
        client.send(.get(Self.polling))
        #expect(try asked.requests.at(0).answer(.next))
        #expect(try !asked.requests.at(0).answer(.refuse(nil)))
        #expect(try !asked.requests.at(0).change { $0.headers.append(("X-A", "1")) })
        #expect(client.received().hasPrefix("HTTP/1.1 200"))
    }

    @Test func aClientThatGoesAwayEndsTheQuestion() throws {
        let server = EmbeddedServer()
        let asked = Asked()
        asked.add(to: server, .engine)
        let client = try server.connect()
        client.send(.get(Self.polling))
        try asked.requests.at(0).exchange.setAbortHandler { asked.lines.append("gone") }
        client.disconnect()
        #expect(asked.lines.last == "gone")
        #expect(try !asked.requests.at(0).answer(.next))
        #expect(server.recorder.lines.isEmpty)
        #expect(server.engine.connectionCount == 0)
    }

    @Test func aHookThatDoesNotAnswerHasItsTime() throws {
        let server = EmbeddedServer()
        let asked = Asked()
        asked.add(to: server, .engine)
        let client = try server.connect()
        client.send(.get(Self.polling))
        let handler = try #require(server.loop.connections.values.first as? HTTPHandler)
        handler.deadlineReached(now: server.loop.now)
        #expect(!client.isClosed)
        handler.deadlineReached(now: server.loop.now + server.engine.options.requestTimeout)
        #expect(client.isClosed)
        #expect(try !asked.requests.at(0).answer(.next))
    }

    @Test func theEndOfTheServerEndsTheQuestion() throws {
        let server = EmbeddedServer()
        let asked = Asked()
        asked.add(to: server, .engine)
        let client = try server.connect()
        client.send(.get(Self.polling))
        for connection in server.loop.connections.values { connection.closeSoon() }
        #expect(client.responses() == ["503"])
        #expect(try !asked.requests.at(0).answer(.next))
    }

    // MARK: Answers

    @Test(arguments: [String.get(polling), .webSocketUpgrade])
    private func aHandshakeIsRefusedWithAMessage(request: String) throws {
        for (message, text) in [(nil, "Forbidden"), ("full \"up\"", "full \"up\"")] as [(String?, String)] {
            let server = EmbeddedServer()
            let asked = Asked()
            asked.add(to: server, .handshake)
            asked.answer = .refuse(message)
            let client = try server.connect()
            client.send(request)
            let json = text.replacing("\"", with: "\\\"")
            #expect(
                client.responses()
                    == [request == .webSocketUpgrade ? "400 \(text)" : "403 {\"code\":4,\"message\":\"\(json)\"}"])
        }
    }

    @Test func aHookMayRespondItself() throws {
        let server = EmbeddedServer { $0.originPolicy = .any }
        let asked = Asked()
        asked.add(to: server, .engine)
        asked.answer = .respond(HTTPResponse(status: 429, contentType: "text/plain", text: "slowly"))
        for request in [.get(Self.polling, fields: Self.foreign), .upgrade(fields: Self.foreign)] as [String] {
            let client = try server.connect()
            client.send(request)
            let response = client.received()
            #expect(response.hasPrefix("HTTP/1.1 429 Too Many Requests\r\n"))
            #expect(response.contains("\r\nAccess-Control-Allow-Origin: *\r\n"))
            #expect(response.hasSuffix("\r\n\r\nslowly"))
        }
    }

    @Test func fieldsAreAddedToWhateverTheResponseIs() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        server.engine.hooks.add(.engine) { request in
            #expect(request.change { $0.headers.append(("X-One", "1")) })
            #expect(request.answer(.next))
        }
        server.engine.hooks.add(.handshake) { request in
            #expect(request.change { $0.headers.append(("X-Two", "2")) })
            #expect(request.answer(.next))
        }
        for (request, count) in [
            (.get(Self.polling), 2), (.webSocketUpgrade, 2), (.upgrade(sid: sid), 1), (.post(sid: sid, "4x"), 1),
            (.get("/socket.io/"), 1), (.get(Self.polling, fields: Self.foreign), 1), (.upgrade(sid: "nobody"), 1),
            (preflight("Origin: http://localhost\r\n"), 1),
        ] as [(String, Int)] {
            let client = try server.connect()
            client.send(request)
            let response = client.received()
            #expect(response.contains("\r\nX-One: 1\r\n"), "\(request)")
            #expect(response.contains("\r\nX-Two: 2\r\n") == (count == 2), "\(request)")
        }
    }

    // MARK: Ids

    @Test func aSessionMayBeGivenAnID() throws {
        let server = EmbeddedServer { $0.cookie = SessionCookie() }
        let uuid = "018f3a5c-7b1e-7c3d-9a55-0123456789ab"
        server.engine.hooks.add(.handshake) { request in
            #expect(request.change { $0.sessionName = SessionName(uuid) })
            #expect(request.answer(.next))
        }
        let client = try server.connect()
        client.send(.get(Self.polling))
        let response = client.received()
        #expect(response.contains("0{\"sid\":\"\(uuid)\","))
        #expect(response.contains("Set-Cookie: io=\(uuid);"))
        client.send(.post(sid: uuid, "4hello"))
        #expect(client.responses() == ["200 ok"])
        #expect(server.recorder.lines == ["open", "text hello"])
        let probe = try server.connect()
        probe.send(.upgrade(sid: uuid))
        #expect(probe.received().hasPrefix("HTTP/1.1 101"))

        // Another session does not get it.
        let badRequest = "{\"code\":3,\"message\":\"Bad request\"}"
        let second = try server.connect()
        second.send(.get(Self.polling))
        #expect(second.responses() == ["400 \(badRequest)"])
        let third = try server.connect()
        third.send(.webSocketUpgrade)
        #expect(third.responses() == ["400 Bad request"])
        #expect(server.engine.sessionCount == 1)
        client.send(.post(sid: uuid, "4again"))
        #expect(server.recorder.lines == ["open", "text hello", "text again"])
    }
}
