import Testing

@testable import SocketIOClient

/// protocol.md, section 18.1: which sockets share a connection.
@Suite(.serialized) struct CacheTests {
    @Test func namespacesOfAServerShareAManager() throws {
        let root = try io("http://localhost:1")
        let admin = try io("http://LOCALHOST:1/admin?x=1")
        let other = try io("http://localhost:2/admin")
        defer { for socket in [root, admin, other] { socket.manager.close() } }
        #expect(root.namespace == "/")
        #expect(admin.namespace == "/admin")
        #expect(root.manager !== other.manager)
        // A namespace that is there already gets a connection of its own.
        let second = try io("http://localhost:1")
        #expect(second.manager !== root.manager)
        second.manager.close()
        var options = ManagerOptions()
        options.forceNew = true
        let forced = try io("http://localhost:1/new", options: options)
        #expect(forced.manager !== root.manager)
        forced.manager.close()
        options.forceNew = false
        options.path = "/elsewhere"
        let elsewhere = try io("http://localhost:1/new", options: options)
        #expect(elsewhere.manager !== root.manager)
        elsewhere.manager.close()
    }

    @Test func aClosedManagerIsNotSharedAnyMore() throws {
        let first = try io("http://localhost:1/a")
        let second = try io("http://localhost:1/b")
        #expect(first.manager === second.manager)
        first.manager.closeAndWait()
        let third = try io("http://localhost:1/c")
        #expect(first.manager !== third.manager)
        third.manager.close()
    }
}
