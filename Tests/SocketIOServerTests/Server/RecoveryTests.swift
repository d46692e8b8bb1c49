import Synchronization
import Testing

@testable import SocketIOServer

/// Clients that come back after their connection broke.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RecoveryTests {
    private func options(_ change: (inout ConnectionStateRecovery) -> Void = { _ in }) -> ServerOptions {
        var options = ServerOptions()
        var recovery = ConnectionStateRecovery()
        change(&recovery)
        options.connectionStateRecovery = recovery
        return options
    }

    /// The ids in `40{"sid":"...","pid":"..."}`.
    private func ids(_ packet: String) throws -> (sid: String, pid: String) {
        let parts = packet.split(separator: "\"")
        try #require(parts.count == 9 && parts[1] == "sid" && parts[5] == "pid", "\(packet)")
        return (String(parts[3]), String(parts[7]))
    }

    /// The last argument of a packet.
    private func offset(_ packet: String) throws -> String {
        try String(#require(packet.split(separator: "\"").dropLast().last))
    }

    private func join(_ client: RawClient, _ auth: String = "") throws -> (sid: String, pid: String) {
        try client.open()
        try client.send("40\(auth)")
        return try ids(client.receive())
    }

    @Test func aClientGoesOnWhereItWas() throws {
        try withServer(options()) { io, inbox in
            io.onConnection { socket in
                inbox.put("\(socket.recovered) \(socket.data as? String ?? "none")")
                socket.data = "mine"
                if !socket.recovered { try? socket.join("red") }
            }
            io.onDisconnect { _, reason in inbox.put(reason) }
            let client = try RawClient(io)
            let (sid, pid) = try join(client)
            #expect(inbox.next() == "false none")
            try io.emit("hi", "[1]")
            let last = try offset(client.receive())
            client.hangUp()
            #expect(inbox.next() == "transport close")
            try io.emit("all")
            try io.to("red").emit("red", "[2]")
            try io.to("blue").emit("blue")
            try io.except("red").emit("others")
            try io.to(sid).emit("you", "[\"a\"]")
            let back = try RawClient(io)
            try back.open()
            try back.send(#"40{"pid":"\#(pid)","offset":"\#(last)"}"#)
            #expect(try back.receive().hasPrefix(#"42["all",""#))
            #expect(try back.receive().hasPrefix(#"42["red",2,""#))
            #expect(try back.receive().hasPrefix(#"42["you","a",""#))
            #expect(try ids(back.receive()) == (sid, pid))
            #expect(inbox.next() == "true mine")
            try io.to("red").emit("again")
            #expect(try back.receive().hasPrefix(#"42["again",""#))
            // It was taken: another one begins anew.
            let third = try RawClient(io)
            let other = try join(third, #"{"pid":"\#(pid)","offset":"\#(last)"}"#)
            #expect(other.sid != sid && other.pid != pid)
            #expect(inbox.next() == "false none")
        }
    }

    @Test func aClientThatHasSeenNothingComesBack() throws {
        try withServer(options()) { io, inbox in
            io.onDisconnect { _, _ in inbox.put("left") }
            let client = try RawClient(io)
            let (sid, pid) = try join(client)
            client.hangUp()
            #expect(inbox.next() == "left")
            try io.emit("first")
            let back = try RawClient(io)
            try back.open()
            try back.send(#"40{"pid":"\#(pid)"}"#)
            #expect(try back.receive().hasPrefix(#"42["first",""#))
            #expect(try ids(back.receive()) == (sid, pid))
        }
    }

    @Test func whatCannotBeMissedHasNoOffset() throws {
        try withServer(options()) { io, inbox in
            io.onConnection { socket in
                try? socket.emit("kept", "[1]")
                try? socket.emit("volatile", "[1]", volatile: true)
                try? socket.emit("asks", "[1]") { _, _ in }
                try? socket.emit("last")
            }
            try io.on("x") { try? $0.ack?.reply("[5]") }
            let client = try RawClient(io)
            _ = try join(client)
            // In the order of the calls.
            #expect(try client.receive().hasPrefix(#"42["kept",1,""#))
            #expect(try client.receive() == #"42["volatile",1]"#)
            #expect(try client.receive() == #"420["asks",1]"#)
            #expect(try client.receive().hasPrefix(#"42["last",""#))
            try client.send(#"421["x"]"#)
            #expect(try client.receive() == "431[5]")
        }
    }

    @Test func whoLeftInOrderDoesNotComeBack() throws {
        try withServer(options()) { io, inbox in
            io.onDisconnect { _, _ in inbox.put("left") }
            io.onConnection { inbox.put("\($0.recoveryOutcome)") }
            let client = try RawClient(io)
            let (sid, pid) = try join(client)
            #expect(inbox.next() == "fresh")
            try client.send("41")
            #expect(inbox.next() == "left")
            try client.send(#"40{"pid":"\#(pid)"}"#)
            #expect(try ids(client.receive()).sid != sid)
            #expect(inbox.next().contains("There is no session with its private id"))
        }
    }

    @Test func aMiddlewareIsAskedAgain() throws {
        for skips in [false, true] {
            try withServer(options { $0.skipMiddlewares = skips }) { io, inbox in
                let refuses = Mutex(false)
                io.use { request in
                    inbox.put("asked \(request.socket.recovered)")
                    let refuses = refuses.withLock { $0 }
                    try? refuses ? request.reject("no") : request.accept()
                }
                io.onDisconnect { _, _ in inbox.put("left") }
                let client = try RawClient(io)
                let (sid, pid) = try join(client)
                #expect(inbox.next() == "asked false")
                client.hangUp()
                #expect(inbox.next() == "left")
                let back = try RawClient(io)
                try back.open()
                if !skips {
                    refuses.withLock { $0 = true }
                    try back.send(#"40{"pid":"\#(pid)"}"#)
                    #expect(inbox.next() == "asked true")
                    #expect(try back.receive() == #"44{"message":"no"}"#)
                    refuses.withLock { $0 = false }
                }
                // Refused is not lost.
                try back.send(#"40{"pid":"\#(pid)"}"#)
                if !skips { #expect(inbox.next() == "asked true") }
                #expect(try ids(back.receive()) == (sid, pid))
            }
        }
    }

    @Test func whatIsGoneIsToldWhy() throws {
        try withServer(options { $0.maxBytes = 100 }) { io, inbox in
            io.onDisconnect { _, _ in inbox.put("left") }
            io.onConnection { inbox.put("\($0.recoveryOutcome)") }
            let client = try RawClient(io)
            let (_, pid) = try join(client)
            #expect(inbox.next() == "fresh")
            client.hangUp()
            #expect(inbox.next() == "left")
            for _ in 0..<10 { try io.emit("many") }
            let back = try RawClient(io)
            _ = try join(back, #"{"pid":"\#(pid)"}"#)
            #expect(inbox.next().contains("Events that it missed are gone"))
        }
    }

    @Test func sessionsAreForgotten() throws {
        final class Token: Sendable {
            let inbox: Inbox
            init(_ inbox: Inbox) { self.inbox = inbox }
            deinit { inbox.put("released") }
        }
        try withServer(options { $0.maxDisconnectionDuration = .milliseconds(50) }) { io, inbox in
            io.onConnection { $0.data = Token(inbox) }
            let client = try RawClient(io)
            _ = try join(client)
            client.hangUp()
            #expect(inbox.next() == "released")
        }
        try withServer(options { $0.maxSessions = 1 }) { io, inbox in
            io.onConnection { $0.data = Token(inbox) }
            for _ in 0..<2 {
                let client = try RawClient(io)
                _ = try join(client)
                client.hangUp()
            }
            #expect(inbox.next() == "released")
        }
    }
}
