import EngineIOCore
import NIOCore
import Testing

@testable import SocketIOTransport

/// What the options add to the responses of the path.
@Suite struct ResponseFieldsTests {
    private static let polling = "/socket.io/?EIO=4&transport=polling"

    private func server() -> EmbeddedServer {
        EmbeddedServer { options in
            options.headers = HeaderLines([("X-All", "1")])
            options.openingHeaders = HeaderLines([("X-All", "1"), ("X-First", "2")])
            options.cookie = SessionCookie()
            options.originPolicy = .any
        }
    }

    private func fields(_ response: String) -> Set<String> {
        Set(
            response.split(separator: "\r\n").map { String($0.prefix { $0 != ":" }) }
                .filter { $0.hasPrefix("X-") || $0 == "Set-Cookie" })
    }

    @Test func thePollingHandshakeHasThemAll() throws {
        let client = try server().connect()
        client.send(.get(Self.polling))
        let response = client.received()
        #expect(fields(response) == ["X-All", "X-First", "Set-Cookie"])
        let sid = try #require(response.split(separator: "\"").dropFirst(3).first)
        #expect(response.contains("\r\nSet-Cookie: io=\(sid); Path=/; HttpOnly; SameSite=Lax\r\n"))
    }

    @Test func aWebSocketHandshakeSetsNoCookie() throws {
        let client = try server().connect()
        client.send(.webSocketUpgrade)
        #expect(fields(client.received()) == ["X-All", "X-First"])
    }

    @Test func laterResponsesHaveThoseOfAll() throws {
        let server = server()
        let sid = try server.openPolling()
        let client = try server.connect()
        client.send(.post(sid: sid, "4a"))
        #expect(fields(client.received()) == ["X-All"])
        let probe = try server.connect()
        probe.send(.upgrade(sid: sid))
        #expect(fields(probe.received()) == ["X-All"])
    }

    @Test(arguments: [
        String.get("/socket.io/?transport=none"), .get("/socket.io/?EIO=4&transport=polling&sid=x"),
        .post(polling, "x"), .upgrade(sid: "x"),
        "OPTIONS \(polling) HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\nAccess-Control-Request-Method: POST\r\n\r\n",
        "POST \(polling) HTTP/1.1\r\nHost: a\r\nContent-Length: 1000001\r\n\r\n",
    ])
    func refusalsHaveThemToo(request: String) throws {
        let client = try server().connect()
        client.send(request)
        #expect(fields(client.received()) == ["X-All"])
    }

    @Test func otherRequestsHaveNone() throws {
        let server = server()
        server.recorder.answer = HTTPResponse(status: 200)
        let client = try server.connect()
        client.send(.get("/"))
        #expect(fields(client.received()).isEmpty)
    }

    @Test func withoutAnOriginCheckAPreflightIsNotOurs() throws {
        let server = EmbeddedServer { $0.originPolicy = .unchecked }
        let client = try server.connect()
        client.send(
            "OPTIONS \(Self.polling) HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n"
                + "Access-Control-Request-Method: POST\r\n\r\n")
        #expect(client.responses() == ["400 {\"code\":2,\"message\":\"Bad handshake method\"}"])
        client.send(.get(Self.polling, fields: "Origin: http://evil\r\n"))
        let response = client.received()
        #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(!response.contains("Access-Control") && !response.contains("Vary"))
    }

    // MARK: Upgrades outside of the path

    private let elsewhere = String.webSocketUpgrade.replacing("/socket.io/", with: "/other/")

    @Test func anUpgradeThatNobodyAnswersIsEnded() throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(elsewhere)
        let exchange = try #require(server.recorder.exchanges.first)
        let recorder = server.recorder
        exchange.setAbortHandler { recorder.lines.append("aborted") }
        server.eventLoop.advanceTime(by: .milliseconds(999))
        #expect(!client.isClosed)
        server.eventLoop.advanceTime(by: .milliseconds(1))
        #expect(client.isClosed)
        #expect(server.recorder.lines.last == "aborted")
        exchange.respond(HTTPResponse(status: 200))
        #expect(client.responses().isEmpty)
    }

    @Test func anUpgradeThatIsAnsweredInTimeIsNot() throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(elsewhere)
        try server.recorder.exchanges.at(0).respond(HTTPResponse(status: 404))
        server.eventLoop.advanceTime(by: .milliseconds(1000))
        #expect(client.responses() == ["404"])
    }

    @Test func upgradesAreLeftAloneIfTheOptionsSaySo() throws {
        let server = EmbeddedServer { $0.destroyUpgradeTimeout = nil }
        let client = try server.connect()
        client.send(elsewhere)
        server.eventLoop.advanceTime(by: .seconds(50))
        #expect(!client.isClosed)
    }
}
