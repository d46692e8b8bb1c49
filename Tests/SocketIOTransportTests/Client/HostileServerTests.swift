import EngineIOCore
import Testing

@testable import SocketIOTransport

/// Servers that answer rubbish, too much, or nothing: the client says what is wrong, and ends.
@Suite(.timeLimit(.minutes(2))) struct HostileServerTests {
    typealias Peer = ScriptedServer.Peer

    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let transport: Transport
        let code: EngineClientFailure.Code
        var reason = CloseReason.transportError
        /// What the client is told before its end.
        var before: [String] = []
        var openTimeout: Int64 = 20_000
        var requestTimeout: Int64 = 0
        var maxPayload = 1_000_000
        /// Whether the client offers permessage-deflate.
        var deflates = false
        /// What the server does with a request; the connection is closed behind it.
        let script: @Sendable (Peer, String) -> Void

        var testDescription: String { name }
    }

    private static let opening: [Case] = [
        Case(name: "random bytes", transport: .polling, code: .protocolError) { peer, _ in
            peer.write((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 7919) })
        },
        Case(name: "random bytes for a WebSocket", transport: .webSocket, code: .protocolError) { peer, _ in
            peer.write((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 7919) })
        },
        Case(name: "nothing, and the end", transport: .polling, code: .lost) { _, _ in },
        Case(name: "nothing at all", transport: .polling, code: .timeout, openTimeout: 100) {
            peer, _ in peer.awaitEnd()
        },
        Case(
            name: "nothing for a WebSocket", transport: .webSocket, code: .timeout,
            openTimeout: 100
        ) { peer, _ in peer.awaitEnd() },
        Case(name: "a request's time", transport: .polling, code: .timeout, requestTimeout: 100) {
            peer, _ in peer.awaitEnd()
        },
        Case(name: "endless header fields", transport: .polling, code: .tooLarge) { peer, _ in
            peer.write("HTTP/1.1 200 OK\r\n")
            for number in 0..<100_000 { peer.write("X-\(number): y\r\n") }
        },
        Case(name: "an endless field", transport: .webSocket, code: .tooLarge) { peer, _ in
            peer.write("HTTP/1.1 101 Switching Protocols\r\nX: ")
            for _ in 0..<1000 { peer.write(String(repeating: "y", count: 1000)) }
        },
        Case(name: "endless responses of the kind 1xx", transport: .polling, code: .protocolError) { peer, _ in
            for _ in 0..<1000 { peer.write("HTTP/1.1 100 Continue\r\n\r\n") }
        },
        Case(
            name: "an endless body", transport: .polling, code: .tooLarge, maxPayload: 100_000
        ) { peer, _ in
            peer.write("HTTP/1.1 200 OK\r\n\r\n")
            for _ in 0..<1000 { peer.write(String(repeating: "y", count: 1000)) }
        },
        Case(name: "a length that is none", transport: .polling, code: .protocolError) { peer, _ in
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n")
        },
        Case(name: "a length and chunks", transport: .polling, code: .protocolError) { peer, _ in
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")
        },
        Case(name: "a page", transport: .polling, code: .protocolError) { peer, _ in
            peer.respond("<html>It works!</html>")
        },
        Case(name: "an empty body", transport: .polling, code: .protocolError) { peer, _ in peer.respond("") },
        Case(name: "another packet than open", transport: .polling, code: .protocolError) { peer, _ in
            peer.respond("4hello")
        },
        Case(name: "an open packet without sense", transport: .polling, code: .protocolError) { peer, _ in
            peer.respond("0{\"sid\":")
        },
        Case(name: "a redirect", transport: .polling, code: .redirect) { peer, _ in
            peer.write("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        },
        Case(name: "a redirect of a WebSocket", transport: .webSocket, code: .redirect) { peer, _ in
            peer.write("HTTP/1.1 301 Moved\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        },
        Case(name: "not found", transport: .polling, code: .http) { peer, _ in
            peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        },
        Case(name: "a refusal of the WebSocket", transport: .webSocket, code: .http) { peer, _ in
            peer.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 9\r\n\r\nForbidden")
        },
        Case(name: "200 for a WebSocket", transport: .webSocket, code: .http) { peer, _ in peer.respond("hello") },
        Case(name: "another revision", transport: .polling, code: .revision) { peer, _ in
            let body = #"{"code":5,"message":"Unsupported protocol version"}"#
            peer.write("HTTP/1.1 400 Bad Request\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        },
        Case(name: "the other revision's words", transport: .polling, code: .revision) { peer, _ in
            peer.respond("\(ScriptedServer.open.utf8.count):\(ScriptedServer.open)")
        },
        Case(name: "a wrong Sec-WebSocket-Accept", transport: .webSocket, code: .protocolError) { peer, _ in
            peer.write(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
            peer.awaitEnd()
        },
        Case(name: "another protocol", transport: .webSocket, code: .protocolError) { peer, _ in
            peer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")
            peer.awaitEnd()
        },
        Case(name: "an extension that was not offered", transport: .webSocket, code: .protocolError) { peer, head in
            peer.acceptWebSocket(head, "Sec-WebSocket-Extensions: permessage-deflate\r\n")
            peer.awaitEnd()
        },
        Case(name: "a subprotocol that was not offered", transport: .webSocket, code: .protocolError) { peer, head in
            peer.acceptWebSocket(head, "Sec-WebSocket-Protocol: chat\r\n")
            peer.awaitEnd()
        },
        Case(name: "a masked frame", transport: .webSocket, code: .protocolError) { peer, head in
            peer.acceptWebSocket(head)
            peer.write([0x81, 0x81, 0, 0, 0, 0, 0x30])
            peer.awaitEnd()
        },
        Case(name: "a length with its highest bit", transport: .webSocket, code: .protocolError) { peer, head in
            peer.acceptWebSocket(head)
            peer.write([0x82, 127] + Array(repeating: 0xFF, count: 8))
            peer.awaitEnd()
        },
        Case(name: "a giant frame", transport: .webSocket, code: .tooLarge) { peer, head in
            peer.acceptWebSocket(head)
            peer.write([0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0])
            peer.awaitEnd()
        },
        Case(name: "a first frame that is no open packet", transport: .webSocket, code: .protocolError) { peer, head in
            peer.acceptWebSocket(head)
            peer.send(text: "40")
            peer.awaitEnd()
        },
        Case(name: "an encoding that was not asked for", transport: .polling, code: .protocolError) { peer, _ in
            peer.respond(ScriptedServer.open, "Content-Encoding: br\r\n")
        },
        Case(name: "a corrupt encoding", transport: .polling, code: .protocolError) { peer, _ in
            peer.respond(ScriptedServer.open, "Content-Encoding: gzip\r\n")
        },
        Case(
            name: "a compressed bomb", transport: .polling, code: .tooLarge, maxPayload: 1_000_000
        ) { peer, _ in peer.respond(compressed([UInt8](repeating: 0, count: 50_000_000)), "Content-Encoding: gzip\r\n")
        },
    ]

    private static let later: [Case] = [
        Case(name: "a status behind the open packet", transport: .polling, code: .http, before: ["open polling"]) {
            peer, _ in
            peer.respond(ScriptedServer.open)
            _ = peer.request()
            peer.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        },
        Case(name: "no packet", transport: .polling, code: .protocolError, before: ["open polling", "text a"]) {
            peer, _ in
            peer.respond(ScriptedServer.open)
            _ = peer.request()
            peer.respond("4a\u{1E}x\u{1E}4b")
        },
        Case(
            name: "a close packet", transport: .polling, code: .lost, reason: .transportClose,
            before: ["open polling", "text a"]
        ) { peer, _ in
            peer.respond(ScriptedServer.open)
            _ = peer.request()
            peer.respond("4a\u{1E}1\u{1E}4b")
        },
        Case(
            name: "a close packet over WebSocket", transport: .webSocket, code: .lost, reason: .transportClose,
            before: ["open websocket"]
        ) { peer, head in
            peer.acceptWebSocket(head)
            peer.send(text: ScriptedServer.open)
            peer.send(text: "1")
            peer.awaitEnd()
        },
        Case(name: "no packet over WebSocket", transport: .webSocket, code: .protocolError, before: ["open websocket"])
        {
            peer, head in
            peer.acceptWebSocket(head)
            peer.send(text: ScriptedServer.open)
            peer.send(text: "x")
            peer.awaitEnd()
        },
        Case(
            name: "no ping", transport: .webSocket, code: .timeout, reason: .pingTimeout, before: ["open websocket"]
        ) { peer, head in
            peer.acceptWebSocket(head)
            peer.send(text: #"0{"sid":"s","upgrades":[],"pingInterval":50,"pingTimeout":50}"#)
            peer.awaitEnd()
        },
        Case(
            name: "no ping over polling", transport: .polling, code: .timeout, reason: .pingTimeout,
            before: ["open polling"]
        ) { peer, _ in
            peer.respond(#"0{"sid":"s","upgrades":[],"pingInterval":50,"pingTimeout":50}"#)
            peer.awaitEnd()
        },
        Case(
            name: "the end of the connection", transport: .webSocket, code: .lost, reason: .transportClose,
            before: ["open websocket"]
        ) { peer, head in
            peer.acceptWebSocket(head)
            peer.send(text: ScriptedServer.open)
        },
        Case(
            name: "a message that is too large", transport: .webSocket, code: .tooLarge, before: ["open websocket"],
            maxPayload: 100
        ) { peer, head in
            peer.acceptWebSocket(head)
            peer.send(text: ScriptedServer.open)
            peer.send(text: "4" + String(repeating: "x", count: 100))
            peer.awaitEnd()
        },
        Case(
            name: "a compressed bomb over WebSocket", transport: .webSocket, code: .tooLarge,
            before: ["open websocket"], deflates: true
        ) { peer, head in
            peer.acceptWebSocket(head, "Sec-WebSocket-Extensions: permessage-deflate\r\n")
            peer.send(text: ScriptedServer.open)
            let bomb = compressed([UInt8](repeating: 0x34, count: 30_000_000), as: .raw)
            #expect(bomb.count < 65_536)
            peer.write([0xC1, 126] + [8, 0].map { UInt8(truncatingIfNeeded: bomb.count >> $0) } + bomb)
            peer.awaitEnd()
        },
        Case(
            name: "1009", transport: .webSocket, code: .tooLarge, reason: .transportClose, before: ["open websocket"]
        ) { peer, head in
            peer.acceptWebSocket(head)
            peer.send(text: ScriptedServer.open)
            peer.write([0x88, 2, 0x03, 0xF1])
            peer.awaitEnd()
        },
    ]

    @Test(arguments: opening + later)
    func ends(_ hostile: Case) throws {
        let script = hostile.script
        try withScript(ScriptedServer { peer, _ in script(peer, peer.request()) }) { server, rig in
            let client = try rig.openClient(of: server) {
                $0.transports = [hostile.transport]
                $0.session.openTimeout = hostile.openTimeout
                $0.requestTimeout = hostile.requestTimeout
                $0.maxPayload = hostile.maxPayload
                $0.deflate = hostile.deflates ? PerMessageDeflate() : nil
            }
            #expect(client.next(hostile.before.count + 1) == hostile.before + ["closed \(hostile.reason.rawValue)"])
            let failure = try #require(client.recorder.failure)
            #expect(failure.code == hostile.code, "\(failure)")
            #expect(failure.transport == hostile.transport)
            #expect(failure.sentence.hasSuffix(".") || failure.sentence.hasSuffix("?"))
        }
    }

    /// What a body of HTTP is as gzip, or a message of a WebSocket.
    private static func compressed(_ bytes: [UInt8], as format: DeflateParameters.Format = .gzip) -> [UInt8] {
        let pool = OutputMemoryPool()
        return pool.withMemory(1024) { memory in
            let stream = DeflateStream(DeflateParameters(format: format))
            _ = bytes.withUnsafeBytes { bytes in
                format == .raw ? stream?.flush(bytes, into: &memory) : stream?.finish(bytes, into: &memory)
            }
            return Array(memory.bytes)
        }
    }

    /// A probe that comes to nothing leaves the session where it was.
    @Test(arguments: ["refused", "wrong answer", "closed", "binary", "late"])
    func aFailedProbe(_ kind: String) throws {
        try withScript(
            ScriptedServer { peer, _ in
                while true {
                    let head = peer.request()
                    if head.isEmpty { return }
                    if head.containsBytes("transport=websocket") {
                        #expect(head.containsBytes("&sid=s"))
                        if kind == "refused" {
                            return peer.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                        }
                        peer.acceptWebSocket(head)
                        #expect(peer.frame() == "1 2probe")
                        switch kind {
                        case "wrong answer": peer.send(text: "4x")
                        case "binary": peer.write([0x82, 1, 0])
                        case "late": peer.awaitEnd()
                        default: break
                        }
                        return peer.awaitEnd()
                    }
                    if !head.containsBytes("sid=s") { peer.respond(ScriptedServer.openWithUpgrade) }
                    if head.hasPrefix("POST") {
                        peer.respond("ok")
                        #expect(head.hasSuffix("\r\n\r\n4a") || head.hasSuffix("\r\n\r\n1"))
                    }
                    if head.hasPrefix("GET"), head.containsBytes("sid=s") { peer.respond("4b") }
                }
            }
        ) { server, rig in
            let client = try rig.openClient(of: server) { $0.session.upgradeTimeout = 1000 }
            #expect(client.next() == "open polling")
            client.send("a")
            #expect(client.next(100).allSatisfy { $0 == "text b" })
            client.run { $0.close() }
            var line = client.next()
            while line == "text b" { line = client.next() }
            #expect(line == "closed forced close")
        }
    }
}
