import SocketIOHandlers
import SocketIOTransport
import Synchronization
import Testing

@testable import SocketIOServer

/// Events for clients that read too slowly, and over polling, where all wait for a poll.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SlowClientTests {
    private func options(_ change: (inout ServerOptions) -> Void) -> ServerOptions {
        var options = ServerOptions()
        change(&options)
        return options
    }

    /// A server, and the socket of a client whose polls are made by a call.
    private func withPoller(
        _ options: ServerOptions, _ body: (SocketServer, ServerSocket, Inbox, () throws -> String) throws -> Void
    ) throws {
        let (io, inbox) = (try SocketServer(options), Inbox())
        let sockets = Mutex<[ServerSocket]>([])
        try io.of("/").onConnection { socket in
            sockets.withLock { $0.append(socket) }
            inbox.put("joined")
        }
        try io.listen(host: "127.0.0.1", port: 0)
        defer {
            io.close()
            io.wait()
            io.runtime.stop()
        }
        let client = try RawClient(io)
        let sid = try client.openPolling()
        #expect(try client.post(sid, "40") == "200 ok")
        #expect(inbox.next() == "joined")
        #expect(try client.poll(sid).hasPrefix("200 40{"))
        let socket = try #require(sockets.withLock { $0.first })
        try body(io, socket, inbox) { try client.poll(sid) }
    }

    /// Everything that was emitted to the socket has been done on its loop.
    private func settle(_ socket: ServerSocket) {
        let done = Signal()
        socket.loop.engineLoop.post { done.signal() }
        done.wait()
    }

    @Test func whatTheLoopHasNotWrittenYetIsLimited() throws {
        try withPoller(options { $0.maxPendingEmitBytes = 2_000_000 }) { io, socket, inbox, _ in
            let (stalled, goOn) = (Signal(), Signal())
            socket.loop.engineLoop.post {
                stalled.signal()
                goOn.wait()
            }
            stalled.wait()
            let args = "[\"\(String(repeating: "x", count: 190_000))\"]"
            func emitted(_ emit: () throws(SocketError) -> Void) -> Int {
                for count in 0..<100 {
                    do throws(SocketError) {
                        try emit()
                    } catch {
                        return error.kind == .limit ? count : -1
                    }
                }
                return 100
            }
            // Most of the room goes to the socket; a broadcast finds none for another of the size.
            let toSocket = emitted { () throws(SocketError) in try socket.emit("x", args) }
            let toAll = emitted { () throws(SocketError) in try io.of("/").emit("x", args) }
            #expect(toSocket == 10 && toAll == 0)
            // What may be dropped is, and counted, as is what was refused.
            try socket.emit("x", args, overflow: .dropNewest)
            try io.of("/").to(socket.id).volatile.emit("x", args)
            #expect(io.totals.dropped.server == 4)
            try socket.emit("x", args) { _, outcome in
                switch consume outcome {
                case .success: inbox.put("replied")
                case .failure(let failure): inbox.put("\(failure)")
                }
            }
            #expect(inbox.next() == "limit")
            goOn.signal()
            settle(socket)
            #expect(socket.buffered.packets == 10 && io.counts.bufferedBytes == socket.buffered.bytes)
            // The loop has caught up.
            try io.of("/").emit("x", "[1]")
        }
    }

    @Test func thePolicyIsTheServersOrTheEmits() throws {
        let options = options {
            $0.maxBufferedPackets = 2
            $0.overflowPolicy = .dropOldest
        }
        try withPoller(options) { io, socket, inbox, poll in
            socket.namespace.onDrain { _ in inbox.put("drained") }
            try socket.onDrain { inbox.put("drained \($0.buffered.packets)") }
            for number in 1...3 { try socket.emit("x", "[\(number)]") }
            try socket.emit("x", "[4]", overflow: .dropNewest)
            settle(socket)
            #expect(socket.buffered.packets == 2 && !socket.isWritable)
            #expect(io.counts.bufferedBytes == socket.buffered.bytes)
            #expect(io.totals.dropped.oldest == 1 && io.totals.dropped.newest == 1)
            #expect(try poll() == #"200 42["x",2]"# + "\u{1e}" + #"42["x",3]"#)
            #expect(inbox.next(2) == ["drained 0", "drained"])
            try io.sockets.everyone.overflow(.close).emit("y")
            try io.sockets.everyone.coalesce(by: "k").emit("z", "[1]")
            try io.sockets.everyone.coalesce(by: "k").emit("z", "[2]")
            settle(socket)
            #expect(try poll() == #"200 42["y"]"# + "\u{1e}" + #"42["z",2]"#)
            #expect(io.totals.dropped.coalesced == 1)
        }
    }

    @Test func anEventAndItsBinaryValuesAreOne() throws {
        try withPoller(options { $0.maxBufferedPackets = 3 }) { io, socket, _, poll in
            let args = #"[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#
            try socket.emit("a", args, attachments: [[1], [2]], overflow: .dropOldest)
            try socket.emit("b", "[1]", overflow: .dropOldest)
            try socket.emit("c", args, attachments: [[3], [4]], overflow: .dropNewest)
            settle(socket)
            #expect(try poll() == #"200 42["b",1]"#)
            #expect(io.totals.dropped.oldest == 1 && io.totals.dropped.newest == 1)
        }
    }

    @Test func repliesThatCannotComeEndOnce() throws {
        try withPoller(options { $0.maxBufferedPackets = 2 }) { io, socket, inbox, poll in
            @Sendable func ended(_ name: String) -> AckHandler {
                { _, outcome in
                    switch consume outcome {
                    case .success: inbox.put("\(name) replied")
                    case .failure(let failure): inbox.put("\(name) \(failure)")
                    }
                }
            }
            try socket.emit("a", overflow: .dropOldest, completion: ended("a"))
            try socket.emit("b", coalesceKey: "k", completion: ended("b"))
            try socket.emit("c", overflow: .dropOldest, timeout: .seconds(60), completion: ended("c"))
            #expect(inbox.next() == "a limit")
            try socket.emit("d", coalesceKey: "k", completion: ended("d"))
            #expect(inbox.next() == "b limit")
            try io.sockets.everyone.volatile.emit("e", reply: { _, _ in inbox.put("e replied") }) {
                inbox.put("e \($0.silent.count) silent, \($0.failure == .limit)")
            }
            #expect(inbox.next() == "e 1 silent, true")
            try socket.emit("f", volatile: true, compress: false, completion: ended("f"))
            #expect(inbox.next() == "f limit")
            #expect(io.counts.pendingAcks == 2)
            #expect(try poll() == #"200 423["d"]"# + "\u{1e}" + #"422["c"]"#)
            try socket.disconnect(close: true)
            #expect(Set(inbox.next(2)) == ["c disconnected", "d disconnected"])
            #expect(io.counts.pendingAcks == 0 && inbox.isEmpty)
        }
    }

    @Test func keysAreLimited() throws {
        try withPoller(ServerOptions()) { _, socket, _, _ in
            #expect(throws: SocketError.self) {
                try socket.emit("x", coalesceKey: String(repeating: "k", count: 257))
            }
            try socket.emit("x", coalesceKey: String(repeating: "k", count: 256))
        }
    }

    @Test func beyondIsTheEnd() throws {
        try withPoller(options { $0.maxBufferedPackets = 2 }) { io, socket, inbox, _ in
            try socket.onDisconnect { inbox.put($1) }
            for _ in 0..<3 { try socket.emit("x") }
            #expect(inbox.next() == "transport error")
            #expect(io.totals.overflowedClients == 1)
            #expect(socket.buffered == ServerSocket.Buffered(bytes: 0, packets: 0) && !socket.isWritable)
        }
    }

    /// What the policy dropped is in the log: a client that has got nothing later gets it when it comes back.
    @Test func whatWasDroppedIsKeptForThoseWhoComeBack() throws {
        let options = options {
            $0.maxServerBufferedBytes = 100
            $0.overflowPolicy = .dropNewest
            $0.connectionStateRecovery = ConnectionStateRecovery()
        }
        try withPoller(options) { io, socket, inbox, _ in
            let privateID = try #require(socket.recovery).privateID
            let long = "[\"" + String(repeating: "x", count: 50) + "\"]"
            try socket.emit("a", long)
            try socket.emit("b", long)
            settle(socket)
            settle(socket)
            #expect(io.totals.dropped.server == 1 && socket.buffered.packets == 1)
            let client = try RawClient(io)
            try client.upgrade()
            #expect(try client.receive().hasPrefix("0{"))
            try client.send(#"40{"pid":"\#(privateID)"}"#)
            #expect(try client.receive().hasPrefix(#"42["a","#))
            #expect(try client.receive().hasPrefix(#"42["b","#))
            #expect(try client.receive().hasPrefix(#"40{"sid":""#))
        }
    }

    /// On the socket's loop, where an event is written as it is encoded.
    @Test func aLargeEventFollowsItsPolicyThoughItsClientReads() throws {
        let io = try SocketServer(options { $0.maxBufferedBytes = 100_000 })
        try io.of("/").onConnection { socket in
            let (args, part) = (
                #"[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#, [UInt8](repeating: 1, count: 60_000)
            )
            try? socket.emit("a", args, attachments: [part, part], overflow: .dropNewest)
            let large = "[\"" + String(repeating: "x", count: 200_000) + "\"]"
            try? socket.emit("b", large, overflow: .dropOldest)
            try? io.sockets.everyone.overflow(.dropNewest).emit("c", large)
            try? socket.emit("d", "[1]", overflow: .dropNewest)
        }
        try io.listen(host: "127.0.0.1", port: 0)
        defer {
            io.close()
            io.wait()
            io.runtime.stop()
        }
        let client = try RawClient(io)
        try client.upgrade()
        #expect(try client.receive().hasPrefix("0{"))
        try client.send("40")
        #expect(try client.receive().hasPrefix("40{"))
        #expect(try client.receive() == #"42["d",1]"#)
        #expect(io.totals.dropped.newest == 3 && io.totals.overflowedClients == 0)
    }
}
