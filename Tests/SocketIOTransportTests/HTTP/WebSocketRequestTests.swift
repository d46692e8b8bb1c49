import Testing

@testable import SocketIOTransport

/// Requests that become WebSockets, and the first frames behind them.
@Suite struct WebSocketRequestTests {
    private static let ok = HTTPResponse(status: 200, contentType: "text/plain", text: "hi")

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
        try server.recorder.exchanges.at(0).respond(Self.ok)
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

    @Test func refusesAHandshakeWithoutAKey() throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(
            .get(
                "/socket.io/?EIO=4&transport=websocket",
                fields: "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"))
        #expect(client.responses() == ["400 Bad request"])
        #expect(server.recorder.lines.isEmpty)
        #expect(server.engine.sessionCount == 0)
    }

    /// As Node's ws does: it is no handshake, whatever version the client speaks.
    @Test func refusesAHandshakeWithoutAVersion() throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(.webSocketUpgrade.replacing("Sec-WebSocket-Version: 13\r\n", with: ""))
        #expect(client.responses() == ["400 Bad request"])
        #expect(server.recorder.logged.first?.contains("no Sec-WebSocket-Version") == true)
    }

    /// RFC 6455, 4.4: the answer says which version to come back with.
    @Test(arguments: ["Sec-WebSocket-Version:\r\n", "Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version: 13, 8\r\n"])
    private func namesTheVersionToAClientOfAnother(version: String) throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(.webSocketUpgrade.replacing("Sec-WebSocket-Version: 13\r\n", with: version))
        let answer = client.received()
        #expect(answer.hasPrefix("HTTP/1.1 426 Upgrade Required\r\n"))
        #expect(answer.contains("\r\nSec-WebSocket-Version: 13\r\n") && answer.contains("\r\nUpgrade: websocket\r\n"))
        #expect(answer.contains("\r\nConnection: close, upgrade\r\n"))
        #expect(
            answer.hasSuffix(
                "\r\n\r\nUpgrade Required: the WebSocket is of another version than 13, which alone is served."))
        #expect(client.isClosed)
        #expect(server.recorder.lines.isEmpty)
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
}

extension String {
    fileprivate func components(before mark: String) -> String {
        guard let range = firstRange(of: mark) else { return self }
        return String(self[..<range.lowerBound])
    }
}
