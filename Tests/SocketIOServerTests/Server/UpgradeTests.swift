import SocketIOHandlers
import SocketIOTransport
import Synchronization
import Testing

@testable import SocketIOServer

/// Sessions whose connections are on several event loops: a session stays on its own.
@Suite(.serialized, .timeLimit(.minutes(2))) struct UpgradeTests {
    /// A connection whose loop is, or is not, that of the socket.
    private func connection(
        _ io: SocketServer, to socket: ServerSocket, isElsewhere: Bool
    ) throws -> RawClient {
        for _ in 0..<100 {
            let client = try RawClient(io)
            let index = try client.get("/loop")
            if (index != "200 \(socket.loop.index)") == isElsewhere { return client }
        }
        throw RawClient.Failure(description: "no connection on such a loop")
    }

    /// A polling session that has joined "/", and its id.
    private func openPolling(_ io: SocketServer, _ inbox: Inbox) throws -> (RawClient, String, ServerSocket) {
        let client = try RawClient(io)
        let sid = try client.openPolling()
        #expect(try client.post(sid, "40") == "200 ok")
        let socket = try #require(io.sockets.socket(inbox.next()))
        #expect(try client.poll(sid).hasPrefix("200 40{"))
        return (client, sid, socket)
    }

    private func withLoops(_ threads: Int, _ body: (SocketServer, Inbox) throws -> Void) throws {
        try withServer(threads: threads) { io, inbox in
            io.onConnection { socket in inbox.put(socket.id) }
            io.onDisconnect { _, reason in inbox.put(reason) }
            io.onRequest { request in try? request.respond(body: "\(request.loop.index)".utf8) }
            try io.on("echo") { event in try? event.socket.emit("echo", event.args) }
            try body(io, inbox)
        }
    }

    private static let cases: [(Int, Bool, Bool)] = [
        (1, false, false), (1, false, true), (2, false, false), (2, true, false), (2, true, true), (4, true, false),
        (4, true, true),
    ]

    @Test(arguments: cases)
    private func aSessionUpgrades(threads: Int, isElsewhere: Bool, inOneSegment: Bool) throws {
        try withLoops(threads) { io, inbox in
            let (poller, sid, socket) = try openPolling(io, inbox)
            try poller.startPoll(sid)
            let client = try connection(io, to: socket, isElsewhere: isElsewhere)
            if inOneSegment {
                try client.upgrade(sid, with: ["2probe"])
            } else {
                try client.upgrade(sid)
                try client.send("2probe")
            }
            #expect(try client.receive() == "3probe")
            // After a tenth of a second the waiting GET is answered, so that a client can pause polling.
            #expect(try poller.response() == "200 6")
            #expect(socket.transport == .polling)
            try client.send("5")
            for number in 0..<100 {
                try client.send("42[\"echo\",\(number)]")
                #expect(try client.receive() == "42[\"echo\",\(number)]")
            }
            #expect(socket.transport == .webSocket)
            try io.emit("all")
            try socket.emit("one")
            #expect(try client.receive() == #"42["all"]"#)
            #expect(try client.receive() == #"42["one"]"#)
            #expect(try poller.poll(sid) == #"400 {"code":3,"message":"Bad request"}"#)
            client.hangUp()
            #expect(inbox.next() == "transport close")
        }
    }

    /// What waits for the client leaves on the WebSocket behind the upgrade, in order.
    @Test(arguments: [false, true])
    private func packetsInFlight(isElsewhere: Bool) throws {
        try withLoops(2) { io, inbox in
            let (_, sid, socket) = try openPolling(io, inbox)
            let client = try connection(io, to: socket, isElsewhere: isElsewhere)
            for number in 0..<40 { try socket.emit("n", "[\(number)]") }
            // The loop has all of them before it has the upgrade.
            let isThere = Signal()
            socket.loop.engineLoop.post { isThere.signal() }
            isThere.wait()
            try client.upgrade(sid, with: ["2probe", "5", #"42["echo",1]"#])
            #expect(try client.receive() == "3probe")
            for number in 0..<40 { #expect(try client.receive() == "42[\"n\",\(number)]") }
            #expect(try client.receive() == #"42["echo",1]"#)
        }
    }

    @Test(arguments: [false, true])
    private func aProbeThatFailsLeavesTheSession(isElsewhere: Bool) throws {
        try withLoops(2) { io, inbox in
            let (poller, sid, socket) = try openPolling(io, inbox)
            for packets in [["2probe", "4x"], ["4x"], [""], ["5x"]] {
                let client = try connection(io, to: socket, isElsewhere: isElsewhere)
                try client.upgrade(sid, with: packets)
                var last = try client.receive()
                if last == "3probe" { last = try client.receive() }
                #expect(last == "close")
            }
            let gone = try connection(io, to: socket, isElsewhere: isElsewhere)
            try gone.upgrade(sid, with: ["2probe"])
            #expect(try gone.receive() == "3probe")
            gone.hangUp()
            try socket.emit("still")
            #expect(try poller.poll(sid) == #"200 42["still"]"#)
            #expect(socket.transport == .polling)
        }
    }

    @Test(arguments: [false, true])
    private func aSecondProbeIsRefused(isElsewhere: Bool) throws {
        try withLoops(2) { io, inbox in
            let (_, sid, socket) = try openPolling(io, inbox)
            let first = try connection(io, to: socket, isElsewhere: isElsewhere)
            try first.upgrade(sid, with: ["2probe"])
            #expect(try first.receive() == "3probe")
            for isSecondElsewhere in [false, true] {
                let second = try connection(io, to: socket, isElsewhere: isSecondElsewhere)
                try second.upgrade(sid)
                #expect(try second.receive() == "close")
            }
            try first.send("5", #"42["echo"]"#)
            #expect(try first.receive() == #"42["echo"]"#)
            let third = try connection(io, to: socket, isElsewhere: isElsewhere)
            try third.upgrade(sid)
            #expect(try third.receive() == "close")
        }
    }

    /// Polls and POSTs may come over connections of any loop.
    @Test func pollingFromAnotherLoop() throws {
        try withLoops(2) { io, inbox in
            let (_, sid, socket) = try openPolling(io, inbox)
            let (poller, poster) = (
                try connection(io, to: socket, isElsewhere: true), try connection(io, to: socket, isElsewhere: true)
            )
            for number in 0..<50 {
                try poller.startPoll(sid)
                #expect(try poster.post(sid, "42[\"echo\",\(number)]") == "200 ok")
                #expect(try poller.response() == "200 42[\"echo\",\(number)]")
            }
            try poller.startPoll(sid)
            #expect(try poster.post(sid, "3") == "200 ok")
            poller.hangUp()
            #expect(inbox.next() == "transport error")
        }
    }

    @Test func twoPollsFromTwoLoops() throws {
        try withLoops(2) { io, inbox in
            let (_, sid, socket) = try openPolling(io, inbox)
            let (first, second) = (
                try connection(io, to: socket, isElsewhere: true), try connection(io, to: socket, isElsewhere: false)
            )
            try first.startPoll(sid)
            // Behind the POST, the GET of the same loop has arrived.
            let poster = try connection(io, to: socket, isElsewhere: true)
            #expect(try poster.post(sid, "3") == "200 ok")
            #expect(try second.poll(sid) == "400")
            #expect(try first.response() == "200 1")
            #expect(inbox.next() == "transport error")
        }
    }

    /// Clients that go away in every phase of an upgrade leave nothing behind.
    @Test func abortedUpgradesLeaveNothing() throws {
        try withLoops(2) { io, inbox in
            for round in 0..<40 {
                let (poller, sid, socket) = try openPolling(io, inbox)
                let client = try connection(io, to: socket, isElsewhere: round % 2 == 0)
                switch round % 5 {
                case 0: try client.write(RawClient.upgradeRequest(sid))
                case 1: try client.upgrade(sid)
                case 2: try client.upgrade(sid, with: ["2probe"])
                case 3: try client.upgrade(sid, with: ["2probe", "5"])
                default: try client.write(RawClient.upgradeRequest(sid).dropLast(10))
                }
                client.hangUp()
                _ = try? poller.post(sid, "1")
                poller.hangUp()
                #expect(inbox.next().hasPrefix("transport "))
            }
        }
    }
}
