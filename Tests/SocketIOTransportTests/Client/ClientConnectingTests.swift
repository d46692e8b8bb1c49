import EngineIOCore
import Glibc
import Testing

@testable import SocketIOTransport

/// The ways to a server, and what requests say.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ClientConnectingTests {
    // MARK: Ways

    @Test(arguments: ["path", "@abstract"])
    func unixSockets(_ kind: String) throws {
        let rig = try ClientRig()
        let path = kind == "path" ? "/tmp/sio-client-\(getpid()).sock" : "@sio-client-\(getpid())"
        try rig.server.listen(.unix(path: path), ListenOptions())
        defer { rig.close() }
        let client = try rig.openClient("http://localhost/") { $0.unixPath = path }
        #expect(client.next(2) == ["open polling", "upgraded"])
        client.send("hello")
        #expect(client.next() == "text hello")
        client.run { $0.close() }
        #expect(client.next() == "closed forced close")
    }

    @Test func nobodyListens() throws {
        let rig = try ClientRig()
        defer { rig.close() }
        let port = try ScriptedServer({ _, _ in }).stopped()
        for transport in [Transport.polling, .webSocket] {
            let client = try rig.openClient("http://127.0.0.1:\(port)/") { $0.transports = [transport] }
            #expect(client.next() == "closed transport error")
            let failure = try #require(client.recorder.failure)
            #expect((failure.code, failure.systemError, failure.transport) == (.connect, ECONNREFUSED, transport))
        }
        let client = try rig.openClient("http://localhost/") { $0.unixPath = "/nonexistent/socket" }
        #expect(client.next() == "closed transport error")
        #expect(client.recorder.failure?.systemError == ENOENT)
    }

    @Test func names() throws {
        try withRig { rig in
            let clients = try (0..<20).map { _ in try rig.openClient("http://localhost:\(rig.port)/") }
            for client in clients { #expect(client.next() == "open polling") }
            let lost = try rig.openClient("http://name.invalid:\(rig.port)/")
            #expect(lost.next() == "closed transport error")
            #expect(lost.recorder.failure?.code == .resolve)
            for client in clients { client.run { $0.abort() } }
        }
    }

    @Test func localAddress() throws {
        try withRig { rig in
            let client = try rig.openClient { $0.localAddress = "127.0.0.1" }
            #expect(client.next() == "open polling")
            client.run { $0.abort() }
            let wrong = try rig.openClient { $0.localAddress = "here" }
            #expect(wrong.next() == "closed transport error")
            #expect(wrong.recorder.failure?.code == .argument)
        }
    }

    @Test(arguments: ["open", "password", "wrong password", "refusal", "garbage"])
    func proxies(_ kind: String) throws {
        try withRig { rig in
            let serverPort = rig.port
            let proxy = try ScriptedServer { peer, _ in
                let head = peer.request()
                #expect(head.hasPrefix("CONNECT 127.0.0.1:\(serverPort) HTTP/1.1\r\nHost: 127.0.0.1:\(serverPort)\r\n"))
                switch kind {
                case "password" where head.containsBytes("Proxy-Authorization: Basic bmFtZTpwYXNzd29yZA==\r\n"): break
                case "open": break
                case "refusal": return peer.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                case "garbage": return peer.write("SOCKS, was it?\r\n\r\n")
                default: return peer.write("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                }
                peer.tunnel(to: serverPort)
            }
            defer { proxy.stop() }
            let client = try rig.openClient {
                $0.proxy = ClientProxy(
                    host: "127.0.0.1", port: proxy.port, userInfo: kind == "password" ? "name:password" : nil)
            }
            if kind == "open" || kind == "password" {
                #expect(client.next(2) == ["open polling", "upgraded"])
                client.send("hello")
                #expect(client.next() == "text hello")
                client.run { $0.close() }
                #expect(client.next() == "closed forced close")
            } else {
                #expect(client.next() == "closed transport error")
                #expect(client.recorder.failure?.code == .proxy)
                #expect(client.recorder.failure?.status == ["wrong password": 407, "refusal": 403][kind] ?? 0)
            }
        }
    }

    // MARK: Transports and revisions

    @Test func otherTransportsAreTried() throws {
        try withRig(ClientRig { $0.handshake.transports = [.webSocket] }) { rig in
            let first = try rig.openClient { $0.transports = [.polling, .webSocket] }
            #expect(first.next() == "closed transport error")
            let all = try rig.openClient {
                $0.transports = [.polling, .webSocket]
                $0.triesAllTransports = true
            }
            #expect(all.next() == "open websocket")
            all.run { $0.close() }
            let remembered = try rig.openClient {
                $0.transports = [.polling, .webSocket]
                $0.startsWithWebSocket = true
            }
            #expect(remembered.next() == "open websocket")
            remembered.run { $0.close() }
        }
    }

    @Test(arguments: [Transport.polling, .webSocket])
    func theOtherRevisionIsFound(_ transport: Transport) throws {
        // Refuses revision 4 in the words of each kind of server.
        for refusal in [
            #"{"code":5,"message":"Unsupported protocol version"}"#,
            #""The client is using an unsupported version of the Socket.IO or Engine.IO protocols""#,
        ] {
            try withScript(
                ScriptedServer { peer, _ in
                    while true {
                        let head = peer.request()
                        if head.isEmpty { return }
                        if head.containsBytes("EIO=4") {
                            return peer.write(
                                "HTTP/1.1 400 Bad Request\r\nContent-Length: \(refusal.utf8.count)\r\n\r\n\(refusal)")
                        }
                        if transport == .webSocket {
                            peer.acceptWebSocket(head)
                            peer.send(text: ScriptedServer.open)
                            return peer.awaitEnd()
                        }
                        if head.containsBytes("&sid=s") { return peer.awaitEnd() }
                        peer.respond("\(ScriptedServer.open.utf8.count):\(ScriptedServer.open)2:40")
                    }
                }
            ) { server, rig in
                let client = try rig.openClient(of: server) {
                    $0.transports = [transport]
                    $0.revisions = .automatic
                }
                #expect(client.next() == "open \(transport.rawValue)")
                #expect(client.recorder.session.withLock { $0?.revision } == .three)
                if transport == .polling { #expect(client.next() == "text 0") }
                client.run { $0.abort() }
            }
        }
    }

    /// A server of Socket.IO 2 speaks revision 3, whatever it is asked for.
    @Test func anOldServerIsUnderstood() throws {
        try withScript(
            ScriptedServer { peer, _ in
                let head = peer.request()
                #expect(head.containsBytes("EIO=4"))
                peer.respond("\(ScriptedServer.open.utf8.count):\(ScriptedServer.open)2:40")
                #expect(peer.request().containsBytes("EIO=3"))
                peer.respond(
                    [0x00, 0x02, 0xFF, 0x34, 0x61, 0x01, 0x03, 0xFF, 0x04, 0x01, 0x02],
                    "Content-Type: application/octet-stream\r\n")
                peer.awaitEnd()
            }
        ) { server, rig in
            let client = try rig.openClient(of: server) {
                $0.transports = [.polling]
                $0.revisions = .automatic
            }
            #expect(client.next(4) == ["open polling", "text 0", "text a", "binary 0102"])
            client.run { $0.abort() }
        }
    }

    /// Over WebSocket both revisions open alike: what follows tells, or that nothing does.
    @Test(arguments: [ProtocolRevision.three, .four])
    func anOldServerOverWebSocket(_ revision: ProtocolRevision) throws {
        let server = try ScriptedServer { peer, _ in
            peer.acceptWebSocket(peer.request())
            let open = #"0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":5000}"#
            var frames = [0x81, UInt8(open.utf8.count)] + Array(open.utf8)
            // In one segment: the client does not wait for long.
            if revision == .three { frames += [0x81, 2] + Array("40".utf8) + [0x82, 2, 4, 7] }
            peer.write(frames)
            peer.awaitEnd()
        }
        try withScript(server) { server, rig in
            let client = try rig.openClient(of: server) {
                $0.transports = [.webSocket]
                $0.revisions = .automatic
            }
            #expect(client.next() == "open websocket")
            #expect(client.recorder.session.withLock { $0?.revision } == revision)
            if revision == .three { #expect(client.next(2) == ["text 0", "binary 07"]) }
            client.run { $0.abort() }
        }
    }

    /// Revision 3: this side pings.
    @Test func pingsOfRevision3() throws {
        try withRig(
            ClientRig {
                $0.session.pingInterval = 50
                $0.session.pingTimeout = 5000
            }
        ) { rig in
            for transport in [Transport.polling, .webSocket] {
                let client = try rig.openClient {
                    $0.transports = [transport]
                    $0.revisions = .only(.three)
                }
                #expect(client.next() == "open \(transport.rawValue)")
                // The server has answered several pings.
                #expect(client.recorder.waitForHeartbeats(3))
                client.send("a")
                #expect(client.next() == "text a")
                client.run { $0.close() }
                #expect(client.next() == "closed forced close")
            }
        }
        try withScript(
            ScriptedServer { peer, _ in
                peer.acceptWebSocket(peer.request())
                peer.send(text: #"0{"sid":"s","upgrades":[],"pingInterval":20,"pingTimeout":2000}"#)
                for _ in 0..<3 {
                    #expect(peer.frame() == "1 2")
                    peer.send(text: "3")
                }
                #expect(peer.frame() == "1 2")
                peer.awaitEnd()
            }
        ) { server, rig in
            let client = try rig.openClient(of: server) {
                $0.transports = [.webSocket]
                $0.revisions = .only(.three)
            }
            #expect(client.next(2) == ["open websocket", "closed ping timeout"])
        }
    }

    @Test func pingsOfRevision4() throws {
        try withRig(
            ClientRig {
                $0.session.pingInterval = 20
                $0.session.pingTimeout = 2000
            }
        ) { rig in
            for transport in [Transport.polling, .webSocket] {
                let client = try rig.openClient { $0.transports = [transport] }
                #expect(client.next() == "open \(transport.rawValue)")
                let start = EngineLoop.now
                while EngineLoop.now - start < 200 {
                    client.send("a")
                    #expect(client.next() == "text a")
                }
                #expect(client.recorder.waitForHeartbeats(3))
                client.run { $0.close() }
                #expect(client.next() == "closed forced close")
            }
        }
    }

    // MARK: Requests

    @Test func whatRequestsSay() throws {
        try withScript(
            ScriptedServer { peer, _ in
                while true {
                    let request = peer.request()
                    if request.isEmpty { return }
                    #expect(request.hasPrefix("GET /path/?token=a%20b&x%3D=%26&EIO=4&transport="))
                    for field in ["Host: 127.0.0.1:", "Authorization: Basic bmU6cHc=\r\n", "X-Own: 1\r\n"] {
                        #expect(request.containsBytes(field))
                    }
                    #expect(!request.containsBytes("evil"))
                    guard request.containsBytes("&sid=s") else {
                        #expect(request.containsBytes("&t="))
                        #expect(request.containsBytes("Cookie: own=1\r\n"))
                        peer.respond(
                            ScriptedServer.openWithUpgrade,
                            "Set-Cookie: io=abc; Path=/; HttpOnly\r\nSet-Cookie: gone=1; Max-Age=0\r\n")
                        continue
                    }
                    #expect(request.containsBytes("Cookie: own=1; io=abc\r\n"))
                    if request.containsBytes("transport=websocket") {
                        #expect(request.containsBytes("Sec-WebSocket-Protocol: chat, more\r\n"))
                        peer.acceptWebSocket(request, "Sec-WebSocket-Protocol: more\r\n")
                        #expect(peer.frame() == "1 2probe")
                        peer.send(text: "3probe")
                        #expect(peer.frame() == "1 5")
                        return peer.awaitEnd()
                    }
                    // In chunks, after something that is skipped.
                    peer.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
                    peer.write(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n4a\u{1E}\r\n2\r\n4b\r\n0\r\n\r\n")
                }
            }
        ) { server, rig in
            let client = try rig.openClient("http://ne:pw@127.0.0.1:\(server.port)/ns?token=a%20b") {
                $0.path = "/path/"
                $0.query = [("x=", "&")]
                $0.headers = [("X-Own", "1"), ("Cookie", "own=1"), ("Connection", "evil"), ("Content-Length", "evil")]
                $0.protocols = ["chat", "more"]
            }
            #expect(client.next() == "open polling")
            var line = client.next()
            while line == "text a" || line == "text b" { line = client.next() }
            #expect(line == "upgraded")
            client.run { $0.abort() }
        }
    }

    @Test(arguments: [("X: y", "1"), ("X", "1\r\nY: 2"), ("", "1"), ("X", "\0")])
    func fieldsThatSmuggle(_ name: String, _ value: String) throws {
        try withRig { rig in
            let client = try rig.openClient { $0.headers = [(name, value)] }
            #expect(client.next() == "closed transport error")
            #expect(client.recorder.failure?.code == .argument)
        }
    }

    /// The server closes a connection that is not used: another is made.
    @Test func connectionsThatTheServerCloses() throws {
        try withScript(
            ScriptedServer { peer, _ in
                let request = peer.request()
                if !request.containsBytes("&sid=s") {
                    return peer.respond(ScriptedServer.open, "Connection: close\r\n")
                }
                if request.hasPrefix("POST") { return peer.respond("ok", "Connection: close\r\n") }
                peer.respond("4a", "Connection: close\r\n")
            }
        ) { server, rig in
            let client = try rig.openClient(of: server) { $0.transports = [.polling] }
            #expect(client.next(4) == ["open polling", "text a", "text a", "text a"])
            for _ in 0..<5 { client.send("x") }
            #expect(client.next() == "text a")
            client.run { $0.close() }
            var line = client.next()
            while line == "text a" { line = client.next() }
            #expect(line == "closed forced close")
        }
    }

    // MARK: Compression

    @Test(arguments: [false, true], [false, true])
    func deflate(_ serverForgets: Bool, _ clientForgets: Bool) throws {
        try withRig(
            ClientRig {
                $0.deflate = PerMessageDeflate()
                $0.deflate?.threshold = 10
                $0.deflate?.serverNoContextTakeover = serverForgets
            }
        ) { rig in
            let client = try rig.openClient {
                $0.transports = [.webSocket]
                $0.deflate = PerMessageDeflate()
                $0.deflate?.threshold = 10
                $0.deflate?.clientNoContextTakeover = clientForgets
            }
            #expect(client.next() == "open websocket")
            for number in 0..<20 {
                let text = String(repeating: "abc\(number) ", count: 3)
                client.send(text)
                #expect(client.next() == "text \(text)")
            }
            client.send("!large 500000")
            #expect(client.next() == "text of 500000")
            client.send(binary: [UInt8](repeating: 7, count: 40))
            #expect(client.next() == "binary " + String(repeating: "07", count: 40))
            client.run { $0.close() }
            #expect(client.next() == "closed forced close")
        }
    }

    @Test func compressedResponses() throws {
        try withRig(ClientRig { $0.httpCompressionThreshold = 1 }) { rig in
            let client = try rig.openClient { $0.transports = [.polling] }
            #expect(client.next() == "open polling")
            client.send("!large 500000")
            #expect(client.next() == "text of 500000")
            client.run { $0.close() }
            #expect(client.next() == "closed forced close")
        }
    }

    @Test func base64() throws {
        try withRig { rig in
            for revision in [ProtocolRevision.three, .four] {
                for transports in [[Transport.polling], [.webSocket]] {
                    let client = try rig.openClient {
                        $0.transports = transports
                        $0.forcesBase64 = true
                        $0.revisions = .only(revision)
                    }
                    _ = client.next()
                    client.send(binary: [1, 2, 3, 4])
                    #expect(client.next() == "binary 01020304")
                    client.run { $0.close() }
                }
            }
        }
    }

    // MARK: Limits

    @Test func whatWaitsIsBounded() throws {
        try withRig { rig in
            let client = try rig.client { $0.session.bufferedBytes = 100 }
            client.run { client in
                client.open()
                for _ in 0..<10 { client.send(EnginePacket(text: "4" + String(repeating: "x", count: 20))) }
            }
            #expect(client.next() == "closed transport error")
            #expect(client.recorder.failure?.code == .overflow)
        }
    }

    @Test func aMessageThatTheServerRefuses() throws {
        try withRig(ClientRig { $0.maxHTTPBufferSize = 1000 }) { rig in
            for transport in [Transport.polling, .webSocket] {
                let client = try rig.openClient { $0.transports = [transport] }
                #expect(client.next() == "open \(transport.rawValue)")
                client.send(String(repeating: "x", count: 2000))
                #expect(client.next().hasPrefix("closed transport"))
                #expect(client.recorder.failure?.code == .tooLarge)
            }
        }
    }
}

extension ScriptedServer {
    /// Its port, where nobody listens any more.
    fileprivate func stopped() -> Int {
        stop()
        return port
    }
}

extension ScriptedServer.Peer {
    /// Passes on what comes from either side until one of them ends.
    func tunnel(to port: Int) {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { return }
        write("HTTP/1.1 200 Connection established\r\n\r\n")
        pass(on: descriptor)
    }
}
