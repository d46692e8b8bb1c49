import EngineIOCore
import Testing

@testable import SocketIOTransport

/// TLS of the client: whom it believes, whom it does not, and what it says then.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ClientTLSTests {
    private let certificates = TestCertificates.shared

    private func withServer(
        _ name: String, clientCA: TLSOptions.PEM? = nil, minimumVersion: TLSOptions.Version = .tls1_2,
        _ body: (ClientRig) throws -> Void
    ) throws {
        let rig = try ClientRig()
        var options = ListenOptions()
        var tls = certificates.server(name)
        tls.clientCA = clientCA
        if clientCA != nil { tls.clientCertificates = .required }
        tls.minimumVersion = minimumVersion
        options.tls = tls
        try rig.listen(options)
        defer { rig.close() }
        try body(rig)
    }

    private func client(
        _ rig: ClientRig, _ host: String = "localhost", _ transports: [Transport] = [.polling, .webSocket],
        _ change: (inout ClientTLSOptions) -> Void
    ) throws -> TestClient {
        try rig.openClient("https://\(host):\(rig.port)/") {
            $0.transports = transports
            change(&$0.tls)
        }
    }

    private func expectOpen(_ client: TestClient) {
        let transport = client.client.options.transports.first?.rawValue ?? ""
        #expect(client.next() == "open \(transport)")
        client.send("hello")
        var line = client.next()
        if line == "upgraded" { line = client.next() }
        #expect(line == "text hello")
        client.run { $0.close() }
        line = client.next()
        if line == "upgraded" { line = client.next() }
        #expect(line == "closed forced close")
    }

    private func expectRefused(_ client: TestClient, _ words: String) {
        #expect(client.next() == "closed transport error")
        let failure = client.recorder.failure
        #expect(failure?.code == .tls)
        #expect(failure?.sentence.containsBytes(words) == true, "\(failure?.sentence ?? "")")
    }

    @Test(arguments: ["localhost", "127.0.0.1"], [[Transport.polling], [.webSocket], [.polling, .webSocket]])
    func believed(_ host: String, _ transports: [Transport]) throws {
        try withServer("good") { rig in
            expectOpen(try client(rig, host, transports) { $0.authorities = certificates.file("ca.pem") })
        }
    }

    @Test(arguments: [Transport.polling, .webSocket])
    func notBelieved(_ transport: Transport) throws {
        try withServer("good") { rig in
            // The system knows nothing of our authority; another one has not signed it either.
            expectRefused(try client(rig, "localhost", [transport]) { _ in }, "not believed")
            expectRefused(
                try client(rig, "localhost", [transport]) { $0.authorities = certificates.file("other.pem") },
                "not believed")
        }
        try withServer("self") { rig in
            expectRefused(try client(rig, "localhost", [transport]) { _ in }, "not believed")
            expectOpen(try client(rig, "localhost", [transport]) { $0.authorities = certificates.file("self.pem") })
        }
        try withServer("expired") { rig in
            expectRefused(
                try client(rig, "localhost", [transport]) { $0.authorities = certificates.file("ca.pem") },
                "it has expired")
        }
        try withServer("wrong") { rig in
            for host in ["localhost", "127.0.0.1"] {
                expectRefused(
                    try client(rig, host, [transport]) { $0.authorities = certificates.file("ca.pem") },
                    "another host's"
                )
            }
        }
    }

    @Test func whatIsAskedFor() throws {
        try withServer("wrong") { rig in
            expectOpen(
                try client(rig) {
                    $0.authorities = certificates.file("ca.pem")
                    $0.serverName = "example.com"
                })
            expectOpen(
                try client(rig) {
                    $0.authorities = certificates.file("ca.pem")
                    $0.verification = .withoutName
                })
            expectOpen(try client(rig) { $0.verification = .none })
        }
    }

    /// The address that the certificate has to be for is the server's, and not that of the proxy on the way.
    @Test func addressesBehindAProxy() throws {
        func open(_ host: String, behind rig: ClientRig) throws -> (TestClient, ScriptedServer) {
            let (port, authority) = (rig.port, "\(host):\(rig.port)")
            let proxy = try ScriptedServer { peer, _ in
                #expect(peer.request().hasPrefix("CONNECT \(authority) HTTP/1.1\r\n"))
                peer.tunnel(to: port)
            }
            let client = try rig.openClient("https://\(authority)/") {
                $0.transports = [.webSocket]
                $0.proxy = ClientProxy(host: "127.0.0.1", port: proxy.port, userInfo: nil)
                $0.tls.authorities = certificates.file("ca.pem")
            }
            return (client, proxy)
        }
        try withServer("wrong") { rig in
            for host in ["127.0.0.9", "[2001:db8::9]", "example.com"] {
                let (client, proxy) = try open(host, behind: rig)
                expectOpen(client)
                proxy.stop()
            }
            let (client, proxy) = try open("127.0.0.1", behind: rig)
            expectRefused(client, "another host's")
            proxy.stop()
            // The name that was given instead of the URL's may be an address, too.
            expectOpen(
                try self.client(rig) {
                    $0.authorities = certificates.file("ca.pem")
                    $0.serverName = "127.0.0.9"
                })
        }
        try withServer("good") { rig in
            for host in ["127.0.0.9", "[::1]"] {
                let (client, proxy) = try open(host, behind: rig)
                expectRefused(client, "another host's")
                proxy.stop()
            }
        }
    }

    @Test func pins() throws {
        let (certificate, key) = (try certificates.bytes("good.sha256"), try certificates.bytes("good.spki"))
        let other = [UInt8](repeating: 7, count: 32)
        try withServer("good") { rig in
            for pins: [ClientTLSOptions.Pin] in [
                [.certificate(certificate)], [.publicKey(key)], [.publicKey(other), .publicKey(key)],
            ] {
                expectOpen(
                    try client(rig) {
                        $0.authorities = certificates.file("ca.pem")
                        $0.pins = pins
                    })
            }
            for pins: [ClientTLSOptions.Pin] in [[.certificate(key)], [.publicKey(other)]] {
                expectRefused(
                    try client(rig) {
                        $0.authorities = certificates.file("ca.pem")
                        $0.pins = pins
                    }, "pinned")
                // A pin counts beside the verification, and without it.
                expectRefused(
                    try client(rig) {
                        $0.verification = .none
                        $0.pins = pins
                    }, "pinned")
            }
        }
    }

    @Test func clientCertificates() throws {
        try withServer("good", clientCA: certificates.file("ca.pem")) { rig in
            expectOpen(
                try client(rig) {
                    $0.authorities = certificates.file("ca.pem")
                    $0.certificate = certificates.file("client.pem")
                    $0.key = certificates.file("client.key")
                })
            let without = try client(rig) { $0.authorities = certificates.file("ca.pem") }
            #expect(without.next() == "closed transport error")
            let wrongKey = try client(rig) {
                $0.authorities = certificates.file("ca.pem")
                $0.certificate = certificates.file("client.pem")
                $0.key = certificates.file("good.key")
            }
            #expect(wrongKey.next() == "closed transport error")
            #expect(wrongKey.recorder.failure?.code == .argument)
        }
    }

    @Test func noTLSThere() throws {
        try withRig { rig in
            let client = try client(rig) { $0.authorities = certificates.file("ca.pem") }
            #expect(client.next() == "closed transport error")
            #expect(client.recorder.failure?.code == .tls)
            let missing = try self.client(rig) { $0.authorities = .file("/nonexistent.pem") }
            #expect(missing.next() == "closed transport error")
            #expect(missing.recorder.failure?.code == .argument)
        }
        try withServer("good") { rig in
            let client = try rig.openClient("http://127.0.0.1:\(rig.port)/")
            #expect(client.next() == "closed transport error")
        }
    }

    /// Versions that this side does not admit.
    @Test func versions() throws {
        try withServer("good", minimumVersion: .tls1_3) { rig in
            expectOpen(
                try client(rig) {
                    $0.authorities = certificates.file("ca.pem")
                    $0.minimumVersion = .tls1_3
                })
        }
    }

    /// What is large and encrypted, both ways.
    @Test func large() throws {
        try withServer("good") { rig in
            for transports in [[Transport.polling], [.webSocket]] {
                let client = try client(rig, "localhost", transports) { $0.authorities = certificates.file("ca.pem") }
                _ = client.next()
                client.send("!large 900000")
                #expect(client.next() == "text of 900000")
                client.send(String(repeating: "y", count: 900_000))
                #expect(client.next() == "text of 900000")
                client.run { $0.close() }
                #expect(client.next() == "closed forced close")
            }
        }
    }
}
