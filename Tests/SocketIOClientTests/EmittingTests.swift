import SocketIOTransport
import Synchronization
import Testing

@testable import SocketIOClient

/// Events and replies, in both directions.
@Suite(.serialized, .timeLimit(.minutes(2))) struct EmittingTests {
    @Test func eventsComeWithNameAndArguments() throws {
        try withLab { lab in
            let socket = try lab.socket()
            try socket.on("x") { [inbox = lab.inbox] event in
                inbox.put("\(event.name) \(event.args) \(event.attachments) \(event.ack != nil)")
            }
            try socket.once("y") { [inbox = lab.inbox] event in inbox.put("once \(event.args)") }
            let gone = try socket.on("x") { _ in Issue.record("It was taken back") }
            #expect(socket.off(gone))
            #expect(!socket.off(gone))
            #expect(socket.eventNames == ["x", "y"])
            lab.join(socket)
            lab.server {
                $0.says(#"2["x"]"#, #"2["x", 1,{"a":"b"}]"#, #"2["y",1]"#, #"2["y",2]"#)
                $0.says(#"51-7["x",{"_placeholder":true,"num":0}]"#)
                $0.says(binary: [1, 2])
            }
            #expect(
                lab.inbox.next(4) == [
                    "x [] [] false", #"x [ 1,{"a":"b"}] [] false"#, "once [1]",
                    #"x [{"_placeholder":true,"num":0}] [[1, 2]] true"#,
                ])
            #expect(socket.listenerCount("y") == 0)
            #expect(lab.inbox.isEmpty)
        }
    }

    @Test func theServerIsRepliedToOnce() throws {
        try withLab { lab in
            let socket = try lab.socket()
            let kept = Mutex<[ClientAcknowledgement]>([])
            try socket.on("now") { event in try? event.ack?.reply(event.args) }
            try socket.on("later") { event in if let ack = event.ack { kept.withLock { $0.append(ack) } } }
            lab.join(socket)
            lab.server { $0.says(#"27["now",1]"#, #"20["later"]"#, #"21["later"]"#) }
            #expect(lab.inbox.next() == "> 37[1]")
            let acks = kept.withLock { $0 }
            try #require(acks.count == 2)
            try acks[0].reply(#"[{"_placeholder":true,"num":0}]"#, attachments: [[9]])
            #expect(lab.inbox.next(2) == [#"> 61-0[{"_placeholder":true,"num":0}]"#, "> [9]"])
            #expect(throws: SocketError.self) { try acks[0].reply() }
            // The other belongs to a connection that is gone.
            lab.server { $0.ends(.transportClose) }
            #expect(throws: SocketError.self) { try acks[1].reply() }
            #expect(lab.manager.counter.value == 0)
        }
    }

    @Test func whatIsEmittedArrives() throws {
        try withLab { lab in
            let socket = try lab.socket()
            try socket.onAnyOutgoing { [inbox = lab.inbox] _, event in inbox.put("out \(event.name) \(event.args)") }
            lab.join(socket)
            let emit: @Sendable () -> Void = {
                try? socket.emit("x", "[1]")
                try? socket.emit("b", #"[{"_placeholder":true,"num":0}]"#, attachments: [[1]])
                try? socket.send(#"["hi"]"#)
            }
            let lines = [
                "out x [1]", #"> 2["x",1]"#, #"out b [{"_placeholder":true,"num":0}]"#,
                #"> 51-["b",{"_placeholder":true,"num":0}]"#, "> [1]", #"out message ["hi"]"#, #"> 2["message","hi"]"#,
            ]
            // From another thread, and on the loop.
            emit()
            #expect(lab.inbox.next(7) == lines)
            lab.onLoop(emit)
            #expect(lab.inbox.next(7) == lines)
            lab.onLoop { try? socket.emit("x", "[1]", compress: false) }
            #expect(lab.inbox.next(2) == ["out x [1]", #"> 2["x",1] (plain)"#])
        }
    }

    /// The arguments of so many binary values, and these.
    private static func binary(_ count: Int) -> (args: String, values: [[UInt8]]) {
        let placeholders = (0..<count).map { #"{"_placeholder":true,"num":\#($0)}"# }
        return ("[\(placeholders.joined(separator: ","))]", [[UInt8]](repeating: [7], count: count))
    }

    /// A server would end the connection for more.
    @Test(arguments: [(10, ManagerOptions.Parser.json), (2, .json), (2, .msgpack)])
    func attachmentsAreLimited(limit: Int, parser: ManagerOptions.Parser) throws {
        var options = Lab.quick
        options.maxAttachments = limit
        options.parser = parser
        try withLab(options) { lab in
            let socket = try lab.socket()
            let (fine, tooMany) = (Self.binary(limit), Self.binary(limit + 1))
            try socket.emit("x", fine.args, attachments: fine.values)
            lab.onLoop {}
            #expect(socket.bufferedEvents == 1)
            guard parser == .json else {
                try socket.emit("x", tooMany.args, attachments: tooMany.values)
                lab.onLoop {}
                #expect(socket.bufferedEvents == 2)
                return
            }
            let error = #expect(throws: SocketError.self) {
                try socket.emit("x", tooMany.args, attachments: tooMany.values)
            }
            #expect(error?.kind == .limit)
            #expect(error?.description.contains("There are \(limit + 1) binary values") == true)
            #expect(throws: SocketError.self) {
                try socket.emit("x", tooMany.args, attachments: tooMany.values, completion: lab.ack("x"))
            }
            lab.onLoop {}
            #expect(socket.bufferedEvents == 1)
        }
    }

    @Test func attachmentsOfRepliesAreLimited() throws {
        try withLab { lab in
            let socket = try lab.socket()
            try socket.on("ask") { [inbox = lab.inbox] event in
                let tooMany = Self.binary(11)
                do throws(SocketError) {
                    try event.ack?.reply(tooMany.args, attachments: tooMany.values)
                } catch {
                    inbox.put("\(error.kind == .limit)")
                }
                // It is not replied to yet.
                try? event.ack?.reply()
            }
            lab.join(socket)
            lab.server { $0.says(#"25["ask"]"#) }
            #expect(lab.inbox.next(2) == ["true", "> 35[]"])
        }
    }

    /// A handler that is told of the loss first makes another connection, and emits in a namespace that is not told yet.
    @Test func whatIsEmittedBeforeTheLossIsToldWaits() throws {
        try withLab { lab in
            let sockets = (try lab.socket("/a"), try lab.socket("/b"))
            lab.join(sockets.0)
            sockets.1.connect()
            #expect(lab.inbox.next() == "> 0/b,")
            lab.server { $0.says(#"0/b,{"sid":"b"}"#) }
            #expect(lab.inbox.next() == "connect /b b")
            lab.manager.on { _, event in
                guard case .close(let disconnection) = event, disconnection.reason == "transport close" else { return }
                lab.manager.disconnect()
                sockets.1.connect()
                try? sockets.1.emit("x")
            }
            lab.server { $0.ends(.transportClose) }
            #expect(
                lab.inbox.next(3) == [
                    "engine opens", "disconnect /a transport close", "disconnect /b transport close",
                ])
            lab.server {
                $0.opens()
                $0.says(#"0/b,{"sid":"b"}"#)
            }
            #expect(lab.inbox.next(3) == ["> 0/b,", #"> 2/b,["x"]"#, "connect /b b"])
        }
    }

    @Test func whatIsEmittedBeforeTheConnectionWaits() throws {
        try withLab { lab in
            let socket = try lab.socket()
            try socket.onConnect { try? $0.emit("last") }
            try socket.emit("first", "[1]")
            try socket.emit("lost", volatile: true)
            try socket.emit("second", completion: lab.ack("second"))
            socket.connect()
            lab.server { $0.opens() }
            try socket.emit("third")
            lab.server { $0.says(#"0{"sid":"a"}"#) }
            #expect(
                lab.inbox.next(7) == [
                    "engine opens", "> 0", #"> 2["first",1]"#, #"> 20["second"]"#, #"> 2["third"]"#, "connect / a",
                    #"> 2["last"]"#,
                ])
            #expect(socket.droppedEvents == 1)
            lab.server { $0.says("30[5]") }
            #expect(lab.inbox.next() == "second: [5] 0")
        }
    }

    @Test(arguments: [
        (ManagerOptions.OverflowPolicy.dropNewest, ["3: limit"], [#"> 20["1"]"#, #"> 21["2"]"#]),
        (.dropOldest, ["1: limit"], [#"> 21["2"]"#, #"> 22["3"]"#]),
    ])
    func whatWaitsHasALimit(policy: ManagerOptions.OverflowPolicy, dropped: [String], sent: [String]) throws {
        var options = Lab.quick
        options.maxBufferedPackets = 2
        options.overflowPolicy = policy
        try withLab(options) { lab in
            let socket = try lab.socket()
            for name in ["1", "2", "3"] { try socket.emit(name, completion: lab.ack(name)) }
            #expect(lab.inbox.next(dropped.count) == dropped)
            #expect(socket.droppedEvents == 1)
            socket.connect()
            lab.server { $0.opens() }
            lab.server { $0.says(#"0{"sid":"a"}"#) }
            #expect(lab.inbox.next(5) == ["engine opens", "> 0"] + sent + ["connect / a"])
        }
    }

    @Test func theLimitMayEndTheSocket() throws {
        var options = Lab.quick
        options.maxBufferedBytes = 30
        options.overflowPolicy = .close
        try withLab(options) { lab in
            let socket = try lab.socket()
            socket.connect()
            try socket.emit("1", completion: lab.ack("1"))
            try socket.emit("2", #"["\#(String(repeating: "a", count: 30))"]"#)
            #expect(lab.inbox.next(3) == ["engine opens", "1: limit", "engine closes"])
            let line = lab.inbox.next()
            #expect(line.hasPrefix("error / More than") && line.hasSuffix("for good"))
            #expect(socket.droppedEvents == 2)
        }
    }

    @Test func aNewerEventOfTheSameKeyTakesThePlaceOfOneThatWaits() throws {
        try withLab { lab in
            let socket = try lab.socket()
            try socket.emit("x", "[1]", coalesceKey: "k")
            try socket.emit("y")
            try socket.emit("x", "[2]", coalesceKey: "k")
            socket.connect()
            lab.server { $0.opens() }
            lab.server { $0.says(#"0{"sid":"a"}"#) }
            #expect(lab.inbox.next(5) == ["engine opens", "> 0", #"> 2["x",2]"#, #"> 2["y"]"#, "connect / a"])
            try socket.emit("x", "[3]", coalesceKey: "k")
            try socket.emit("x", "[4]", coalesceKey: "k")
            #expect(lab.inbox.next(2) == [#"> 2["x",3]"#, #"> 2["x",4]"#])
        }
    }

    @Test func aServerThatReadsSlowlyIsWaitedFor() throws {
        try withLab { lab in
            let socket = try lab.socket()
            lab.join(socket)
            lab.server { $0.bufferedBytes = 2_000_000 }
            try socket.emit("x")
            try socket.emit("y")
            lab.onLoop {}
            #expect(lab.inbox.isEmpty)
            lab.server { $0.takesAll() }
            #expect(lab.inbox.next(2) == [#"> 2["x"]"#, #"> 2["y"]"#])
            // Who leaves sends what waits before.
            lab.server { $0.bufferedBytes = 2_000_000 }
            try socket.emit("z")
            socket.disconnect()
            #expect(lab.inbox.next(2) == [#"> 2["z"]"#, "> 1"])
        }
    }

    @Test func volatileEventsAreDroppedWhenTheyCannotLeave() throws {
        try withLab { lab in
            let socket = try lab.socket()
            lab.join(socket)
            try socket.emit("a", volatile: true)
            lab.server { $0.canSendNow = false }
            try socket.emit("b", volatile: true)
            lab.onLoop { try? socket.emit("c", volatile: true) }
            try socket.emit("d")
            try socket.emit("e", volatile: true, completion: lab.ack("e"))
            #expect(lab.inbox.next(3) == [#"> 2["a"]"#, #"> 2["d"]"#, "e: limit"])
            #expect(socket.droppedEvents == 3)
        }
    }

    // MARK: Replies

    @Test func anAckEndsOnce() throws {
        try withLab { lab in
            let socket = try lab.socket()
            lab.join(socket)
            try socket.emit("x", completion: lab.ack("x"))
            try socket.emit("y", timeout: .milliseconds(1), completion: lab.ack("y"))
            #expect(lab.inbox.next(3) == [#"> 20["x"]"#, #"> 21["y"]"#, "y: timeout"])
            lab.server {
                $0.says(#"60-0["a"]"#, "30[]", "31[]", "399[]")
                $0.says(#"2["end"]"#)
            }
            #expect(lab.inbox.next() == #"x: ["a"] 0"#)
            try socket.emit("z", completion: lab.ack("z"))
            #expect(lab.inbox.next() == #"> 22["z"]"#)
            lab.server {
                $0.says(#"61-2[{"_placeholder":true,"num":0}]"#)
                $0.says(binary: [1])
            }
            #expect(lab.inbox.next() == #"z: [{"_placeholder":true,"num":0}] 1"#)
            #expect(lab.inbox.isEmpty)
        }
    }

    @Test func acksEndWithTheConnectionUnlessTheyWait() throws {
        try withLab { lab in
            let socket = try lab.socket()
            lab.join(socket)
            try socket.emit("sent", completion: lab.ack("sent"))
            #expect(lab.inbox.next() == #"> 20["sent"]"#)
            lab.server { $0.ends(.transportClose) }
            #expect(lab.inbox.next(3) == ["sent: disconnected", "disconnect / transport close", "engine opens"])
            try socket.emit("waits", completion: lab.ack("waits"))
            try socket.emit("late", timeout: .milliseconds(1), completion: lab.ack("late"))
            #expect(lab.inbox.next() == "late: timeout")
            lab.server { $0.ends(.transportClose) }
            #expect(lab.inbox.next().hasPrefix("error /"))
            #expect(lab.inbox.next() == "engine opens")
            lab.server { $0.opens() }
            lab.server { $0.says(#"0{"sid":"b"}"#, "31[1]") }
            #expect(lab.inbox.next(4) == ["> 0", #"> 21["waits"]"#, "connect / b", "waits: [1] 0"])
        }
    }

    @Test func acksHaveADefaultTimeoutAndALimit() throws {
        var options = Lab.quick
        options.maxPendingAcks = 1
        try withLab(options) { lab in
            var socketOptions = ClientSocketOptions()
            socketOptions.ackTimeout = .milliseconds(1)
            let socket = try lab.socket("/", socketOptions)
            lab.onLoop {
                try? socket.emit("x", completion: lab.ack("x"))
                try? socket.emit("y", completion: lab.ack("y"))
            }
            #expect(lab.inbox.next(2) == ["y: limit", "x: timeout"])
        }
    }

    @Test func tasksWaitForReplies() async throws {
        let lab = try Lab()
        let socket = try lab.socket()
        lab.join(socket)
        let reply = Task { try await socket.emitWithAck("x", "[1]") }
        #expect(await lab.inbox.nextLine() == #"> 20["x",1]"#)
        lab.server { $0.says("30[2]") }
        #expect(try await reply.value.args == "[2]")
        await #expect(throws: AckFailure.timeout) { try await socket.emitWithAck("y", timeout: .milliseconds(1)) }
        await #expect(throws: SocketError.self) { try await socket.emitWithAck("disconnect") }
        lab.end()
    }

    @Test func eventsAreASequence() async throws {
        let lab = try Lab()
        let socket = try lab.socket()
        let all = try socket.events()
        let some = try socket.events("y", limit: 1)
        lab.join(socket)
        lab.server { $0.says(#"2["x",1]"#, #"2["y",1]"#, #"2["y",2]"#) }
        var taken: [String] = []
        for await event in all {
            taken.append(event.name + event.args)
            if taken.count == 3 { break }
        }
        #expect(taken == ["x[1]", "y[1]", "y[2]"])
        lab.manager.close()
        // What was not taken in time is dropped, and the end comes with that of the client.
        taken = []
        for await event in some { taken.append(event.name + event.args) }
        #expect(taken == ["y[2]"])
        lab.end()
    }

    // MARK: Retries

    private func reliable(_ retries: Int, _ timeout: Duration?) -> ClientSocketOptions {
        var options = ClientSocketOptions()
        options.retries = retries
        options.ackTimeout = timeout
        return options
    }

    @Test func eventsAreSentUntilTheyAreAcknowledged() throws {
        try withLab { lab in
            let socket = try lab.socket("/", reliable(2, .milliseconds(1)))
            try socket.emit("x", "[1]")
            try socket.emit("y", completion: lab.ack("y"))
            try socket.emit("v", volatile: true)
            socket.connect()
            lab.server { $0.opens() }
            lab.server { $0.says(#"0{"sid":"a"}"#) }
            #expect(lab.inbox.next(4) == ["engine opens", "> 0", #"> 20["x",1]"#, "connect / a"])
            // Two more tries of the first one, then it is given up.
            #expect(
                lab.inbox.next(4) == [
                    #"> 20["x",1]"#, #"> 20["x",1]"#, #"> 21["y"]"#, #"> 21["y"]"#,
                ])
        }
    }

    @Test func theNextOneGoesWhenTheOneBeforeIsAcknowledged() throws {
        try withLab { lab in
            let socket = try lab.socket("/", reliable(3, nil))
            socket.connect()
            lab.server { $0.opens() }
            try socket.emit("x")
            try socket.emit("y", completion: lab.ack("y"))
            lab.server { $0.says(#"0{"sid":"a"}"#) }
            #expect(lab.inbox.next(4) == ["engine opens", "> 0", #"> 20["x"]"#, "connect / a"])
            lab.server { $0.says("31[]", "30[]") }
            #expect(lab.inbox.next() == #"> 21["y"]"#)
            // It is sent again on the next connection.
            lab.server { $0.ends(.transportClose) }
            #expect(lab.inbox.next(2) == ["disconnect / transport close", "engine opens"])
            lab.server { $0.opens() }
            lab.server { $0.says(#"0{"sid":"b"}"#, "31[7]") }
            #expect(lab.inbox.next(4) == ["> 0", #"> 21["y"]"#, "connect / b", "y: [7] 0"])
        }
    }

    @Test func whatIsGivenUpSaysSo() throws {
        try withLab { lab in
            let socket = try lab.socket("/", reliable(1, .milliseconds(1)))
            lab.join(socket)
            try socket.emit("x", completion: lab.ack("x"))
            #expect(lab.inbox.next(3) == [#"> 20["x"]"#, #"> 20["x"]"#, "x: timeout"])
            // The last try was on a connection that went.
            lab.manager.disconnect()
        }
    }

    // MARK: msgpack

    @Test func theOtherParser() throws {
        var options = Lab.quick
        options.parser = .msgpack
        try withLab(options) { lab in
            let socket = try lab.socket()
            try socket.on("x") { [inbox = lab.inbox] event in inbox.put("\(event.args) \(event.attachments)") }
            socket.connect()
            lab.server { $0.opens() }
            #expect(lab.inbox.next() == "engine opens")
            // {type: 0, nsp: "/"}
            #expect(
                lab.inbox.next()
                    == "> \([0x82, 0xA4] + Array("type".utf8) + [0, 0xA3] + Array("nsp".utf8) + [0xA1, 0x2F])")
            lab.server {
                $0.says(
                    binary: [0x83, 0xA4] + Array("type".utf8) + [0, 0xA4] + Array("data".utf8) + [0x81, 0xA3]
                        + Array("sid".utf8) + [0xA1, 0x61, 0xA3] + Array("nsp".utf8) + [0xA1, 0x2F])
                $0.says(
                    binary: [0x83, 0xA4] + Array("type".utf8) + [2, 0xA4] + Array("data".utf8) + [0x92, 0xA1, 0x78]
                        + [0xC4, 1, 9, 0xA3] + Array("nsp".utf8) + [0xA1, 0x2F])
            }
            #expect(lab.inbox.next(2) == ["connect / a", #"[{"_placeholder":true,"num":0}] [[9]]"#])
            lab.server { $0.says(#"2["x"]"#) }
            #expect(lab.inbox.next() == "disconnect / parse error")
        }
    }
}
