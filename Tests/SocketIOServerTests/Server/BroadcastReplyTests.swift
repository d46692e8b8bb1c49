import Synchronization
import Testing

@testable import SocketIOServer

/// Broadcasts that ask everybody for a reply.
@Suite(.serialized, .timeLimit(.minutes(2))) struct BroadcastReplyTests {
    private func ask(_ io: SocketServer, _ inbox: Inbox, timeout: Duration?) throws {
        try io.sockets.everyone.emit(
            "ask", "[1]", timeout: timeout,
            reply: { _, outcome in
                guard case .success(let reply) = consume outcome else { return }
                inbox.put("reply \(reply.args)")
            },
            completion: { outcome in
                inbox.put("\(outcome.silent.count) silent, \(outcome.failure.map { "\($0)" } ?? "all replied")")
            })
    }

    @Test func allReply() throws {
        try withServer { io, inbox in
            let clients = try (0..<3).map { _ in
                let client = try RawClient(io)
                try client.join()
                return client
            }
            try ask(io, inbox, timeout: nil)
            for client in clients {
                #expect(try client.receive() == #"420["ask",1]"#)
                try client.send("430[2]")
                #expect(inbox.next() == "reply [2]")
            }
            #expect(inbox.next() == "0 silent, all replied")
            #expect(io.counts.pendingAcks == 0)
        }
    }

    @Test func someAreTooSlow() throws {
        try withServer { io, inbox in
            let quick = try RawClient(io)
            try quick.join()
            let slow = try RawClient(io)
            try slow.join()
            try ask(io, inbox, timeout: .seconds(3))
            #expect(try quick.receive() == #"420["ask",1]"#)
            try quick.send("430[]")
            #expect(inbox.next() == "reply []")
            #expect(inbox.next() == "1 silent, timeout")
            // Too late is too late.
            #expect(try slow.receive() == #"420["ask",1]"#)
            try slow.send("430[]")
            #expect(io.counts.pendingAcks == 0)
        }
    }

    @Test func someLeave() throws {
        try withServer { io, inbox in
            let client = try RawClient(io)
            try client.join()
            try ask(io, inbox, timeout: nil)
            #expect(try client.receive() == #"420["ask",1]"#)
            client.hangUp()
            #expect(inbox.next() == "1 silent, disconnected")
        }
    }

    @Test func nobodyIsThere() throws {
        try withServer { io, inbox in
            try ask(io, inbox, timeout: nil)
            #expect(inbox.next() == "0 silent, all replied")
        }
    }

    @Test func whatIsWrongIsAnErrorAtOnce() throws {
        try withServer { io, inbox in
            #expect(throws: SocketError.self) {
                try io.sockets.everyone.emit("connect", reply: { _, _ in }, completion: { _ in inbox.put("never") })
            }
        }
    }

    @Test func tasksWait() async throws {
        // A task may have to wait for its turn until other tests are done.
        var options = ServerOptions()
        options.pingInterval = .seconds(3600)
        let io = try SocketServer(options)
        try io.listen(host: "127.0.0.1", port: 0)
        let client = try RawClient(io)
        let id = try client.join()
        async let replies = io.sockets.everyone.emitWithAck("ask", timeout: .seconds(100))
        #expect(try client.receive() == #"420["ask"]"#)
        try client.send("430[5]")
        let all = try await replies
        #expect(all.replies.map(\.args) == ["[5]"])
        #expect(all.outcome.failure == nil)
        let socket = try #require(io.sockets.socket(id))
        async let one = socket.emitWithAck("you", timeout: .seconds(100))
        #expect(try client.receive() == #"421["you"]"#)
        try client.send("431[6]")
        #expect(try await one.args == "[6]")
        await #expect(throws: AckFailure.timeout) { try await socket.emitWithAck("late", timeout: .milliseconds(20)) }
        io.close()
    }
}
