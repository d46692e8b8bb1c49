import Testing

@testable import SocketIOClient

/// What those are shown who look at packets.
@Suite(.serialized, .timeLimit(.minutes(2))) struct PacketTests {
    private func listen(_ lab: Lab) -> Registration {
        lab.manager.onPacket { [inbox = lab.inbox] _, packet in
            let id = packet.id.map { " \($0)" } ?? ""
            let attachments = packet.attachments.isEmpty ? "" : " \(packet.attachments)"
            inbox.put("\(packet.kind.rawValue) \(packet.namespace)\(id) \(packet.data)\(attachments)")
        }
    }

    @Test func theyComeBeforeWhatTheyAreFor() throws {
        try withLab { lab in
            let socket = try lab.socket("/chat")
            try socket.on("x") { [inbox = lab.inbox] in inbox.put("x \($0.args) \($0.attachments)") }
            let registration = listen(lab)
            socket.connect()
            lab.server {
                $0.opens()
                $0.says(#"2/chat,["x",0]"#, #"0/chat,{"sid":"a"}"#)
            }
            #expect(
                lab.inbox.next(6) == [
                    "engine opens", "> 0/chat,", #"EVENT /chat ["x",0]"#, #"CONNECT /chat {"sid":"a"}"#, "x [0] []",
                    "connect /chat a",
                ])
            lab.server { $0.says(#"2/chat,7["x",1]"#) }
            #expect(lab.inbox.next(2) == [#"EVENT /chat 7 ["x",1]"#, "x [1] []"])
            // One with binary values is shown when they have come.
            lab.server {
                $0.says(#"52-/chat,["x",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#)
                $0.says(binary: [1, 2])
                $0.says(binary: [3])
            }
            let arguments = #"{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}"#
            #expect(
                lab.inbox.next(2) == [
                    #"EVENT /chat ["x",\#(arguments)] [[1, 2], [3]]"#, #"x [\#(arguments)] [[1, 2], [3]]"#,
                ])
            try socket.emit("ask", completion: lab.ack("asked"))
            try socket.emit("ask", completion: lab.ack("asked"))
            #expect(lab.inbox.next(2) == [#"> 2/chat,0["ask"]"#, #"> 2/chat,1["ask"]"#])
            lab.server {
                $0.says(#"3/chat,0[5]"#, #"61-/chat,1[{"_placeholder":true,"num":0}]"#)
                $0.says(binary: [9])
            }
            #expect(
                lab.inbox.next(4) == [
                    "ACK /chat 0 [5]", "asked: [5] 0", #"ACK /chat 1 [{"_placeholder":true,"num":0}] [[9]]"#,
                    #"asked: [{"_placeholder":true,"num":0}] 1"#,
                ])
            // Those for somebody else as well.
            lab.server { $0.says(#"4/nobody,{"message":"no"}"#, "1/chat,") }
            #expect(
                lab.inbox.next(4) == [
                    #"CONNECT_ERROR /nobody {"message":"no"}"#, "DISCONNECT /chat ", "engine closes",
                    "disconnect /chat io server disconnect",
                ])
            #expect(lab.manager.off(registration))
            #expect(!lab.manager.off(registration))
            lab.join(socket)
        }
    }

    @Test func ofMsgpackToo() throws {
        var options = Lab.quick
        options.parser = .msgpack
        try withLab(options) { lab in
            let socket = try lab.socket()
            _ = listen(lab)
            socket.connect()
            #expect(lab.inbox.next() == "engine opens")
            lab.server {
                $0.opens()
                // {"type": 0, "nsp": "/", "data": {"sid": "a"}}
                $0.says(
                    binary: Array("\u{83}\u{A4}type\0\u{A3}nsp\u{A1}/\u{A4}data\u{81}\u{A3}sid\u{A1}a".unicodeScalars)
                        .map { UInt8(truncatingIfNeeded: $0.value) })
            }
            #expect(lab.inbox.next().hasPrefix("> ["))
            #expect(lab.inbox.next(2) == [#"CONNECT / {"sid":"a"}"#, "connect / a"])
        }
    }

    /// Whoever leaves while a packet is shown does not get it.
    @Test func leavingInTheMiddle() throws {
        try withLab { lab in
            let socket = try lab.socket()
            try socket.on("x") { [inbox = lab.inbox] _ in inbox.put("x") }
            lab.join(socket)
            let registration = lab.manager.onPacket { _, _ in socket.disconnect() }
            lab.server { $0.says(#"2["x"]"#) }
            #expect(lab.inbox.next(3) == ["> 1", "engine closes", "disconnect / io client disconnect"])
            lab.manager.off(registration)
            lab.join(socket)
            lab.manager.onPacket { _, _ in socket.disconnect() }
            lab.server {
                $0.says(#"51-["x",{"_placeholder":true,"num":0}]"#)
                $0.says(binary: [1])
            }
            #expect(lab.inbox.next(3) == ["> 1", "engine closes", "disconnect / io client disconnect"])
            lab.onLoop {}
            #expect(lab.inbox.isEmpty)
        }
    }
}
