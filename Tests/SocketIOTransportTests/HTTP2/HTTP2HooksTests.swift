import NIOCore
import Testing

@testable import SocketIOTransport

/// Hooks are asked about requests on streams as they are about others (see HooksTests).
@Suite struct HTTP2HooksTests {
    private static let polling = "/socket.io/?EIO=4&transport=polling"
    private static let webSocket = "/socket.io/?EIO=4&transport=websocket"
    private static let foreign = [("origin", "http://evil.example")]

    /// SAFETY of `@unchecked Sendable`: an embedded loop has the test's thread only.
    private final class Asked: @unchecked Sendable {
        var requests: [HookedRequest] = []
    }

    private func ask(_ kind: EngineHooks.Kind, of server: EmbeddedServer, _ answer: HookedRequest.Answer?) -> Asked {
        let asked = Asked()
        server.engine.hooks.add(kind) { request in
            asked.requests.append(request)
            if let answer { #expect(request.answer(answer)) }
        }
        return asked
    }

    private typealias Way = (EmbeddedHTTP2Client, _ sid: String) -> Void

    @Test func everyWayInRunsTheEngineHook() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let asked = ask(.engine, of: server, .refuse("no"))
        let ways: [Way] = [
            { peer, _ in peer.get(1, Self.polling) },
            { peer, _ in peer.get(1, Self.polling + "&j=0") },
            { peer, _ in peer.get(1, "/socket.io/?EIO=3&transport=polling") },
            { peer, _ in peer.webSocket(1, Self.webSocket) },
            { peer, _ in peer.webSocket(1, "/socket.io/?EIO=3&transport=websocket") },
            { peer, sid in peer.webSocket(1, Self.webSocket + "&sid=\(sid)") },
            { peer, sid in peer.get(1, Self.polling + "&sid=\(sid)") },
            { peer, sid in
                peer.request(1, "POST", Self.polling + "&sid=\(sid)", isEnd: false)
                peer.data(1, "4x".utf8, isEnd: true)
            },
            { peer, _ in
                peer.request(1, "OPTIONS", Self.polling, Self.foreign + [("access-control-request-method", "POST")])
            },
            { peer, _ in peer.get(1, "/socket.io/anything") },
            { peer, _ in peer.request(1, "PUT", Self.polling) },
        ]
        for (index, way) in ways.enumerated() {
            let peer = try EmbeddedHTTP2Client(to: server)
            asked.requests = []
            way(peer, sid)
            #expect(asked.requests.count == 1, "\(index)")
            #expect(peer.frames().first == "1 400", "\(index)")
        }
        #expect(server.recorder.lines == ["open"])
        #expect(server.engine.sessionCount == 1)
    }

    @Test(arguments: [EngineHooks.Kind.handshake, .origin])
    func handshakesAndOriginsAreAskedAbout(_ kind: EngineHooks.Kind) throws {
        let server = EmbeddedServer { $0.originPolicy = .list(["http://a.example"]) }
        let asked = ask(kind, of: server, .refuse("no"))
        let fields = kind == .origin ? Self.foreign : []
        let peer = try EmbeddedHTTP2Client(to: server)
        peer.get(1, Self.polling, fields)
        peer.webSocket(3, Self.webSocket, fields)
        #expect(asked.requests.count == 2)
        let frames = peer.frames()
        #expect(frames.contains("1 403") && frames.contains("3 400"), "\(frames)")
        #expect(server.recorder.lines.isEmpty)
    }

    /// What comes while the program is asked waits in the stream, and is not lost.
    @Test func whatComesMeanwhileIsThereAfterwards() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let asked = ask(.engine, of: server, nil)
        let peer = try EmbeddedHTTP2Client(to: server)
        peer.request(1, "POST", Self.polling + "&sid=\(sid)", isEnd: false)
        peer.data(1, "4hel".utf8)
        peer.data(1, "lo".utf8, isEnd: true)
        peer.webSocket(3, Self.webSocket)
        peer.data(3, Frame.text("4early").bytes)
        #expect(asked.requests.count == 2)
        #expect(peer.frames().isEmpty)
        #expect(server.recorder.lines == ["open"])
        for request in asked.requests { #expect(request.answer(.next)) }
        server.eventLoop.run()
        #expect(server.recorder.lines == ["open", "text hello", "open", "text early"])
        let frames = peer.frames()
        #expect(frames.contains("1 200") && frames.contains("3 200"), "\(frames)")
    }

    @Test func aClientThatGoesMeanwhileIsForgotten() throws {
        let server = EmbeddedServer()
        let asked = ask(.handshake, of: server, nil)
        let peer = try EmbeddedHTTP2Client(to: server)
        peer.get(1, Self.polling)
        peer.webSocket(3, Self.webSocket)
        for stream: UInt32 in [1, 3] { peer.send(3, stream: stream, payload: EmbeddedHTTP2Client.number(8)) }
        for request in asked.requests { _ = request.answer(.next) }
        server.eventLoop.run()
        #expect(server.recorder.lines.isEmpty)
        #expect(server.engine.sessionCount == 0)
    }
}
