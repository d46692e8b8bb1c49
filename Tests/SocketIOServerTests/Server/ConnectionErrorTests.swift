import SocketIOHandlers
import Testing

@testable import SocketIOServer

/// Requests that are refused.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ConnectionErrorTests {
    @Test func theProgramIsTold() throws {
        try withServer { io, inbox in
            let registration = io.onConnectionError { error in
                inbox.put("\(error.code) \(error.message): \(error.context); \(error.request.target)")
                // It is answered: nothing comes of this.
                try? error.request.respond(200)
            }
            io.onConnectionError { inbox.put("second \($0.code)") }
            let client = try RawClient(io)
            #expect(
                try client.get("/socket.io/?transport=polling&sid=x&EIO=4")
                    == #"400 {"code":1,"message":"Session ID unknown"}"#)
            #expect(
                inbox.next(2) == [
                    "1 Session ID unknown: no session has this id; /socket.io/?transport=polling&sid=x&EIO=4",
                    "second 1",
                ])
            #expect(io.off(registration))
            #expect(!io.off(registration))
            #expect(try client.get("/socket.io/?EIO=4").hasPrefix("400 "))
            #expect(inbox.next() == "second 0")
            #expect(io.totals.connectionErrors == [1, 1, 0, 0, 0, 0])
        }
    }

    /// A POST of a session is refused on the session's loop, wherever it came in.
    @Test func onWhateverLoop() throws {
        try withServer(threads: 2) { io, inbox in
            io.onConnectionError { inbox.put("\($0.code) \($0.request.method)") }
            for _ in 0..<4 {
                let (client, other) = (try RawClient(io), try RawClient(io))
                let sid = try client.openPolling()
                try client.upgrade(sid)
                try client.send("2probe")
                #expect(try client.receive() == "3probe")
                try client.send("5", "40")
                #expect(try client.receive().hasPrefix("40"))
                #expect(try other.post(sid, "40").hasPrefix("400 "))
                #expect(inbox.next() == "3 POST")
            }
        }
    }
}
