import EngineIOCore
import Testing

@testable import SocketIOServer

/// What lies behind a reason, and connections that move.
@Suite(.serialized, .timeLimit(.minutes(2))) struct DisconnectDetailsTests {
    @Test func handlersOfBothKindsAreCalled() throws {
        try withServer { io, inbox in
            io.sockets.onDisconnecting { _, reason, details in inbox.put("leaves: \(reason): \(details)") }
            io.onDisconnect { _, reason in inbox.put("left: \(reason)") }
            io.onDisconnect { _, reason, details in inbox.put("left: \(reason): \(details)") }
            io.onConnection { socket in
                _ = try? socket.onDisconnect { _, _, details in inbox.put("own: \(details)") }
            }
            let client = try RawClient(io)
            try client.join()
            try client.sendClose()
            let details = "The client closed its WebSocket without a code."
            #expect(
                inbox.next(4) == [
                    "leaves: transport close: \(details)", "own: \(details)", "left: transport close",
                    "left: transport close: \(details)",
                ])
        }
    }

    @Test func twoPollsAtATime() throws {
        try withServer { io, inbox in
            io.onDisconnect { _, reason, details in inbox.put("\(reason): \(details)") }
            let (client, other) = (try RawClient(io), try RawClient(io))
            let sid = try client.openPolling()
            #expect(try client.post(sid, "40") == "200 ok")
            #expect(try client.poll(sid).hasPrefix("200 40"))
            try client.startPoll(sid)
            #expect(try other.poll(sid).hasPrefix("400"))
            #expect(inbox.next() == "transport error: The client asked for a second poll while one waited.")
        }
    }

    @Test(arguments: [1, 2]) func socketsHearOfTheirUpgrade(threads: Int) throws {
        try withServer(threads: threads) { io, inbox in
            let registration = io.sockets.onUpgrade { inbox.put("all \($0.transport)") }
            io.onConnection { socket in
                _ = try? socket.onUpgrade { inbox.put("own \($0.transport)") }
                inbox.put("joined")
            }
            for round in 0..<2 {
                let (client, webSocket) = (try RawClient(io), try RawClient(io))
                let sid = try client.openPolling()
                #expect(try client.post(sid, "40") == "200 ok")
                #expect(inbox.next() == "joined")
                try webSocket.upgrade(sid)
                try webSocket.send("2probe")
                #expect(try webSocket.receive() == "3probe")
                #expect(inbox.isEmpty)
                try webSocket.send("5")
                #expect(inbox.next() == "own webSocket")
                guard round == 0 else { continue }
                #expect(inbox.next() == "all webSocket")
                #expect(io.off(registration))
            }
        }
    }

    @Test func detailsAreSentences() {
        let all: [CloseDetails] = [
            .closePacket, .closeFrame(nil), .closeFrame(.goingAway), .connectionEnded, .connectionFailed("x"),
            .violation(.tooBig, "x"), .secondPoll, .secondPost, .requestAborted, .unusablePost, .malformedPacket,
            .silence,
        ]
        for details in all { #expect(details.text.hasPrefix("The ") && details.text.hasSuffix(".")) }
        #expect(Set(all.map(\.text)).count == all.count)
        #expect(CloseDetails.none.text.isEmpty)
        #expect(CloseDetails.closeFrame(.goingAway) == .other("The client closed its WebSocket with code 1001."))
    }
}
