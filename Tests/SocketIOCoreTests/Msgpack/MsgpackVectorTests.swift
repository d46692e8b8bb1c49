import Testing

@testable import SocketIOCore

/// What socket.io-msgpack-parser writes (protocol reference, sections 19 and 25.5).
struct MsgpackVectorTests {
    static let sid = "0123456789abcdefghij"
    static let placeholder = #"{"_placeholder":true,"num":0}"#

    static let vectors: [(String, ReadableMessage)] = [
        ("82a47479706500a36e7370a12f", .init(.init(.connect))),
        ("82a47479706501a36e7370a12f", .init(.init(.disconnect))),
        (
            "83a47479706500a36e7370a12fa46461746181a3736964b4\(hex(sid.utf8))",
            .init(.init(.connect, #"{"sid":"\#(sid)"}"#))
        ),
        ("83a47479706502a36e7370a12fa46461746192a2686901", .init(.init(.event, #"["hi",1]"#))),
        (
            "84a47479706502a36e7370a62f61646d696ea46461746192a26869c403010203a2696407",
            .init(.init(.event, namespace: "/admin", id: 7, #"["hi",\#(placeholder)]"#), attachments: [[1, 2, 3]])
        ),
        ("84a47479706503a36e7370a12fa46461746191a26f6ba2696407", .init(.init(.ack, id: 7, #"["ok"]"#))),
        (
            "83a47479706504a36e7370a22f78a46461746181a76d657373616765b1496e76616c6964206e616d657370616365",
            .init(.init(.connectError, namespace: "/x", #"{"message":"Invalid namespace"}"#))
        ),
    ]

    @Test(arguments: vectors)
    func reads(_ message: String, _ expected: ReadableMessage) throws {
        #expect(try ReadableMessage(parsing: bytes(message)) == expected)
    }

    @Test(arguments: vectors)
    func writes(_ message: String, _ packet: ReadableMessage) throws {
        let written = withAttachments(packet.attachments) { attachments in
            packet.packet.withOutgoing { $0.msgpack(attachments: attachments, limit: 1 << 20) }
        }
        #expect(written.map { hex($0) } == message)
    }

    /// The Node server's answer to CONNECT: `data` before `nsp`, and a member that is undefined.
    @Test
    func readsUndefinedMember() throws {
        let message = "83a47479706500a46461746182a3736964b4\(hex(Self.sid.utf8))a3706964d40000a36e7370a12f"
        #expect(
            try ReadableMessage(parsing: bytes(message)) == .init(.init(.connect, #"{"sid":"\#(Self.sid)"}"#)))
    }

    /// An event of the JavaScript client: it leaves its options in the packet.
    @Test
    func ignoresOtherFields() throws {
        let message = "84a47479706502a46461746191a26869a76f7074696f6e7381a8636f6d7072657373c3a36e7370a12f"
        #expect(try ReadableMessage(parsing: bytes(message)) == .init(.init(.event, #"["hi"]"#)))
    }

    /// Whatever is left of a packet, nothing is read behind its end, and none is taken for a whole one.
    @Test(arguments: vectors)
    func refusesBeingCutOff(_ message: String, _: ReadableMessage) {
        let message = bytes(message)
        for count in 0..<message.count {
            #expect(refusal(ofMessage: Array(message[..<count])) != nil)
        }
    }

    /// Nothing may follow the map.
    @Test(arguments: vectors)
    func refusesWhatFollows(_ message: String, _: ReadableMessage) {
        #expect(refusal(ofMessage: bytes(message) + [0xC0]) == .notMsgpack)
    }

    /// What adapters of a cluster publish: values of the same kind, which are not packets.
    @Test(
        arguments: [
            (
                "93a661626364656683a47479706502a46461746192a2657601a36e7370a12f83a5726f6f6d7391a27231a665786365707490"
                    + "a5666c61677380",
                #"["abcdef",{"type":2,"data":["ev",1],"nsp":"/"},{"rooms":["r1"],"except":[],"flags":{}}]"#, []
            ),
            (
                "93a7656d697474657283a47479706502a46461746192a26576c4020102a36e7370a12f83a5726f6f6d7390a5666c61677380"
                    + "a665786365707490",
                #"["emitter",{"type":2,"data":["ev",\#(placeholder)],"nsp":"/"},"#
                    + #"{"rooms":[],"flags":{},"except":[]}]"#,
                [[1, 2]]
            ),
        ] as [(String, String, [[UInt8]])])
    func valuesOfAdapters(_ value: String, _ json: String, _ attachments: [[UInt8]]) throws {
        let message = try ReadableMessage(parsing: event(bytes(value)))
        #expect(message.packet.payload == #"["e","# + json + "]")
        #expect(message.attachments == attachments)
        #expect(written(argument: json, attachments: attachments) == value)
    }
}
