import Synchronization
import Testing

@testable import SocketIOServer

/// A server on loopback, and raw clients.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SocketServerTests {
    // MARK: Joining and leaving

    @Test func aClientJoinsAndLeaves() throws {
        try withServer { io, inbox in
            io.onConnection { socket in
                inbox.put("joined \(socket.isConnected) \(socket.rooms == [socket.id])")
                try? socket.emit("welcome", #"["you"]"#)
            }
            io.onDisconnect { socket, reason in inbox.put("left \(socket.isConnected) \(reason)") }
            let client = try RawClient(io)
            let id = try client.join()
            #expect(inbox.next() == "joined true true")
            #expect(try client.receive() == #"42["welcome","you"]"#)
            #expect(io.sockets.count == 1)
            #expect(io.sockets.socket(id)?.id == id)
            #expect(io.sockets.socket("x") == nil)
            try client.send("41")
            #expect(inbox.next() == "left false client namespace disconnect")
            #expect(io.sockets.socket(id) == nil)
            #expect(try client.joinAnother() != id)
            #expect(inbox.next() == "joined true true")
            client.hangUp()
            #expect(inbox.next() == "left false transport close")
        }
    }

    @Test func aClientClosesItsWebSocket() throws {
        try withServer { io, inbox in
            io.onDisconnect { _, reason in inbox.put(reason) }
            let client = try RawClient(io)
            try client.join()
            try client.sendClose()
            #expect(try client.receive() == "close")
            #expect(try client.receive() == "end")
            #expect(inbox.next() == "transport close")
        }
    }

    @Test func namespaces() throws {
        try withServer { io, inbox in
            let chat = try io.of("/chat")
            try chat.on("x") { event in inbox.put("chat \(event.args)") }
            try io.on("x") { event in inbox.put("root \(event.args)") }
            chat.onDisconnect { _, reason in inbox.put("chat: \(reason)") }
            io.onDisconnect { _, reason in inbox.put("root: \(reason)") }
            let client = try RawClient(io)
            let id = try client.join()
            #expect(try client.joinAnother("/chat") != id)
            try client.send(#"42/chat,["x",1]"#, #"42["x",2]"#)
            #expect(inbox.next() == "chat [1]")
            #expect(inbox.next() == "root [2]")
            try client.send("40/none,")
            #expect(try client.receive() == #"44/none,{"message":"Invalid namespace"}"#)
            try chat.emit("y")
            #expect(try client.receive() == #"42/chat,["y"]"#)
            try client.send("41/chat,")
            #expect(inbox.next() == "chat: client namespace disconnect")
            try client.send(#"42/chat,["x",3]"#)
            #expect(try client.receive() == "close")
            #expect(inbox.next() == "root: forced close")
        }
    }

    private static let violations: [(String, String)] = [
        (#"42["x""#, "forced close"), (#"42["connect"]"#, "forced close"), ("42[]", "forced close"),
        ("4", "forced close"), ("49", "forced close"), (#"44"x""#, "forced close"), ("40", "forced close"),
        (#"42/none,["x"]"#, "forced close"), ("abc", "parse error"), ("2", "transport error"),
        ("1", "transport close"),
    ]

    @Test(arguments: violations)
    private func violationsEndTheConnection(packet: String, reason: String) throws {
        try withServer { io, inbox in
            io.onDisconnect { _, reason in inbox.put(reason) }
            let client = try RawClient(io)
            try client.join()
            try client.send(packet)
            #expect(try client.receive() == "close")
            #expect(inbox.next() == reason)
        }
    }

    /// protocol.md, 15.2: on polling, a violation without a waiting GET has a reason of its own.
    @Test(arguments: [(true, "forced close"), (false, "forced server close")])
    private func violationsOnPolling(polls: Bool, reason: String) throws {
        try withServer { io, inbox in
            io.onConnection { _ in inbox.put("joined") }
            io.onDisconnect { _, reason in inbox.put(reason) }
            let (poster, poller) = (try RawClient(io), try RawClient(io))
            let sid = try poster.openPolling()
            #expect(try poster.post(sid, "40") == "200 ok")
            #expect(inbox.next() == "joined")
            #expect(try poller.poll(sid).hasPrefix("200 40{"))
            if polls {
                try poller.startPoll(sid)
                // The POST goes out only when the GET waits: both connections are on the one loop of the server.
                #expect(try poster.post(sid, "3") == "200 ok")
            }
            #expect(try poster.post(sid, #"42/none,["x"]"#) == "200 ok")
            #expect(inbox.next() == reason)
            if polls {
                #expect(try poller.response() == "200 1")
            } else {
                #expect(try poller.poll(sid) == "200 6\u{1e}1")
            }
        }
    }

    @Test func aClientThatJoinsNoNamespace() throws {
        var options = ServerOptions()
        options.connectTimeout = .milliseconds(20)
        try withServer(options) { io, _ in
            let client = try RawClient(io)
            try client.upgrade()
            #expect(try client.receive().hasPrefix("0{"))
            #expect(try client.receive() == "close")
        }
    }

    @Test func aClientThatDoesNotAnswerPings() throws {
        var options = ServerOptions()
        // The first ping comes behind the answer to the client, and is answered in time, where a thread has to wait.
        options.pingInterval = .milliseconds(2000)
        options.pingTimeout = .milliseconds(2500)
        try withServer(options) { io, inbox in
            io.onDisconnect { _, reason in inbox.put(reason) }
            let client = try RawClient(io)
            try client.join()
            #expect(try client.receive() == "2")
            try client.send("3")
            #expect(try client.receive() == "2")
            #expect(try client.receive() == "close")
            #expect(inbox.next() == "ping timeout")
        }
    }

    @Test func handshake() throws {
        try withServer { io, inbox in
            io.onConnection { socket in
                let handshake = socket.handshake
                inbox.put(handshake.auth)
                inbox.put(handshake.url)
                inbox.put(handshake.address)
                inbox.put(handshake.query.map { "\($0.name)=\($0.value)" }.joined(separator: " "))
                inbox.put(handshake.headers.first { $0.name == "x-test" }?.value ?? "none")
                inbox.put("\(handshake.isSecure) \(handshake.isCrossDomain) \(socket.transport == .webSocket)")
                inbox.put("\(handshake.port > 0) \(handshake.issued > 1_700_000_000_000)")
            }
            let client = try RawClient(io)
            try client.join(auth: #"{"token":"é"}"#)
            #expect(inbox.next() == #"{"token":"é"}"#)
            #expect(inbox.next() == "/socket.io/?EIO=4&transport=websocket")
            #expect(inbox.next() == "127.0.0.1")
            #expect(inbox.next() == "EIO=4 transport=websocket")
            #expect(inbox.next() == "yes")
            #expect(inbox.next() == "false false true")
            #expect(inbox.next() == "true true")
        }
    }

    // MARK: Middleware

    @Test func middlewareDecides() throws {
        try withServer { io, inbox in
            let later = Mutex<ConnectRequest?>(nil)
            io.use { request in
                if request.socket.auth.contains("no") {
                    try? request.reject("not you", data: #"{"code":7}"#)
                } else {
                    try? request.accept()
                }
            }
            io.use { request in
                later.withLock { $0 = request }
                inbox.put("asked \(request.socket.isConnected)")
            }
            io.onConnection { socket in inbox.put("joined") }
            let client = try RawClient(io)
            try client.upgrade()
            #expect(try client.receive().hasPrefix("0{"))
            try client.send(#"40{"who":"no"}"#)
            #expect(try client.receive() == #"44{"message":"not you","data":{"code":7}}"#)
            try client.send("40")
            #expect(inbox.next() == "asked false")
            let request = try #require(later.withLock { $0 })
            try request.accept()
            #expect(try client.receive().hasPrefix("40{"))
            #expect(inbox.next() == "joined")
            #expect(throws: SocketError.self) { try request.accept() }
            #expect(throws: SocketError.self) { try request.reject() }
        }
    }

    @Test func aClientThatLeavesBeforeTheDecision() throws {
        try withServer { io, inbox in
            let later = Mutex<ConnectRequest?>(nil)
            io.use { request in
                later.withLock { $0 = request }
                inbox.put("asked")
            }
            io.onConnection { _ in inbox.put("joined") }
            io.onDisconnect { _, _ in inbox.put("left") }
            let client = try RawClient(io)
            try client.upgrade()
            #expect(try client.receive().hasPrefix("0{"))
            try client.send("40")
            #expect(inbox.next() == "asked")
            try client.send("2")
            #expect(try client.receive() == "close")
            // The answer is read when the session has ended.
            try client.sendClose()
            #expect(try client.receive() == "end")
            let request = try #require(later.withLock { $0 })
            #expect(throws: SocketError.self) { try request.accept() }
            #expect(inbox.isEmpty)
            later.withLock { $0 = nil }
        }
    }

    // MARK: Events

    @Test func events() throws {
        try withServer { io, inbox in
            io.onConnection { socket in
                _ = try? socket.onAny { event in inbox.put("own any \(event.name)") }
                _ = try? socket.on("x") { event in inbox.put("own x \(event.args)") }
            }
            io.onAny { event in inbox.put("any \(event.name)") }
            try io.on("x") { event in inbox.put("x \(event.args)") }
            let client = try RawClient(io)
            try client.join()
            try client.send(#"42["x",1,{"a":[]}]"#)
            #expect(inbox.next(4) == ["own any x", "any x", #"own x [1,{"a":[]}]"#, #"x [1,{"a":[]}]"#])
            try client.send(#"42["\u0078"]"#)
            #expect(inbox.next(4) == ["own any x", "any x", "own x []", "x []"])
            try client.send("42[5,true]", #"42["é😀"]"#, #"42["",null]"#)
            #expect(inbox.next(6) == ["own any 5", "any 5", "own any é😀", "any é😀", "own any ", "any "])
        }
    }

    @Test func binary() throws {
        try withServer { io, inbox in
            try io.on("b") { event in
                inbox.put("\(event.args) \(event.attachments)")
                try? event.socket.emit("b", event.args, attachments: event.attachments)
                try? event.ack?.reply(#"[{"_placeholder":true,"num":0}]"#, attachments: [[9]])
            }
            let client = try RawClient(io)
            try client.join()
            let args = #"{"_placeholder":true,"num":0},{"deep":[{"_placeholder":true,"num":1}]}"#
            try client.send("452-7[\"b\",\(args)]")
            try client.send(binary: [1, 2])
            try client.send(binary: [])
            #expect(inbox.next() == "[\(args)] [[1, 2], []]")
            #expect(try client.receive() == "452-[\"b\",\(args)]")
            #expect(try client.receive() == "binary 0102")
            #expect(try client.receive() == "binary ")
            #expect(try client.receive() == #"461-7[{"_placeholder":true,"num":0}]"#)
            #expect(try client.receive() == "binary 09")
        }
    }

    @Test func repliesToClients() throws {
        try withServer { io, inbox in
            try io.on("q") { event in
                guard let ack = event.ack else { return inbox.put("no reply wanted") }
                try? ack.reply(#"["a",1]"#)
                do throws(SocketError) { try ack.reply() } catch { inbox.put("\(error.kind == .gone)") }
            }
            let client = try RawClient(io)
            try client.join()
            try client.send(#"420["q"]"#)
            #expect(try client.receive() == #"430["a",1]"#)
            #expect(inbox.next() == "true")
            try client.send(#"4218446744073709551615["q"]"#)
            #expect(try client.receive() == #"4318446744073709551615["a",1]"#)
            #expect(inbox.next() == "true")
            try client.send(#"42["q"]"#)
            #expect(inbox.next() == "no reply wanted")
        }
    }

    @Test func repliesFromClients() throws {
        try withServer { io, inbox in
            let client = try RawClient(io)
            let socket = try #require(io.sockets.socket(try client.join()))
            @Sendable func describe(_ outcome: consuming AckOutcome) -> String {
                switch consume outcome {
                case .success(let reply): "\(reply.args) \(reply.attachments)"
                case .failure(let failure): "\(failure)"
                }
            }
            try socket.emit("q", "[1]") { _, outcome in inbox.put(describe(outcome)) }
            #expect(try client.receive() == #"420["q",1]"#)
            try client.send(#"430["yes"]"#, #"430["again"]"#, "4399[]", "43")
            #expect(inbox.next() == #"["yes"] []"#)
            try socket.emit("q") { _, outcome in inbox.put(describe(outcome)) }
            #expect(try client.receive() == #"421["q"]"#)
            try client.send(#"461-1[{"_placeholder":true,"num":0}]"#)
            try client.send(binary: [5])
            #expect(inbox.next() == #"[{"_placeholder":true,"num":0}] [[5]]"#)

            try socket.emit("q", timeout: .milliseconds(1)) { _, outcome in inbox.put(describe(outcome)) }
            #expect(inbox.next() == "timeout")
            #expect(try client.receive() == #"422["q"]"#)
            try client.send("432[]")

            try socket.emit("q") { _, outcome in inbox.put(describe(outcome)) }
            #expect(try client.receive() == #"423["q"]"#)
            client.hangUp()
            #expect(inbox.next() == "disconnected")
            #expect(inbox.isEmpty)
            #expect(throws: SocketError.self) { try socket.emit("q") { _, _ in } }
        }
    }

    private static let badMessages: [(String, String, Int, SocketError.Kind)] = [
        ("connect", "[]", 0, .reserved), ("disconnect", "[]", 0, .reserved), ("x", "{}", 0, .json),
        ("x", "[", 0, .json), ("x", "[1] ,", 0, .json), ("x", "", 1, .json),
        ("x", #"[{"_placeholder":true,"num":1}]"#, 1, .json),
    ]

    @Test(arguments: badMessages)
    private func refusesToSend(name: String, args: String, attachments: Int, kind: SocketError.Kind) throws {
        try withServer { io, _ in
            let client = try RawClient(io)
            let socket = try #require(io.sockets.socket(try client.join()))
            let attachments = [[UInt8]](repeating: [1], count: attachments)
            for send in [
                { try socket.emit(name, args, attachments: attachments) },
                { try io.emit(name, args, attachments: attachments) },
            ] {
                do {
                    try send()
                    Issue.record("sent")
                } catch let error as SocketError {
                    #expect(error.kind == kind)
                }
            }
            try socket.emit("fine")
            #expect(try client.receive() == #"42["fine"]"#)
        }
    }

    // MARK: Rooms and broadcasts

    @Test(arguments: [1, 2])
    private func rooms(threads: Int) throws {
        try withServer(threads: threads) { io, _ in
            let clients = try (0..<4).map { _ in try RawClient(io) }
            let sockets = try clients.map { try #require(io.sockets.socket(try $0.join())) }
            #expect(Set(sockets.map(\.loop.index)).count == threads)
            try sockets[0].join("red")
            try sockets[1].join("red")
            try sockets[1].join("blue")
            try sockets[2].join("blue")
            try sockets[2].join("blue")
            #expect(sockets[1].rooms.sorted() == [sockets[1].id, "blue", "red"].sorted())
            #expect(io.counts.roomEntries == 8)

            /// Who gets what `broadcast` sends: "0 2".
            func receivers(_ broadcast: () throws -> Void) throws -> String {
                try broadcast()
                // What one thread emits reaches a loop in order.
                try io.emit("end")
                return try clients.indices.filter { index in
                    var lines: [String] = []
                    while lines.count < 5, lines.last != #"42["end"]"# { lines.append(try clients[index].receive()) }
                    #expect(lines.count <= 2, "\(lines)")
                    return lines.count == 2
                }.map { "\($0)" }.joined(separator: " ")
            }
            #expect(try receivers { try io.emit("x") } == "0 1 2 3")
            #expect(try receivers { try io.to("red").emit("x") } == "0 1")
            #expect(try receivers { try io.to("red").to("blue").emit("x") } == "0 1 2")
            #expect(try receivers { try io.to("red").except("blue").emit("x") } == "0")
            #expect(try receivers { try io.except("red").emit("x") } == "2 3")
            #expect(try receivers { try io.to("none").emit("x") } == "")
            #expect(try receivers { try io.to(sockets[3].id).emit("x") } == "3")
            #expect(try receivers { try io.except(sockets[3].id).emit("x") } == "0 1 2")
            #expect(try receivers { try sockets[0].broadcast.emit("x") } == "1 2 3")
            #expect(try receivers { try sockets[0].to("red").emit("x") } == "1")
            #expect(try receivers { try sockets[1].except("red").emit("x") } == "2 3")
            #expect(try receivers { try io.to("red").volatile.local.emit("x") } == "0 1")
            try sockets[1].leave("red")
            try sockets[1].leave("red")
            #expect(try receivers { try io.to("red").emit("x") } == "0")
            io.sockets.closeRoom("blue")
            #expect(try receivers { try io.to("blue").emit("x") } == "")
            #expect(Set(io.to("red").fetchSockets()) == [sockets[0]])
            io.to("red").disconnectSockets(close: true)
            #expect(try clients[0].receive() == "41")
            #expect(try clients[0].receive() == "close")
            #expect(throws: SocketError.self) { try sockets[0].join("red") }
            #expect(sockets[0].rooms.isEmpty)
            #expect(io.counts.roomEntries == 3)
        }
    }

    @Test func broadcastsWithAttachmentsAreWhole() throws {
        try withServer(threads: 2) { io, _ in
            let clients = try (0..<4).map { _ in try RawClient(io) }
            for client in clients { try client.join() }
            for number in 0..<50 {
                try io.emit("b", #"[{"_placeholder":true,"num":0}]"#, attachments: [[UInt8(number)]])
            }
            for client in clients {
                for number in 0..<50 {
                    #expect(try client.receive() == #"451-["b",{"_placeholder":true,"num":0}]"#)
                    #expect(try client.receive() == "binary " + (number < 16 ? "0" : "") + String(number, radix: 16))
                }
            }
        }
    }

    // MARK: Disconnecting

    @Test func theServerDisconnectsASocket() throws {
        try withServer { io, inbox in
            _ = try io.of("/a")
            io.onDisconnect { _, reason in inbox.put(reason) }
            let client = try RawClient(io)
            let socket = try #require(io.sockets.socket(try client.join()))
            try client.joinAnother("/a")
            try socket.emit("last")
            try socket.disconnect()
            #expect(try client.receive() == #"42["last"]"#)
            #expect(try client.receive() == "41")
            #expect(inbox.next() == "server namespace disconnect")
            #expect(throws: SocketError.self) { try socket.disconnect() }
            // The other namespace is still there.
            try io.of("/a").emit("x")
            #expect(try client.receive() == #"42/a,["x"]"#)
        }
    }

    @Test func theServerDisconnectsAPollingClient() throws {
        try withServer { io, inbox in
            io.onConnection { socket in inbox.put(socket.id) }
            io.onDisconnect { _, reason in inbox.put(reason) }
            let client = try RawClient(io)
            let sid = try client.openPolling()
            #expect(try client.post(sid, "40") == "200 ok")
            let socket = try #require(io.sockets.socket(inbox.next()))
            #expect(try client.poll(sid).hasPrefix("200 40{"))
            try socket.disconnect(close: true)
            #expect(inbox.next() == "server namespace disconnect")
            #expect(try client.poll(sid) == "200 41")
            #expect(try client.poll(sid) == "200 6\u{1e}1")
            #expect(try client.poll(sid) == #"400 {"code":1,"message":"Session ID unknown"}"#)
        }
    }

    // MARK: Other requests

    @Test func otherRequests() throws {
        try withServer { io, inbox in
            let client = try RawClient(io)
            #expect(try client.get("/page") == "404 Not Found\n")
            io.onRequest { request in
                inbox.put("\(request.method) \(request.target) \(request.address)")
                do throws(SocketError) {
                    try request.respond(headers: [("X", "a\r\nY: b")], body: "x".utf8)
                } catch {
                    inbox.put("\(error.kind == .argument)")
                }
                try? request.respond(201, headers: [("X-A", "b")], body: "made".utf8)
            }
            #expect(try client.get("/page?x=1") == "201 made")
            #expect(inbox.next() == "GET /page?x=1 127.0.0.1")
            #expect(inbox.next() == "true")
        }
    }

    // MARK: Listening and closing

    @Test func anIdleServerCountsNothing() throws {
        try withServer { io, _ in
            #expect(io.counts == SocketServer.Counts())
        }
    }

    @Test func countsWhatIsAlive() throws {
        try withServer { io, _ in
            let idle = io.counts.connections
            let clients = try (0..<3).map { _ in try RawClient(io) }
            for client in clients { try client.join() }
            #expect(io.counts.connections == idle + 3)
            #expect(io.counts.sessions == 3)
            #expect(io.counts.sockets == 3)
            #expect(io.counts.roomEntries == 3)
        }
    }

    @Test func closing() throws {
        let io = try SocketServer(threads: 2)
        let inbox = Inbox()
        try io.listen(host: "127.0.0.1", port: 0)
        let addresses = io.addresses
        #expect(addresses.first?.hasPrefix("127.0.0.1:") == true)
        io.onDisconnect { _, reason in inbox.put(reason) }
        let (webSocket, poller, idle) = (try RawClient(io), try RawClient(io), try RawClient(io))
        let socket = try #require(io.sockets.socket(try webSocket.join()))
        try socket.emit("q") { _, outcome in
            if case .failure(let failure) = consume outcome { inbox.put("\(failure)") }
        }
        #expect(try webSocket.receive() == #"420["q"]"#)
        let sid = try poller.openPolling()
        try poller.startPoll(sid)
        #expect(try idle.get("/") == "404 Not Found\n")
        io.onClose { inbox.put("closed") }
        io.close()
        io.close()
        #expect(try webSocket.receive() == "close")
        try webSocket.sendClose()
        #expect(try webSocket.receive() == "end")
        io.wait()
        #expect(Set(inbox.next(3)) == ["closed", "server shutting down", "\(AckFailure.closed)"])
        #expect(inbox.isEmpty)
        #expect(io.isClosed)
        #expect(io.counts == SocketServer.Counts())
        do throws(SocketError) {
            try io.listen(port: 0)
            Issue.record("listens")
        } catch {
            #expect(error.kind == .state)
        }
        io.onClose { inbox.put("at once") }
        #expect(inbox.next() == "at once")
        io.close()
        io.runtime.stop()
    }

    @Test func aServerThatNeverListened() throws {
        let io = try SocketServer()
        let inbox = Inbox()
        io.onClose { inbox.put("closed") }
        io.close()
        #expect(inbox.next() == "closed")
        io.wait()
    }

    @Test func failuresToListen() throws {
        try withServer { io, _ in
            let port = try #require(io.boundAddresses.first).port
            func kind(_ host: String?, _ port: Int) -> SocketError.Kind? {
                do throws(SocketError) {
                    try io.listen(host: host, port: port)
                    return nil
                } catch {
                    #expect(!error.description.isEmpty)
                    return error.kind
                }
            }
            #expect(kind("127.0.0.1", port) == .addressInUse)
            #expect(kind("127.0.0.1", 70000) == .argument)
            #expect(kind("no.such.host.invalid", 0) == .host)
            #expect(kind("192.0.2.1", 0) == .host)
            #expect(io.boundAddresses.count == 1)
        }
    }

    @Test(arguments: ["chat", "", "/a,b"])
    private func whatIsNoNamespace(name: String) throws {
        let io = try SocketServer()
        #expect(throws: SocketError.self) { try io.of(name) }
    }

    @Test func aValueOfTheApplication() throws {
        try withServer { io, _ in
            let client = try RawClient(io)
            let socket = try #require(io.sockets.socket(try client.join()))
            #expect(socket.data == nil)
            socket.data = "name"
            #expect(socket.data as? String == "name")
            socket.data = nil
            #expect(socket.data == nil)
        }
    }
}
