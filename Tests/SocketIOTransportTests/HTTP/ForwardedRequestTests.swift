import EngineIOCore
import NIOCore
import NIOEmbedded
import Testing

@testable import SocketIOTransport

/// What requests say about their client, and who is believed.
@Suite struct ForwardedRequestTests {
    private let proxy = PeerAddress(ProxyHop.ip(IPAddress(ipv4: 0x0A00_0001), port: 9))
    private let stranger = PeerAddress(ProxyHop.ip(IPAddress(ipv4: 0xCB00_7109), port: 9))

    private func server() throws -> EmbeddedServer {
        let proxies = try TrustedProxies(["10.0.0.0/8"])
        let server = EmbeddedServer { $0.trustedProxies = proxies }
        server.recorder.answer = HTTPResponse(status: 200)
        return server
    }

    /// Whom a request from `peer` is said to come from: "192.0.2.1:0 secure".
    private func client(_ peer: PeerAddress, isSecure: Bool = false, _ fields: String) throws -> String {
        let server = try server()
        try server.connect(from: peer, isSecure: isSecure).send(.get("/", fields: fields))
        let exchange = try #require(server.recorder.exchanges.first)
        return "\(exchange.peer.host):\(exchange.peer.port) \(exchange.source.isSecure ? "secure" : "plain")"
    }

    private let lies = "X-Forwarded-For: 192.0.2.1:7\r\nX-Forwarded-Proto: https\r\n"

    @Test func aProxyIsBelieved() throws {
        #expect(try client(proxy, lies) == "192.0.2.1:7 secure")
        #expect(try client(proxy, "Forwarded: for=192.0.2.1\r\n") == "192.0.2.1:0 plain")
        #expect(try client(proxy, isSecure: true, "X-Forwarded-Proto: http\r\n") == "10.0.0.1:9 plain")
        #expect(try client(proxy, isSecure: true, "") == "10.0.0.1:9 secure")
    }

    @Test func aStrangerIsNot() throws {
        #expect(try client(stranger, lies) == "203.0.113.9:9 plain")
        #expect(try client(stranger, isSecure: true, lies + "Forwarded: proto=http\r\n") == "203.0.113.9:9 secure")
        #expect(try client(PeerAddress(nil), lies) == "unix:0 plain")
    }

    @Test func nobodyIsByDefault() throws {
        let server = EmbeddedServer()
        server.recorder.answer = HTTPResponse(status: 200)
        try server.connect(from: proxy).send(.get("/", fields: lies))
        #expect(server.recorder.exchanges.first?.peer.host == "10.0.0.1")
    }

    @Test func eachRequestOfAConnectionHasItsOwnClient() throws {
        let server = try server()
        let connection = try server.connect(from: proxy)
        connection.send(.get("/", fields: lies))
        connection.send(.get("/"))
        #expect(server.recorder.exchanges.map(\.peer.host) == ["192.0.2.1", "10.0.0.1"])
    }

    @Test func theHandshakeHasIt() throws {
        let server = try server()
        try server.connect(from: proxy).send(.get("/socket.io/?EIO=4&transport=polling", fields: lies))
        let handshake = try #require(server.recorder.sessions.first?.handshake)
        #expect(handshake.peer.host == "192.0.2.1")
        #expect(handshake.isSecure)
    }

    /// The status of a handshake from a page.
    private func handshake(_ peer: PeerAddress, origin: String, _ fields: String) throws -> Substring {
        let client = try server().connect(from: peer)
        client.send(.get("/socket.io/?EIO=4&transport=polling", fields: "Origin: \(origin)\r\n\(fields)"))
        return try client.received().split(separator: " ").at(1)
    }

    /// The server's own origin is the one that its clients see: CVE-2019-13611 and CVE-2020-28481, behind a proxy.
    @Test func theOriginBehindAProxy() throws {
        let host = "X-Forwarded-Host: example.com\r\n"
        #expect(try handshake(proxy, origin: "http://example.com", host) == "200")
        #expect(try handshake(proxy, origin: "https://example.com", host) == "200")
        #expect(try handshake(proxy, origin: "http://localhost", host) == "403")
        #expect(try handshake(proxy, origin: "http://localhost", "") == "200")
        // Over TLS a page from plain HTTP is a stranger.
        let secure = host + "X-Forwarded-Proto: https\r\n"
        #expect(try handshake(proxy, origin: "https://example.com", secure) == "200")
        #expect(try handshake(proxy, origin: "http://example.com", secure) == "403")
        #expect(try handshake(stranger, origin: "http://example.com", secure) == "403")
        #expect(try handshake(stranger, origin: "http://localhost", secure) == "200")
    }
}
