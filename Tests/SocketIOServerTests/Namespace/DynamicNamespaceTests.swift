import Glibc
import Synchronization
import Testing

@testable import SocketIOServer

@Suite(.serialized, .timeLimit(.minutes(2))) struct DynamicNamespaceTests {
    @Test func aPatternLetsClientsHaveNamespaces() throws {
        try withServer { io, inbox in
            let rooms = try io.of(matching: "/room-*")
            rooms.onConnection { inbox.put("joined \($0.namespace.name)") }
            try rooms.on("x") { inbox.put("x \($0.socket.namespace.name) \($0.args)") }
            io.onNewNamespace { inbox.put("new \($0.name)") }
            let client = try RawClient(io)
            try client.join()
            try client.joinAnother("/room-1")
            #expect(inbox.next() == "new /room-1")
            #expect(inbox.next() == "joined /room-1")
            try client.send(#"42/room-1,["x",1]"#)
            #expect(inbox.next() == "x /room-1 [1]")
            try client.send("40/other,")
            #expect(try client.receive() == #"44/other,{"message":"Invalid namespace"}"#)
            // The parent is no namespace for clients.
            try client.send("40/room-*,")
            #expect(try client.receive() == #"44/room-*,{"message":"Invalid namespace"}"#)
            let second = try RawClient(io)
            try second.join()
            try second.joinAnother("/room-1")
            #expect(inbox.next() == "joined /room-1")
            #expect(rooms.children.map(\.name) == ["/room-1"])
        }
    }

    @Test func childrenHaveWhatTheParentHas() throws {
        try withServer { io, inbox in
            let rooms = try io.of(matching: "/room-*")
            rooms.use { request in
                inbox.put("parent's middleware")
                try? request.accept()
            }
            let client = try RawClient(io)
            try client.join()
            try client.joinAnother("/room-1")
            #expect(inbox.next() == "parent's middleware")
            let room = try io.of("/room-1")
            try room.on("x") { _ in inbox.put("own") }
            // What is registered later holds, too, and is called first.
            try rooms.on("x") { _ in inbox.put("parent's") }
            try client.send(#"42/room-1,["x"]"#)
            #expect(inbox.next() == "parent's")
            #expect(inbox.next() == "own")
        }
    }

    @Test func theParentSpeaksToAllChildren() throws {
        try withServer { io, _ in
            let rooms = try io.of(matching: "/room-*")
            let client = try RawClient(io)
            try client.join()
            let id = try client.joinAnother("/room-1")
            try client.joinAnother("/room-2")
            try rooms.emit("hi")
            #expect(Set([try client.receive(), try client.receive()]) == [#"42/room-1,["hi"]"#, #"42/room-2,["hi"]"#])
            try rooms.to(id).emit("you")
            #expect(try client.receive() == #"42/room-1,["you"]"#)
            #expect(rooms.everyone.fetchSockets().count == 2)
            #expect(rooms.socket(id)?.namespace.name == "/room-1")
        }
    }

    @Test func aFunctionDecidesLater() throws {
        try withServer { io, inbox in
            let asked = Mutex<NamespaceRequest?>(nil)
            try io.of("/_none") { request in try? request.reject() }
            try io.of("/_some") { request in
                asked.withLock { $0 = request }
                inbox.put("\(request.name) \(request.auth)")
            }
            let client = try RawClient(io)
            try client.join()
            try client.send(#"40/later,{"a":1}"#)
            #expect(inbox.next() == #"/later {"a":1}"#)
            try asked.withLock { $0 }?.accept()
            #expect(try client.receive().hasPrefix(#"40/later,{"sid":"#))
            #expect(throws: SocketError.self) { try asked.withLock { $0 }?.reject() }
            // To ask twice breaks the protocol.
            try client.send("40/twice,")
            #expect(inbox.next() == "/twice {}")
            try client.send("40/twice,")
            #expect(try client.receive() == "close")
            #expect(try client.receive() == "end")
            wait { io.counts.sessions == 0 }
            #expect(throws: SocketError.self) { try asked.withLock { $0 }?.accept() }
        }
    }

    @Test func emptyChildrenGo() throws {
        var options = ServerOptions()
        options.cleanupEmptyChildNamespaces = true
        try withServer(options) { io, inbox in
            let rooms = try io.of(matching: "/room-*")
            rooms.onDisconnect { socket, _ in inbox.put("left \(socket.namespace.name)") }
            let client = try RawClient(io)
            try client.join()
            try client.joinAnother("/room-1")
            try client.joinAnother("/room-2")
            #expect(rooms.children.count == 2)
            try client.send("41/room-1,")
            #expect(inbox.next() == "left /room-1")
            #expect(rooms.children.map(\.name) == ["/room-2"])
            // The program knows this one by name: it may have handlers in it.
            _ = try io.of("/room-2")
            try client.send("41/room-2,")
            #expect(inbox.next() == "left /room-2")
            #expect(rooms.children.map(\.name) == ["/room-2"])
        }
    }

    /// The loops are told of handlers that are taken back, and a child may have gone by the time they hear of it.
    @Test func handlersAreTakenBackWhileAChildGoes() throws {
        var options = ServerOptions()
        options.cleanupEmptyChildNamespaces = true
        try withServer(options) { io, inbox in
            let rooms = try io.of(matching: "/room-*")
            try rooms.on("x") { _ in }
            rooms.onDisconnecting { [weak rooms] _, _ in rooms?.removeAllListeners("x") }
            rooms.onDisconnect { _, _ in inbox.put("left") }
            let client = try RawClient(io)
            try client.join()
            try client.joinAnother("/room-1")
            try client.send("41/room-1,")
            #expect(inbox.next() == "left")
            #expect(rooms.children.isEmpty)
            try client.joinAnother("/room-2")
        }
    }

    @Test func childrenAreLimited() throws {
        var options = ServerOptions()
        options.maxChildNamespaces = 2
        try withServer(options) { io, inbox in
            let rooms = try io.of(matching: "/room-*")
            rooms.onDisconnect { _, _ in inbox.put("left") }
            let client = try RawClient(io)
            try client.join()
            try client.joinAnother("/room-1")
            try client.joinAnother("/room-2")
            try client.send("40/room-3,")
            #expect(try client.receive() == #"44/room-3,{"message":"Invalid namespace"}"#)
            try client.send("41/room-1,")
            #expect(inbox.next() == "left")
            // An empty one makes room.
            try client.joinAnother("/room-3")
            #expect(Set(rooms.children.map(\.name)) == ["/room-2", "/room-3"])
        }
    }

    @Test func namesAreTakenOnce() throws {
        let io = try SocketServer()
        _ = try io.of(matching: "/room-*")
        #expect(throws: SocketError.self) { _ = try io.of(matching: "/room-*") }
        _ = try io.of("/chat")
        #expect(throws: SocketError.self) { try io.of("/chat") { _ in } }
        #expect(try io.of("/room-*") === io.of("/room-*"))
    }

    /// One that has gone, and that the program names then, has its parent's middlewares still.
    @Test func whatFitsAPatternIsAChild() throws {
        try withServer { io, inbox in
            let rooms = try io.of(matching: "/room-*")
            rooms.use { request in
                inbox.put("asked")
                try? request.accept()
            }
            let room = try io.of("/room-1")
            #expect(room.parent === rooms)
            let client = try RawClient(io)
            try client.join()
            try client.joinAnother("/room-1")
            #expect(inbox.next() == "asked")
        }
    }
}
