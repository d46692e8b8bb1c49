import EngineIOCore
import NIOEmbedded
import Testing

@testable import SocketIOTransport

/// What a session does with messages that cannot leave at once.
@Suite struct OutboundTests {
    /// What was dropped, in the order in which its senders were told.
    ///
    /// SAFETY of `@unchecked Sendable`: an embedded loop has the test's thread only.
    private final class Losses: @unchecked Sendable {
        var names: [String] = []
    }

    private final class Loss: DropListener {
        let name: String
        let losses: Losses

        init(_ name: String, _ losses: Losses) {
            self.name = name
            self.losses = losses
        }

        func dropped() { losses.names.append(name) }
    }

    private func message(_ texts: String...) -> [EnginePacket] { texts.map { EnginePacket(text: "4" + $0) } }

    private func setWritable(_ client: EmbeddedClient, _ isWritable: Bool) {
        client.channel.isWritable = isWritable
        client.channel.pipeline.fireChannelWritabilityChanged()
    }

    @Test func messagesAreDroppedWhileTheConnectionIsFull() throws {
        let server = EmbeddedServer { $0.session.bufferedPackets = 3 }
        let client = try server.connectWebSocket()
        let session = try #require(server.recorder.sessions.first)
        let losses = Losses()
        #expect(session.isWritable && session.bufferedPackets == 0)
        setWritable(client, false)
        #expect(!session.isWritable)
        for (name, policy) in [("a", QueuePolicy.dropOldest), ("b", .dropOldest), ("c", .dropNewest)] {
            session.send(message(name), EngineSession.Terms(policy: policy, ticket: Loss(name, losses)))
        }
        session.send(message("d"), EngineSession.Terms(isVolatile: true, ticket: Loss("d", losses)))
        session.send(message("e"), EngineSession.Terms(policy: .dropNewest, ticket: Loss("e", losses)))
        session.send(message("f"), EngineSession.Terms(policy: .dropOldest, ticket: Loss("f", losses)))
        #expect(losses.names == ["d", "e", "a"])
        #expect(session.bufferedPackets == 3 && session.bufferedBytes == server.engine.bufferedBytes)
        let metrics = server.engine.metrics
        #expect(metrics.drops(.volatile) == 1)
        #expect(metrics.drops(.newest) == 1)
        #expect(metrics.drops(.oldest) == 1)
        #expect(server.recorder.lines == ["open"])
        setWritable(client, true)
        server.eventLoop.run()
        #expect(client.receivedFrames() == ["text 4b", "text 4c", "text 4f"])
        #expect(server.recorder.lines == ["open", "drained"])
        #expect(session.isWritable && session.bufferedBytes == 0)
    }

    @Test func whatWaitsLeavesAsFastAsTheConnectionTakesIt() throws {
        let server = EmbeddedServer()
        let client = try server.connectWebSocket()
        let session = try #require(server.recorder.sessions.first)
        setWritable(client, false)
        let large = String(repeating: "x", count: 50_000)
        for _ in 0..<20 { session.send(EnginePacket(text: "4" + large)) }
        #expect(session.bufferedBytes > 1_000_000)
        setWritable(client, true)
        // The rest can be dropped, replaced, and is counted.
        #expect(session.bufferedBytes > 500_000 && session.bufferedBytes < 900_000)
        #expect(server.recorder.lines == ["open"])
        server.eventLoop.run()
        #expect(session.bufferedBytes == 0)
        #expect(client.receivedFrames().count == 20)
        #expect(server.recorder.lines == ["open", "drained"])
    }

    @Test func pollsTakeWhatWaits() throws {
        let server = EmbeddedServer { $0.session.bufferedPackets = 2 }
        let sid = try server.openPolling()
        let session = try #require(server.recorder.sessions.first)
        #expect(!session.isWritable)
        let terms = EngineSession.Terms(policy: .dropOldest)
        for text in ["a", "b", "c"] { session.send(message(text), terms) }
        session.send(message("v"), EngineSession.Terms(isVolatile: true))
        #expect(session.bufferedPackets == 2)
        let client = try server.connect()
        client.send(.get("/socket.io/?EIO=4&transport=polling&sid=\(sid)"))
        #expect(client.responses() == ["200 4b\u{1e}4c"])
        #expect(server.recorder.lines == ["open", "drained"])
        client.send(.get("/socket.io/?EIO=4&transport=polling&sid=\(sid)"))
        #expect(session.isWritable)
        session.send(message("v"), EngineSession.Terms(isVolatile: true))
        server.eventLoop.run()
        #expect(client.responses() == ["200 4v"])
        #expect(!session.isWritable)
        // It waited for no longer than a turn.
        #expect(server.recorder.lines == ["open", "drained"])
        #expect(server.engine.metrics.drops(.oldest) == 1)
        #expect(server.engine.metrics.drops(.volatile) == 1)
    }

    @Test func whatWaitsGoesAlongToTheWebSocket() throws {
        let server = EmbeddedServer()
        let sid = try server.openPolling()
        let session = try #require(server.recorder.sessions.first)
        let client = try server.connect()
        client.send(
            "GET /socket.io/?EIO=4&transport=websocket&sid=\(sid) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Sec-WebSocket-Version: 13\r\n\r\n")
        _ = client.receivedBytes()
        client.send(.text("2probe"))
        session.send(message("a"), EngineSession.Terms(policy: .dropOldest))
        session.send(EnginePacket(text: "4b"))
        #expect(client.receivedFrames() == ["text 3probe"])
        client.send(.text("5"))
        #expect(client.receivedFrames() == ["text 4a", "text 4b"])
        #expect(session.isWritable && session.bufferedBytes == 0)
        #expect(server.recorder.lines == ["open", "drained"])
    }

    /// Beyond the server's mark, who has more than his share pays for it, and nobody else.
    @Test func theServerHasALimitOfItsOwn() throws {
        let server = EmbeddedServer { $0.limits.bufferedBytes = 100 }
        let sids = try (0..<4).map { _ in try server.openPolling() }
        #expect(Set(sids).count == 4)
        let sessions = server.recorder.sessions
        try #require(sessions.count == 4)
        func send(_ size: Int, to session: EngineSession, _ policy: QueuePolicy) {
            // A frame has two bytes, a text its type.
            session.send(message(String(repeating: "x", count: size - 3)), EngineSession.Terms(policy: policy))
        }
        send(40, to: sessions[0], .dropNewest)
        send(40, to: sessions[0], .dropNewest)
        send(15, to: sessions[1], .dropNewest)
        #expect(server.engine.bufferedBytes == 95)
        // No room for who has 80, but for who has less than 25.
        send(10, to: sessions[0], .dropNewest)
        #expect(server.engine.bufferedBytes == 95)
        send(10, to: sessions[1], .dropNewest)
        send(10, to: sessions[2], .close)
        #expect(server.engine.bufferedBytes == 115)
        send(10, to: sessions[1], .dropOldest)
        #expect(sessions[1].bufferedBytes == 20)
        let metrics = server.engine.metrics
        #expect(metrics.drops(.server) == 2)
        send(10, to: sessions[0], .dropOldest)
        #expect(sessions[0].bufferedBytes == 50)
        #expect(metrics.drops(.server) == 3)
        sessions[3].send(EnginePacket(text: "4" + String(repeating: "x", count: 30)))
        #expect(!sessions[3].isOpen && sessions[0].isOpen)
        #expect(metrics.overflowedClients == 1)
        #expect(server.recorder.logged.last?.contains("share of 100 bytes of the server") == true)
    }

    /// Nothing stays counted of a client that was to be told of its end, and never polled again.
    @Test func whatNoPollTookIsNotCounted() throws {
        let server = EmbeddedServer()
        let sids = try (0..<2).map { _ in try server.openPolling() }
        #expect(Set(sids).count == 2)
        let sessions = server.recorder.sessions
        try #require(sessions.count == 2)
        for session in sessions {
            session.send(EnginePacket(text: "4a"))
            session.close(.forcedClose)
        }
        #expect(server.engine.sessionCount == 2 && server.engine.bufferedBytes == 8)
        sessions[0].deadlineReached(now: server.loop.now + 30_000)
        #expect(server.engine.sessionCount == 1 && server.engine.bufferedBytes == 4)
        sessions[1].end()
        #expect(server.engine.sessionCount == 0 && server.engine.bufferedBytes == 0)
    }

    /// Shares of what one server may have are larger while there are few clients.
    @Test func theLimitOfTheServerIsPassedByAsMuchAgainAtTheMost() throws {
        let server = EmbeddedServer { $0.limits.bufferedBytes = 1000 }
        for _ in 0..<30 {
            _ = try server.openPolling()
            let session = try #require(server.recorder.sessions.last)
            for _ in 0..<500 { session.send(message("xxx"), EngineSession.Terms(policy: .dropNewest)) }
        }
        let buffered = server.engine.bufferedBytes
        #expect(buffered > 1900 && buffered <= 2000)
    }

    @Test func aLargeMessageNeedsRoomThoughItsClientReads() throws {
        let server = EmbeddedServer { $0.session.bufferedBytes = 100_000 }
        let client = try server.connectWebSocket()
        let session = try #require(server.recorder.sessions.first)
        let large = String(repeating: "x", count: 200_000)
        #expect(!session.send(message(large), EngineSession.Terms(policy: .dropNewest)))
        // Nor in parts, which are one message.
        let part = String(repeating: "x", count: 60_000)
        #expect(!session.send(message("a", part, part), EngineSession.Terms(policy: .dropOldest)))
        session.send(message("b"), EngineSession.Terms(policy: .dropOldest))
        server.eventLoop.run()
        #expect(client.receivedFrames() == ["text 4b"])
        #expect(server.engine.metrics.drops(.newest) == 2 && server.recorder.lines == ["open"])
        session.send(text: large.utf8.count) { memory in
            memory.copyBytes(from: large.utf8)
            return large.utf8.count
        }
        #expect(!session.isOpen && server.engine.metrics.overflowedClients == 1)
    }

    @Test func whatTheConnectionHoldsOfALargeMessageIsCounted() throws {
        let server = EmbeddedServer { $0.session.bufferedBytes = 600_000 }
        let client = try server.connectWebSocket()
        let session = try #require(server.recorder.sessions.first)
        let part = String(repeating: "x", count: 100_000)
        // Full half-way: what is left waits, and is not dropped.
        #expect(session.send(message(part, part, part, part, part), EngineSession.Terms(policy: .dropOldest)))
        #expect(session.bufferedPackets == 2 && !session.isWritable)
        #expect(session.bufferedBytes > 500_000 && session.bufferedBytes == server.engine.bufferedBytes)
        #expect(!session.send(message(part), EngineSession.Terms(policy: .dropOldest)))
        server.eventLoop.run()
        #expect(client.receivedFrames().count == 5)
        #expect(session.bufferedBytes == 0 && server.engine.bufferedBytes == 0 && session.isWritable)
        #expect(server.recorder.lines == ["open", "drained"])
    }

    /// Full half-way: the rest of a small message waits, though there is no room for as much.
    @Test func whatIsLeftOfAMessageStays() throws {
        let server = EmbeddedServer { $0.session.bufferedBytes = 1000 }
        let client = try server.connectWebSocket()
        let session = try #require(server.recorder.sessions.first)
        let part = String(repeating: "x", count: 20_000)
        // As much as the connection takes in one turn.
        for _ in 0..<13 { session.send(EnginePacket(text: "4" + part)) }
        #expect(session.isWritable)
        #expect(session.sendThrough(message(part, part, part)))
        #expect(session.bufferedPackets == 1 && !session.isWritable)
        #expect(!session.send(message("a"), EngineSession.Terms(policy: .dropOldest)))
        server.eventLoop.run()
        #expect(client.receivedFrames().count == 16)
        #expect(server.recorder.lines == ["open", "drained"])
    }
}
