import SocketIOHandlers
import Synchronization
import Testing

@testable import SocketIOServer

/// What the servers of a cluster say to each other.
@Suite struct ServerSideTests {
    @Test func aServerIsAlone() throws {
        let io = try SocketServer()
        let seen = Mutex<[String]>([])
        try io.onServerSide("hello") { event in seen.withLock { $0.append(event.name) } }
        try io.serverSideEmit("hello", "[1]")
        try io.sockets.serverSideEmit("hello") { outcome in
            seen.withLock { $0.append("\(outcome.replies) \(outcome.failure == nil)") }
        }
        #expect(seen.withLock { $0 } == ["[] true"])
        for name in ["connect", "connection", "new_namespace"] {
            #expect(throws: SocketError.self) { try io.serverSideEmit(name) }
            #expect(throws: SocketError.self) { try io.onServerSide(name) { _ in } }
        }
        #expect(throws: SocketError.self) { try io.serverSideEmit("hello", "{}") }
        #expect(throws: SocketError.self) { try io.sockets.serverSideEmit("hello", "1") { _ in } }
    }

    /// What a cluster will do when another server has sent something.
    @Test func handlersHearOfOthers() throws {
        let io = try SocketServer()
        let seen = Mutex<[String]>([])
        let parent = try io.of(matching: "/room-*")
        let room = try io.of("/room-1")
        try parent.onServerSide("hello") { event in seen.withLock { $0.append("parent \(event.namespace.name)") } }
        let registration = try room.onServerSide("hello") { event in
            seen.withLock { $0.append("\(event.args) \(event.attachments)") }
        }
        try room.onServerSide("other") { _ in seen.withLock { $0.append("other") } }
        let event = ServerSideEvent(namespace: room, name: "hello", args: "[1]", attachments: [[2]])
        room.received(event)
        #expect(seen.withLock { $0 } == ["parent /room-1", "[1] [[2]]"])
        #expect(room.off(registration))
        #expect(!room.off(registration))
        room.received(event)
        #expect(seen.withLock { $0 }.count == 3)
        #expect(room.eventNames.isEmpty)
    }
}
