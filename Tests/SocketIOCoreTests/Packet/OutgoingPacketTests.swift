import Testing

@testable import SocketIOCore

struct OutgoingPacketTests {
    @Test
    func connect() {
        #expect(encode(namespace: "") { .connect(namespace: $0, json: $1) } == "0")
        #expect(encode(namespace: "/admin") { .connect(namespace: $0, json: $1) } == "0/admin,")
        #expect(encode(namespace: "/", #"{"a":1}"#) { .connect(namespace: $0, json: $1) } == #"0{"a":1}"#)
        #expect(encode(namespace: "/admin", "{}") { .connect(namespace: $0, json: $1) } == "0/admin,{}")
    }

    @Test
    func connectError() {
        let json = #"{"message":"nope","data":{"code":1}}"#
        #expect(encode(namespace: "/admin", json) { .connectError(namespace: $0, json: $1) } == "4/admin,\(json)")
    }

    @Test
    func disconnect() {
        #expect(encode(namespace: "/") { namespace, _ in .disconnect(namespace: namespace) } == "1")
        #expect(encode(namespace: "/admin") { namespace, _ in .disconnect(namespace: namespace) } == "1/admin,")
    }

    @Test(
        arguments: [
            ("", nil, 0, "hello", #"1,"2",{"a":null}"#, #"2["hello",1,"2",{"a":null}]"#),
            ("", nil, 0, "a", "", #"2["a"]"#),
            ("/", 0, 0, "a", "1", #"20["a",1]"#),
            ("/admin", 456, 0, "project:delete", "123", #"2/admin,456["project:delete",123]"#),
            ("", .max, 0, "a", "", #"218446744073709551615["a"]"#),
            ("", nil, 1, "up", #"{"_placeholder":true,"num":0}"#, #"51-["up",{"_placeholder":true,"num":0}]"#),
            ("/admin", 7, 10, "up", "0", #"510-/admin,7["up",0]"#),
            ("", nil, 0, "é€😀\n\"\\", "", #"2["é€😀\n\"\\"]"#),
            ("", nil, -1, "a", "", #"2["a"]"#),
        ] as [(String, UInt64?, Int, String, String, String)])
    func event(
        _ namespace: String,
        _ id: UInt64?,
        _ attachments: Int,
        _ name: String,
        _ arguments: String,
        _ expected: String
    ) {
        let text = withBytes(name) { name in
            encode(namespace: namespace, arguments) {
                .event(namespace: $0, acknowledgement: id, attachments: attachments, name: name, arguments: $1)
            }
        }
        #expect(text == expected)
    }

    @Test(
        arguments: [
            ("", 0, 0, "", "30[]"), ("/admin", 456, 0, "", "3/admin,456[]"),
            ("", 13, 0, #""ok",{"x":[1]}"#, #"313["ok",{"x":[1]}]"#),
            ("", 9, 1, #"{"_placeholder":true,"num":0}"#, #"61-9[{"_placeholder":true,"num":0}]"#),
        ] as [(String, UInt64, Int, String, String)])
    func ack(_ namespace: String, _ id: UInt64, _ attachments: Int, _ arguments: String, _ expected: String) {
        let text = encode(namespace: namespace, arguments) {
            .ack(namespace: $0, acknowledgement: id, attachments: attachments, arguments: $1)
        }
        #expect(text == expected)
    }

    /// Encodes into exactly `encodedSize` bytes, and checks that fewer are not written to.
    private func encode(
        namespace: String,
        _ text: String = "",
        _ packet: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> OutgoingPacket
    ) -> String {
        withBytes(namespace) { namespace in
            withBytes(text) { text in
                let packet = packet(namespace, text)
                for capacity in stride(from: 0, to: packet.encodedSize, by: 1) {
                    #expect(written(capacity: capacity) { packet.write(into: $0) } == "")
                }
                return written(capacity: packet.encodedSize) { packet.write(into: $0) }
            }
        }
    }
}
