import Testing

@testable import SocketIOCore

/// What the encoders of the reference write (protocol reference, section 25.1).
struct GoldenVectorTests {
    static let placeholder = #"{"_placeholder":true,"num":0}"#
    static let nested =
        #"["up",{"f":{"_placeholder":true,"num":0},"n":"x","g":[{"_placeholder":true,"num":1},{"_placeholder":true,"num":2}]}]"#

    static let vectors: [(String, ReadablePacket)] = [
        ("0", .init(.connect)),
        (#"0{"token":"123"}"#, .init(.connect, #"{"token":"123"}"#)),
        ("0/admin,", .init(.connect, namespace: "/admin")),
        (#"0/admin,{"sid":"abc"}"#, .init(.connect, namespace: "/admin", #"{"sid":"abc"}"#)),
        ("1", .init(.disconnect)),
        ("1/admin,", .init(.disconnect, namespace: "/admin")),
        (#"2["hello",1,"2",{"a":null}]"#, .init(.event, #"["hello",1,"2",{"a":null}]"#)),
        (#"212["project:delete",123]"#, .init(.event, id: 12, #"["project:delete",123]"#)),
        (
            #"2/admin,456["project:delete",123]"#,
            .init(.event, namespace: "/admin", id: 456, #"["project:delete",123]"#)
        ),
        ("30[]", .init(.ack, id: 0, "[]")),
        ("3/admin,456[]", .init(.ack, namespace: "/admin", id: 456, "[]")),
        (#"313["ok",{"x":[1]}]"#, .init(.ack, id: 13, #"["ok",{"x":[1]}]"#)),
        (#"4{"message":"Not authorized"}"#, .init(.connectError, #"{"message":"Not authorized"}"#)),
        (
            #"4/admin,{"message":"nope","data":{"code":1}}"#,
            .init(.connectError, namespace: "/admin", #"{"message":"nope","data":{"code":1}}"#)
        ),
        (#"51-["up",\#(placeholder)]"#, .init(.binaryEvent, attachments: 1, #"["up",\#(placeholder)]"#)),
        ("53-/admin,7\(nested)", .init(.binaryEvent, attachments: 3, namespace: "/admin", id: 7, nested)),
        ("61-9[\(placeholder)]", .init(.binaryAck, attachments: 1, id: 9, "[\(placeholder)]")),
        (#"2["d","1970-01-01T00:00:00.000Z"]"#, .init(.event, #"["d","1970-01-01T00:00:00.000Z"]"#)),
        (#"2["u",null,null,null]"#, .init(.event, #"["u",null,null,null]"#)),
        (#"2[5,"numeric name"]"#, .init(.event, #"[5,"numeric name"]"#)),
        (#"2["é€😀\n\"\\"]"#, .init(.event, #"["é€😀\n\"\\"]"#)),
    ]

    @Test(arguments: vectors)
    func parses(_ text: String, _ expected: ReadablePacket) throws {
        #expect(try ReadablePacket(parsing: text) == expected)
    }

    /// But for names that are numbers or have escapes: the first are not emitted, the others are in OutgoingPacketTests.
    @Test(arguments: vectors.filter { !$0.0.hasPrefix("2[5,") && !$0.0.contains("\\") })
    func writes(_ text: String, _ packet: ReadablePacket) {
        let size = text.utf8.count
        #expect(packet.withOutgoing { packet in written(capacity: size) { packet.write(into: $0) } } == text)
    }

    /// Whatever is left of a packet, nothing is read behind its end: a sanitizer would say so.
    @Test(arguments: vectors)
    func survivesBeingCutOff(_ text: String, _: ReadablePacket) {
        let bytes = Array(text.utf8)
        for count in 0...bytes.count {
            _ = try? parse(Array(bytes[..<count]))
        }
    }
}
