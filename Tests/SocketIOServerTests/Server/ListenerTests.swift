import Synchronization
import Testing

@testable import SocketIOServer

/// Handlers that come and go, and what can be listened to besides events.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ListenerTests {
    @Test func handlersAreCalledOnceFirstOrNoMore() throws {
        try withServer { io, inbox in
            let registration = try io.on("x") { _ in inbox.put("on") }
            try io.once("x") { _ in inbox.put("once") }
            try io.on("x", options: .first) { _ in inbox.put("first") }
            io.onAny(options: .once) { _ in inbox.put("any") }
            #expect(io.sockets.eventNames == ["x"])
            #expect(io.sockets.listenerCount("x") == 3)
            let client = try RawClient(io)
            try client.join()
            try client.send(#"42["x"]"#, #"42["x"]"#)
            #expect((0..<6).map { _ in inbox.next() } == ["any", "first", "on", "once", "first", "on"])
            #expect(io.off(registration))
            #expect(!io.off(registration))
            try client.send(#"42["x"]"#, #"42["y"]"#)
            #expect(inbox.next() == "first")
            io.sockets.removeAllListeners("x")
            #expect(io.sockets.eventNames.isEmpty)
            try io.on("z") { _ in inbox.put("z") }
            try client.send(#"42["x"]"#, #"42["z"]"#)
            #expect(inbox.next() == "z")
        }
    }

    @Test func aSocketHasItsOwn() throws {
        try withServer { io, inbox in
            io.onConnection { socket in
                _ = try? socket.once("x") { _ in inbox.put("once") }
                let gone = try? socket.on("x") { _ in inbox.put("never") }
                if let gone { socket.off(gone) }
                inbox.put("\(socket.eventNames) \(socket.listenerCount("x"))")
            }
            try io.on("end") { _ in inbox.put("end") }
            let client = try RawClient(io)
            try client.join()
            #expect(inbox.next() == #"["x"] 1"#)
            try client.send(#"42["x"]"#, #"42["x"]"#, #"42["end"]"#)
            #expect(inbox.next() == "once")
            #expect(inbox.next() == "end")
        }
    }

    @Test func whatGoesOutIsSeen() throws {
        try withServer { io, inbox in
            io.onConnection { socket in
                _ = try? socket.onAnyOutgoing { inbox.put("socket: \($0.name) \($0.args)") }
                try? socket.emit("hi", #"[1,"a"]"#)
                try? io.emit("all", "")
            }
            io.sockets.onAnyOutgoing { inbox.put("namespace: \($0.name) \($0.args) \($0.attachments.count)") }
            let client = try RawClient(io)
            try client.join()
            #expect(inbox.next() == #"socket: hi [1,"a"]"#)
            #expect(inbox.next() == #"namespace: hi [1,"a"] 0"#)
            #expect(inbox.next() == "socket: all []")
            #expect(inbox.next() == "namespace: all [] 0")
            #expect(try client.receive() == #"42["hi",1,"a"]"#)
            #expect(try client.receive() == #"42["all"]"#)
        }
    }

    @Test func whatGoesOutIsSeenOnce() throws {
        try withServer { io, inbox in
            io.sockets.onAnyOutgoing(options: .once) { inbox.put("namespace: \($0.name)") }
            io.onConnection { socket in
                _ = try? socket.onAnyOutgoing(options: .once) { inbox.put("socket: \($0.name)") }
                for name in ["a", "b"] { try? socket.emit(name) }
                inbox.put("end")
            }
            let client = try RawClient(io)
            try client.join()
            #expect(inbox.next(3) == ["socket: a", "namespace: a", "end"])
        }
    }

    @Test func aSocketThatLeavesIsInItsRoomsStill() throws {
        try withServer { io, inbox in
            io.onConnection { socket in
                try? socket.join("red")
                _ = try? socket.onDisconnecting { socket, reason in
                    inbox.put("\(reason): \(socket.rooms.contains("red")) \(socket.isConnected)")
                    // What leaves anyway cannot be disturbed.
                    try? socket.disconnect(close: true)
                }
            }
            io.sockets.onDisconnecting { socket, _ in inbox.put("namespace: \(socket.rooms.count)") }
            io.onDisconnect { socket, _ in inbox.put("gone: \(socket.rooms.count)") }
            let client = try RawClient(io)
            try client.join()
            try client.send("41")
            #expect(inbox.next() == "client namespace disconnect: true true")
            #expect(inbox.next() == "namespace: 2")
            #expect(inbox.next() == "gone: 0")
        }
    }

    @Test func roomsAreSeen() throws {
        try withServer { io, inbox in
            io.sockets.onRoom { event in
                guard event.room != event.socket.id else { return inbox.put("\(event.change.name) own") }
                inbox.put("\(event.change.name) \(event.room)")
            }
            io.onConnection { socket in try? socket.join("red") }
            let one = try RawClient(io)
            try one.join()
            #expect(
                (0..<4).map { _ in inbox.next() } == [
                    "create-room own", "join-room own", "create-room red", "join-room red",
                ])
            let two = try RawClient(io)
            try two.join()
            #expect((0..<3).map { _ in inbox.next() } == ["create-room own", "join-room own", "join-room red"])
            try one.send("41")
            #expect((0..<3).map { _ in inbox.next() } == ["leave-room own", "delete-room own", "leave-room red"])
            io.sockets.closeRoom("red")
            #expect((0..<2).map { _ in inbox.next() } == ["leave-room red", "delete-room red"])
            try io.sockets.everyone.socketsJoin("blue")
            #expect((0..<2).map { _ in inbox.next() } == ["create-room blue", "join-room blue"])
            io.sockets.everyone.socketsLeave("blue")
            #expect((0..<2).map { _ in inbox.next() } == ["leave-room blue", "delete-room blue"])
        }
    }

    @Test func aPacketMiddlewareDecides() throws {
        try withServer { io, inbox in
            io.onConnection { socket in
                try? socket.use { request in
                    inbox.put("first: \(request.name)")
                    try? request.accept()
                }
                try? socket.use { request in
                    guard request.name == "bad" else {
                        #expect(throws: Never.self) { try request.accept() }
                        return
                    }
                    try? request.reject(PacketRefusal("no", data: #"{"why":1}"#))
                }
                _ = try? socket.onError { _, refusal in inbox.put("error: \(refusal.message) \(refusal.data ?? "")") }
            }
            try io.on("good") { event in
                inbox.put("good \(event.args) \(event.attachments)")
                try? event.ack?.reply("[2]")
            }
            let client = try RawClient(io)
            try client.join()
            try client.send(#"427["good",1]"#)
            #expect(inbox.next() == "first: good")
            #expect(inbox.next() == "good [1] []")
            #expect(try client.receive() == "437[2]")
            try client.send(#"42["bad"]"#)
            #expect(inbox.next() == "first: bad")
            #expect(inbox.next() == #"error: no {"why":1}"#)
        }
    }

    /// What is taken back is let go of, though no event comes.
    @Test func handlersAreLetGoOf() throws {
        final class Token: Sendable {
            let inbox: Inbox
            init(_ inbox: Inbox) { self.inbox = inbox }
            deinit { inbox.put("released") }
        }
        try withServer { io, inbox in
            func register() throws -> Registration {
                let token = Token(inbox)
                return try io.on("x") { _ in token.inbox.put("x") }
            }
            let registration = try register()
            let client = try RawClient(io)
            try client.join()
            try client.send(#"42["x"]"#)
            #expect(inbox.next() == "x")
            #expect(io.off(registration))
            #expect(inbox.next() == "released")
        }
    }
}
