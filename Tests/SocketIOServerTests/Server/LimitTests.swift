import SocketIOTransport
import Testing

@testable import SocketIOServer

/// Each limit is reached, and says so.
@Suite(.serialized, .timeLimit(.minutes(2))) struct LimitTests {
    private func options(_ change: (inout ServerOptions) -> Void) -> ServerOptions {
        var options = ServerOptions()
        change(&options)
        return options
    }

    /// A server whose warnings are in the inbox.
    private func withServer(
        _ options: ServerOptions, threads: Int = 1, _ body: (SocketServer, Inbox) throws -> Void
    ) throws {
        let (logger, inbox) = (LogSink(), Inbox())
        logger.set(.warning) { _, line in inbox.put(line) }
        let server = try SocketServer(options, runtime: EngineRuntime(threads: threads), logger: logger)
        try server.listen(host: "127.0.0.1", port: 0)
        defer {
            server.close()
            server.wait()
            #expect(server.counts == SocketServer.Counts())
            server.runtime.stop()
        }
        try body(server, inbox)
    }

    /// A new connection that gets a response; false if it is closed.
    private func isServed(_ server: SocketServer) -> RawClient? {
        guard let client = try? RawClient(server), (try? client.openPolling()) != nil else { return nil }
        return client
    }

    @Test func connections() throws {
        try withServer(options { $0.maxConnections = 2 }) { io, inbox in
            let clients = (try #require(isServed(io)), try #require(isServed(io)))
            #expect(isServed(io) == nil)
            #expect(
                inbox.next().hasSuffix("is closed: there are 2 already, which is the limit: raise max_connections."))
            clients.0.hangUp()
            while io.counts.connections > 1 {}
            #expect(isServed(io) != nil)
        }
    }

    @Test func connectionsOfAnAddress() throws {
        try withServer(options { $0.maxConnectionsPerAddress = 1 }) { io, inbox in
            // A connection that becomes a WebSocket counts on.
            let client = try RawClient(io)
            try client.join()
            #expect(isServed(io) == nil)
            #expect(inbox.next().contains("127.0.0.1 is closed: the address has 1 already, which is the limit"))
            client.hangUp()
            while io.counts.connections > 0 {}
            #expect(isServed(io) != nil)
        }
        let options = options {
            $0.maxConnectionsPerAddress = 1
            $0.trustedProxies = ["127.0.0.0/8"]
        }
        try withServer(options) { io, _ in
            let clients = (isServed(io), isServed(io))
            #expect(clients.0 != nil && clients.1 != nil)
        }
    }

    /// Connections go round: the second is on another loop than the session, and moves there.
    @Test func aConnectionThatMovesToAnotherLoopCountsOn() throws {
        try withServer(options { $0.maxConnectionsPerAddress = 2 }, threads: 2) { io, inbox in
            let (polling, webSocket) = (try RawClient(io), try RawClient(io))
            let sid = try polling.openPolling()
            try webSocket.upgrade(sid, with: ["2probe"])
            #expect(try webSocket.receive() == "3probe")
            while io.counts.connections > 2 {}
            #expect(isServed(io) == nil)
            #expect(inbox.next().contains("the address has 2 already"))
        }
    }

    @Test func handshakes() throws {
        try withServer(options { $0.maxHandshakesPerSecond = 1 }) { io, inbox in
            let client = try RawClient(io)
            let sid = try client.openPolling()
            let open = "/socket.io/?EIO=4&transport=polling"
            let sentence = "The server opens 1 sessions a second at the most."
            // The next one, if it comes within a second.
            var answer = "200 "
            for _ in 0..<100 where answer.hasPrefix("200 ") { answer = try client.get(open) }
            #expect(answer == #"503 {"code":4,"message":"\#(sentence)"}"#)
            #expect(inbox.next() == "A handshake from 127.0.0.1 is put off. \(sentence)")
            answer = "101"
            for _ in 0..<100 where answer == "101" {
                let other = try RawClient(io)
                try other.write(RawClient.upgradeRequest(nil))
                answer = try other.response()
            }
            #expect(answer.hasPrefix("503 "))
            // What belongs to a session goes on.
            #expect(try client.post(sid, "40") == "200 ok")
            #expect(try client.poll(sid).hasPrefix("200 40{"))
        }
    }

    @Test func namespacesOfAConnection() throws {
        try withServer(options { $0.maxNamespacesPerConnection = 2 }) { io, inbox in
            for name in ["/a", "/b"] { _ = try io.of(name) }
            let client = try RawClient(io)
            try client.join()
            try client.joinAnother("/a")
            try client.send("40/b,")
            #expect(try client.receive() == #"44/b,{"message":"Too many namespaces"}"#)
            #expect(inbox.next().contains("asked for /b, and is in 2 namespaces already"))
            try client.send("41/a,")
            try client.joinAnother("/b")
        }
    }

    @Test func roomsOfASocket() throws {
        try withServer(options { $0.maxRoomsPerSocket = 2 }) { io, inbox in
            io.onConnection { socket in
                for room in ["one", "two", "two", "three"] {
                    do throws(SocketError) {
                        try socket.join(room)
                    } catch {
                        inbox.put("\(room): \(error)")
                    }
                }
                try? socket.leave("one")
                inbox.put((try? socket.join("three")) == nil ? "full" : "joined")
            }
            let first = try RawClient(io)
            try first.join()
            #expect(
                inbox.next()
                    == "three: The socket is in 2 rooms already, which is the limit: leave some, or raise "
                    + "max_rooms_per_socket.")
            #expect(inbox.next() == "joined")
            // Of many, those that may join have.
            let second = try RawClient(io)
            try second.join()
            #expect(inbox.next().hasPrefix("three: "))
            #expect(inbox.next() == "joined")
            let one = try #require(io.sockets.everyone.fetchSockets().last)
            try one.leave("two")
            #expect(throws: SocketError.self) { try io.sockets.everyone.socketsJoin("four") }
            #expect(io.sockets.to("four").fetchSockets() == [one])
            try first.send("41")
            try second.send("41")
        }
    }

    @Test func awaitedReplies() throws {
        try withServer(options { $0.maxPendingAcks = 1 }) { io, inbox in
            io.onConnection { socket in
                for name in ["first", "second"] {
                    try? socket.emit(name) { _, outcome in
                        switch consume outcome {
                        case .success(let reply): inbox.put("\(name) \(reply.args)")
                        case .failure(let failure): inbox.put("\(name) \(failure)")
                        }
                    }
                }
            }
            let client = try RawClient(io)
            try client.join()
            #expect(inbox.next().contains("asks for a reply, and 1 are awaited from it already"))
            #expect(inbox.next() == "second limit")
            let packet = try client.receive()
            #expect(packet.hasSuffix(#"["first"]"#))
            try client.send("43\(packet.dropFirst(2).prefix { $0.isNumber })[7]")
            #expect(inbox.next() == "first [7]")
        }
    }

    @Test func headersOfARequest() throws {
        let options = options {
            $0.maxHeaders = 3
            $0.maxHeaderBytes = 200
        }
        try withServer(options) { io, inbox in
            let head = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n"
            let client = try RawClient(io)
            try client.write((head + "A: 1\r\nB: 2\r\n\r\n").utf8)
            #expect(try client.response().hasPrefix("200 "))
            for fields in ["A: 1\r\nB: 2\r\nC: 3\r\n\r\n", "A: \(String(repeating: "a", count: 200))\r\n\r\n"] {
                let client = try RawClient(io)
                try client.write((head + fields).utf8)
                #expect(try client.response() == "431 Request Header Fields Too Large")
                #expect(inbox.next().hasSuffix("is refused: its header fields are too large, or too many."))
            }
        }
        #expect(throws: SocketError.self) { try SocketServer(self.options { $0.maxHeaderBytes = 65_001 }) }
    }

    @Test func depthOfJSON() throws {
        try withServer(options { $0.maxJSONDepth = 3 }) { io, inbox in
            try io.on("x") { event in inbox.put(event.args) }
            let client = try RawClient(io)
            try client.join()
            try client.send(#"42["x",[[1]]]"#)
            #expect(inbox.next() == "[[[1]]]")
            try client.send(#"42["x",[[[1]]]]"#)
            #expect(inbox.next().contains("sent a packet that is not one: "))
        }
    }

    @Test func timeOfARequest() throws {
        try withServer(options { $0.requestTimeout = .milliseconds(1500) }) { io, _ in
            let silent = try RawClient(io)
            #expect(try silent.receive() == "end")
            let request = "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nContent-Length: 9\r\n\r\n1"
            // One that has begun in time is told; one that is slower than that is not.
            for _ in 0..<10 {
                let slow = try RawClient(io)
                guard (try? slow.write(request.utf8)) != nil, (try? slow.response()) != nil else { continue }
                #expect(try slow.receive() == "end")
                return
            }
            Issue.record("No request was told that it takes too long.")
        }
    }
}
