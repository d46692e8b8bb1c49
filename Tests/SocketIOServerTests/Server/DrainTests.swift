import Testing

@testable import SocketIOServer

/// A server's slow end.
@Suite(.serialized, .timeLimit(.minutes(2))) struct DrainTests {
    private static let handshake = "/socket.io/?EIO=4&transport=polling"

    private func withServer(_ threads: Int, _ body: (SocketServer, Inbox) throws -> Void) throws {
        var options = ServerOptions()
        options.readyPath = "/ready"
        let (server, inbox) = (try SocketServer(options, threads: threads), Inbox())
        server.onDisconnect { _, reason in inbox.put(reason) }
        server.onClose { inbox.put("closed") }
        try server.listen(host: "127.0.0.1", port: 0)
        defer {
            server.close()
            server.wait()
            #expect(server.counts == SocketServer.Counts())
            server.runtime.stop()
        }
        try body(server, inbox)
    }

    @Test func newSessionsAreRefusedAndOldOnesGoOn() throws {
        try withServer(1) { io, inbox in
            try io.on("x") { event in try? event.socket.emit("y", event.args) }
            let (client, checker) = (try RawClient(io), try RawClient(io))
            try client.join()
            let polling = try RawClient(io)
            let sid = try polling.openPolling()
            #expect(try checker.get("/ready") == "200 ready\n")
            io.drain(over: .seconds(1000))
            io.drain(over: .zero)
            #expect(try checker.get("/ready?x") == "503 draining\n")
            #expect(
                try checker.get(Self.handshake)
                    == #"503 {"code":4,"message":"The server is about to end, and opens no more sessions."}"#)
            try client.send(#"42["x",1]"#)
            #expect(try client.receive() == #"42["y",1]"#)
            #expect(try polling.post(sid, "40") == "200 ok")
            #expect(try polling.poll(sid).hasPrefix("200 40{"))
            #expect(inbox.isEmpty)
            // What closes ends the drain.
            io.close()
            #expect(inbox.next(3).sorted() == ["closed", "server shutting down", "server shutting down"])
        }
    }

    @Test(arguments: [1, 2])
    func sessionsEndOneAfterTheOtherBehindWhatWasSent(threads: Int) throws {
        try withServer(threads) { io, inbox in
            let clients = try (0..<5).map { _ in try RawClient(io) }
            for client in clients { try client.join() }
            let start = ContinuousClock.now
            try io.emit("last")
            io.drain(over: .milliseconds(400))
            for client in clients {
                #expect(try client.receive() == #"42["last"]"#)
                #expect(try client.receive().hasPrefix("close"))
                try client.sendClose()
            }
            #expect(inbox.next(5) == Array(repeating: "server shutting down", count: 5))
            #expect(inbox.next() == "closed")
            // The loops count whole milliseconds.
            #expect(ContinuousClock.now - start >= .milliseconds(399))
        }
    }

    @Test func aServerThatDoesNotListenIsClosedAtOnce() throws {
        let server = try SocketServer()
        server.drain(over: .seconds(1000))
        #expect(server.isClosed)
    }

    @Test func pathsThatAreNotTheServersOwnAreRefused() {
        for path in ["ready", "/a?b", "/a b", "/socket.io/ready", ""] {
            var options = ServerOptions()
            options.readyPath = path
            #expect(throws: SocketError.self) { try SocketServer(options) }
        }
    }
}
