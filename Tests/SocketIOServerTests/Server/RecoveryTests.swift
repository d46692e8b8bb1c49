import Glibc
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
            // It left in order: another one begins anew.
            try back.send("41")
            #expect(inbox.next() == "client namespace disconnect")
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

    /// Networks break without a word: the client notices first.
    @Test(arguments: [1, 2]) func aClientComesBackBeforeItIsMissed(threads: Int) throws {
        try withServer(options(), threads: threads) { io, inbox in
            io.onDisconnect { _, reason in inbox.put(reason) }
            let old = try RawClient(io)
            let (sid, pid) = try join(old)
            try io.emit("seen")
            let last = try offset(old.receive())
            try io.emit("lost")
            let back = try RawClient(io)
            try back.open()
            try back.send(#"40{"pid":"\#(pid)","offset":"\#(last)"}"#)
            #expect(inbox.next() == "transport close")
            #expect(try back.receive().hasPrefix(#"42["lost",""#))
            #expect(try ids(back.receive()) == (sid, pid))
            #expect(io.sockets.count == 1)
            // To ask for what one has is to ask twice.
            try back.send(#"40{"pid":"\#(pid)"}"#)
            #expect(try back.receive() == "close")
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

    /// Sessions are kept on the loop of a socket, and come back on another.
    @Test func aRefusedSessionIsKeptOnAnyLoop() throws {
        try withServer(options { $0.maxDisconnectionDuration = .seconds(60) }, threads: 2) { io, inbox in
            let refuses = Mutex(false)
            io.use { request in
                let refuses = refuses.withLock { $0 }
                try? refuses ? request.reject("no") : request.accept()
            }
            io.onConnection { socket in
                inbox.put("\(socket.recovered) \(socket.data as? String ?? "none")")
                socket.data = "mine"
            }
            io.onDisconnect { _, _ in inbox.put("left") }
            for _ in 0..<4 {
                refuses.withLock { $0 = false }
                let client = try RawClient(io)
                let (sid, pid) = try join(client)
                #expect(inbox.next() == "false none")
                client.hangUp()
                #expect(inbox.next() == "left")
                refuses.withLock { $0 = true }
                for _ in 0..<3 {
                    let refused = try RawClient(io)
                    try refused.open()
                    try refused.send(#"40{"pid":"\#(pid)"}"#)
                    #expect(try refused.receive() == #"44{"message":"no"}"#)
                }
                refuses.withLock { $0 = false }
                let back = try RawClient(io)
                #expect(try join(back, #"{"pid":"\#(pid)"}"#) == (sid, pid))
                #expect(inbox.next() == "true mine")
                try back.send("41")
                #expect(inbox.next() == "left")
            }
        }
    }

    @Test func handlersMayEmitFromEverywhere() throws {
        try withServer(options()) { io, inbox in
            io.sockets.onRoom { event in
                inbox.put(event.change.name)
                try? io.emit("room", "[]")
            }
            io.onDisconnect { _, _ in inbox.put("left") }
            let client = try RawClient(io)
            let (sid, pid) = try join(client)
            #expect(inbox.next(2) == ["create-room", "join-room"])
            let last = try [client.receive(), client.receive()].map { try offset($0) }[1]
            client.hangUp()
            #expect(inbox.next(3) == ["leave-room", "delete-room", "left"])
            let back = try RawClient(io)
            try back.open()
            try back.send(#"40{"pid":"\#(pid)","offset":"\#(last)"}"#)
            #expect(try back.receive().hasPrefix(#"42["room",""#))
            #expect(try back.receive().hasPrefix(#"42["room",""#))
            #expect(try ids(back.receive()) == (sid, pid))
        }
    }

    /// What a middleware emits is sent once, and not kept.
    @Test func whoIsNotInYetGetsEventsOnce() throws {
        try withServer(options()) { io, inbox in
            io.use { request in
                try? request.socket.emit("welcome")
                try? request.accept()
            }
            io.onDisconnect { _, _ in inbox.put("left") }
            let client = try RawClient(io)
            try client.open()
            try client.send("40")
            #expect(try client.receive() == #"42["welcome"]"#)
            let (sid, pid) = try ids(client.receive())
            client.hangUp()
            #expect(inbox.next() == "left")
            let back = try RawClient(io)
            try back.open()
            try back.send(#"40{"pid":"\#(pid)"}"#)
            #expect(try back.receive() == #"42["welcome"]"#)
            #expect(try ids(back.receive()) == (sid, pid))
            try io.emit("next")
            #expect(try back.receive().hasPrefix(#"42["next",""#))
        }
    }

    @Test func offsetsOfOtherSessionsAndNoneAskForNoMore() throws {
        try withServer(options()) { io, inbox in
            io.onConnection { inbox.put("\($0.recovered)") }
            io.onDisconnect { _, _ in inbox.put("left") }
            let first = try RawClient(io)
            _ = try join(first)
            #expect(inbox.next() == "false")
            try io.emit("old")
            let old = try offset(first.receive())
            try io.emit("older than the second")
            let client = try RawClient(io)
            let (sid, pid) = try join(client)
            _ = inbox.next()
            client.hangUp()
            #expect(inbox.next() == "left")
            let back = try RawClient(io)
            try back.open()
            try back.send(#"40{"pid":"\#(pid)","offset":"\#(old)"}"#)
            #expect(try ids(back.receive()) == (sid, pid))
            #expect(inbox.next() == "true")
            back.hangUp()
            #expect(inbox.next() == "left")
            let odd = try RawClient(io)
            #expect(try join(odd, #"{"pid":"\#(pid)","offset":"a\"b"}"#).sid != sid)
        }
    }

    /// More than may wait for a client is never sent, and the client begins anew.
    @Test func tooMuchIsNotReplayed() throws {
        var options = options()
        options.maxBufferedBytes = 10_000
        try withServer(options) { io, inbox in
            io.onConnection { inbox.put("joined \($0.recovered)") }
            io.onDisconnect { _, _ in inbox.put("left") }
            let client = try RawClient(io)
            let (_, pid) = try join(client)
            #expect(inbox.next() == "joined false")
            client.hangUp()
            #expect(inbox.next() == "left")
            let large = String(repeating: "a", count: 6000)
            for _ in 0..<2 { try io.emit("large", "[\"\(large)\"]") }
            let back = try RawClient(io)
            try back.open()
            try back.send(#"40{"pid":"\#(pid)"}"#)
            #expect(try back.receive() == "close")
            let again = try RawClient(io)
            _ = try join(again, #"{"pid":"\#(pid)"}"#)
            #expect(inbox.next() == "joined false")
        }
    }

    /// A namespace that its last client has left unwillingly is there when it comes back.
    @Test func emptyChildrenWaitForThoseThatAreAway() throws {
        var options = options { $0.maxDisconnectionDuration = .seconds(4) }
        options.cleanupEmptyChildNamespaces = true
        try withServer(options) { io, inbox in
            let rooms = try io.of(matching: "/room-*")
            rooms.onDisconnect { _, _ in inbox.put("left") }
            let client = try RawClient(io)
            try client.open()
            try client.send("40/room-1,")
            let (sid, pid) = try ids(client.receive())
            client.hangUp()
            #expect(inbox.next() == "left")
            let back = try RawClient(io)
            try back.open()
            try back.send(#"40/room-1,{"pid":"\#(pid)"}"#)
            #expect(try ids(back.receive()) == (sid, pid))
            back.hangUp()
            #expect(inbox.next() == "left")
            #expect(rooms.children.count == 1)
            wait { rooms.children.isEmpty }
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

    /// The namespaces that keep most make room, and not one that keeps little.
    @Test func bytesAreLimitedForTheServer() throws {
        try withServer(options { $0.maxBytes = 10_000 }) { io, inbox in
            var privateIDs: [String: String] = [:]
            let budget = io.namespaces.recoveryBudget
            for name in ["/quiet", "/busy", "/busier"] {
                try io.of(name).onDisconnect { _, _ in inbox.put("left") }
                let client = try RawClient(io)
                try client.open()
                try client.send("40\(name),")
                privateIDs[name] = try ids(client.receive()).pid
                client.hangUp()
                #expect(inbox.next() == "left")
                // The session is kept behind the handlers.
                wait { budget.sessionCount == privateIDs.count }
            }
            try io.of("/quiet").emit("kept")
            for round in 0..<200 {
                try io.of("/busy").emit("many")
                try io.of("/busier").emit("many", "[\(round),\(round)]")
                #expect(budget.byteCount <= 10_000)
            }
            #expect(budget.byteCount > 8_000)
            let kept = try privateIDs.keys.map { try io.of($0).recovery?.keptBytes ?? 0 }
            #expect(budget.byteCount == kept.reduce(0, +))
            for (name, answer) in [("/quiet", #"42/quiet,["kept",""#), ("/busy", #"40/busy,{"sid":""#)] {
                let back = try RawClient(io)
                try back.open()
                try back.send(#"40\#(name),{"pid":"\#(privateIDs[name] ?? "")"}"#)
                let came = try back.receive()
                #expect(came.hasPrefix(answer))
            }
        }
    }

    @Test func aNamespaceThatEndsKeepsNothing() throws {
        var options = options { $0.maxDisconnectionDuration = .milliseconds(50) }
        options.cleanupEmptyChildNamespaces = true
        try withServer(options) { io, inbox in
            let rooms = try io.of(matching: "/room-*")
            rooms.onConnection { try? $0.emit("kept") }
            rooms.onDisconnect { _, _ in inbox.put("left") }
            let client = try RawClient(io)
            try client.open()
            try client.send("40/room-1,")
            _ = try client.receive()
            #expect(try client.receive().hasPrefix(#"42/room-1,["kept",""#))
            #expect(io.namespaces.recoveryBudget.byteCount > 0)
            client.hangUp()
            #expect(inbox.next() == "left")
            wait { io.namespaces.recoveryBudget.byteCount == 0 }
        }
    }

    /// The application's data: says when they are let go of.
    private final class Token: Sendable {
        let inbox: Inbox
        let name: String
        init(_ inbox: Inbox, _ name: String = "released") {
            self.inbox = inbox
            self.name = name
        }
        deinit { inbox.put(name) }
    }

    @Test func sessionsAreBoundedForAllNamespacesTogether() throws {
        try withServer(options { $0.maxSessions = 2 }) { io, inbox in
            let rooms = try io.of(matching: "/room-*")
            rooms.onConnection { $0.data = Token(inbox) }
            let client = try RawClient(io)
            try client.open()
            for number in 1...3 {
                try client.send("40/room-\(number),")
                _ = try client.receive()
            }
            client.hangUp()
            #expect(inbox.next() == "released")
            wait { io.namespaces.recoveryBudget.sessionCount == 2 }
        }
    }

    @Test func roomsOfThoseWhoAreAwayAreBounded() throws {
        try withServer(options { $0.maxBytes = 100_000 }) { io, inbox in
            io.onConnection { socket in
                socket.data = Token(inbox, "released \(socket.id)")
                try? socket.join("few")
            }
            try io.on("join") { message in
                for number in 0..<2_000 { try? message.socket.join("room number \(number)") }
                try? message.socket.emit("joined")
            }
            let modest = try RawClient(io)
            let (sid, pid) = try join(modest)
            modest.hangUp()
            let greedy = try RawClient(io)
            let other = try join(greedy)
            try greedy.send(#"42["join"]"#)
            #expect(try greedy.receive().hasPrefix(#"42["joined""#))
            greedy.hangUp()
            #expect(inbox.next() == "released \(other.sid)")
            let back = try RawClient(io)
            #expect(try join(back, #"{"pid":"\#(pid)"}"#).sid == sid)
        }
    }

    @Test func namespacesOfThoseWhoAreAwayMakeRoom() throws {
        var options = options()
        options.maxChildNamespaces = 1
        try withServer(options) { io, inbox in
            let rooms = try io.of(matching: "/room-*")
            rooms.onConnection { $0.data = Token(inbox) }
            let client = try RawClient(io)
            try client.open()
            try client.send("40/room-1,")
            _ = try client.receive()
            client.hangUp()
            wait { io.namespaces.recoveryBudget.sessionCount == 1 }
            let next = try RawClient(io)
            try next.open()
            try next.send("40/room-2,")
            #expect(try next.receive().hasPrefix("40/room-2,"))
            #expect(inbox.next() == "released")
            // One that is here makes no room.
            let third = try RawClient(io)
            try third.open()
            try third.send("40/room-3,")
            #expect(try third.receive().hasPrefix("44/room-3,"))
        }
    }

    @Test func sessionsAreForgotten() throws {
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
