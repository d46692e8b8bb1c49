import Testing

@testable import SocketIOCore

/// What a MessagePack value becomes in JSON.
struct MsgpackReadingTests {
    @Test(arguments: [
        ("c0", "null"), ("c2", "false"), ("c3", "true"),
        ("00", "0"), ("7f", "127"), ("cc80", "128"), ("cdffff", "65535"), ("ceffffffff", "4294967295"),
        ("cf0020000000000001", "9007199254740993"), ("cfffffffffffffffff", "18446744073709551615"),
        ("ff", "-1"), ("e0", "-32"), ("d080", "-128"), ("d18000", "-32768"), ("d280000000", "-2147483648"),
        ("d38000000000000000", "-9223372036854775808"),
        // Not in the smallest form.
        ("d3000000000000002a", "42"), ("d07f", "127"), ("cc01", "1"),
        ("cb3ff8000000000000", "1.5"), ("cb3ff0000000000000", "1.0"), ("cb8000000000000000", "-0.0"),
        ("cb4341c37937e08000", "1e+16"), ("cb0000000000000001", "5e-324"), ("ca3fc00000", "1.5"),
        ("ca3dcccccd", "0.10000000149011612"),
        // JSON has no such numbers.
        ("cb7ff8000000000000", "null"), ("cb7ff0000000000000", "null"), ("caff800000", "null"),
        ("a0", #""""#), ("a3e282ac", #""€""#), ("d901 61", #""a""#), ("da0001 61", #""a""#),
        ("db00000001 61", #""a""#), ("a40a22 5c01", #""\n\"\\\u0001""#),
        ("90", "[]"), ("9201c0", "[1,null]"), ("dc0001 90", "[[]]"), ("dd00000001 80", "[{}]"),
        ("80", "{}"), ("82a16101a16292c2c3", #"{"a":1,"b":[false,true]}"#), ("de0001 a16101", #"{"a":1}"#),
        ("df00000001 a16101", #"{"a":1}"#),
        // Properties of JavaScript are text, and JSON may have equal keys.
        ("8201a16120c0", #"{"1":"a","32":null}"#),
        ("82ffa161e0c0", #"{"-1":"a","-32":null}"#), ("82a16101a16102", #"{"a":1,"a":2}"#),
        // undefined: null among elements, left out as a member.
        ("d40000", "null"), ("93d400000102", "[null,1,2]"), ("83a161d40000a16201a163d40000", #"{"b":1}"#),
        ("81a161d40000", "{}"),
    ])
    func values(_ data: String, _ json: String) throws {
        #expect(try arguments(data) == json)
    }

    @Test(arguments: [
        // notepack's dates: signed milliseconds.
        ("d700 0000000000000000", "1970-01-01T00:00:00.000Z"),
        ("d700 ffffffffffffffff", "1969-12-31T23:59:59.999Z"),
        ("d700 0000019c19dd3400", "2026-02-01T15:40:53.120Z"),
        // Leap days, and the days behind them.
        ("d6ff 38bb0c00", "2000-02-29T00:00:00.000Z"), ("d6ff 38bc5d80", "2000-03-01T00:00:00.000Z"),
        ("d6ff 65dfc900", "2024-02-29T00:00:00.000Z"), ("c70cff 00000000 ffffffff7c558180", "1900-01-01T00:00:00.000Z"),
        ("c70cff 00000000 ffffffff7ca34a00", "1900-03-01T00:00:00.000Z"),
        ("d700 001eb208c2dc0000", "+275760-09-13T00:00:00.000Z"),
        ("d700 ffe14df73d240000", "-271821-04-20T00:00:00.000Z"),
        // MessagePack's timestamps.
        ("d6ff 00000000", "1970-01-01T00:00:00.000Z"), ("d6ff ffffffff", "2106-02-07T06:28:15.000Z"),
        ("d7ff ee6b27fc 00000000", "1970-01-01T00:00:00.999Z"),
        ("c70cff 3b9ac9ff ffffffffffffffff", "1969-12-31T23:59:59.999Z"),
        ("c70cff 00000000 fffffff1868b8400", "0000-01-01T00:00:00.000Z"),
    ])
    func dates(_ data: String, _ text: String) throws {
        #expect(try arguments(data) == "\"\(text)\"")
    }

    /// What JavaScript's dates cannot say, `JSON.stringify` writes as null.
    @Test(arguments: [
        "d700 001eb208c2dc0001", "d700 7fffffffffffffff", "d700 8000000000000000",
        "c70cff 00000000 7fffffffffffffff", "c70cff 00000000 8000000000000000",
    ])
    func datesOutOfRange(_ data: String) throws {
        #expect(try arguments(data) == "null")
    }

    /// Bytes, as Node writes them (bin), and as a browser does (ArrayBuffers, in extensions).
    @Test(arguments: [
        "c4020102", "c500020102", "c6000000020102", "c702000102", "c80002000102", "c900000002000102", "d5000102",
    ])
    func attachments(_ data: String) throws {
        let message = try ReadableMessage(parsing: event(bytes(data)))
        #expect(message == .init(.init(.event, #"["e",{"_placeholder":true,"num":0}]"#), attachments: [[1, 2]]))
    }

    @Test
    func attachmentsAreNumbered() throws {
        let message = try ReadableMessage(parsing: event(bytes("c40101 81a162c40102 91c400"), count: 3))
        let placeholders = (0...2).map { "{\"_placeholder\":true,\"num\":\($0)}" }
        #expect(
            message
                == .init(
                    .init(.event, "[\"e\",\(placeholders[0]),{\"b\":\(placeholders[1])},[\(placeholders[2])]]"),
                    attachments: [[1], [2], []]))
    }

    @Test
    func attachmentsOfReplies() throws {
        let message = try ReadableMessage(
            parsing: bytes("84 a474797065 03 a36e7370 a12f a464617461 91c40107 a26964 cd0100"))
        #expect(message == .init(.init(.ack, id: 256, #"[{"_placeholder":true,"num":0}]"#), attachments: [[7]]))
    }

    // MARK: Packets

    @Test(
        arguments: [
            // Python says nil for no data, other encoders undefined.
            ("83 a474797065 01 a36e7370 a12f a464617461 c0", .init(.disconnect)),
            ("83 a474797065 00 a36e7370 a12f a464617461 c0", .init(.connect)),
            ("84 a474797065 00 a36e7370 a22f61 a464617461 d40000 a26964 d40000", .init(.connect, namespace: "/a")),
            // A reply without arguments; numbers that are written as floats, in any order.
            (
                "84 a26964 cb4014000000000000 a464617461 90 a36e7370 a12f a474797065 ca40400000",
                .init(.ack, id: 5, "[]")
            ),
            ("83 a474797065 02 a36e7370 a12f a464617461 91 05", .init(.event, "[5]")),
            // Of equal keys the last one counts.
            ("83 a474797065 00 a474797065 01 a36e7370 a12f", .init(.disconnect)),
        ] as [(String, ReadablePacket)])
    func packets(_ message: String, _ packet: ReadablePacket) throws {
        #expect(try ReadableMessage(parsing: bytes(message)) == .init(packet))
    }

    @Test(
        arguments: [
            ("", .notMsgpack), ("c0", .notMsgpack), ("90", .notMsgpack), ("c1", .notMsgpack),
            ("81 01 02", .notMsgpack), ("81 c0 02", .notMsgpack),
            ("80", .unknownType), ("81 a36e7370 a12f", .unknownType),
            ("82 a474797065 05 a36e7370 a12f", .unknownType), ("82 a474797065 06 a36e7370 a12f", .unknownType),
            ("82 a474797065 ff a36e7370 a12f", .unknownType), ("82 a474797065 a132 a36e7370 a12f", .unknownType),
            ("82 a474797065 cd0100 a36e7370 a12f", .unknownType),
            ("82 a474797065 cb3ff8000000000000 a36e7370 a12f", .unknownType),
            ("81 a474797065 00", .invalidNamespace), ("82 a474797065 00 a36e7370 c0", .invalidNamespace),
            ("82 a474797065 00 a36e7370 a0", .invalidNamespace), ("82 a474797065 00 a36e7370 a161", .invalidNamespace),
            ("82 a474797065 00 a36e7370 01", .invalidNamespace),
            ("82 a474797065 00 a36e7370 a32f2c61", .invalidNamespace),
            ("83 a474797065 02 a36e7370 a12f a26964 01", .invalidPayload),
            ("83 a474797065 03 a36e7370 a12f a26964 01", .invalidPayload),
            ("82 a474797065 04 a36e7370 a12f", .invalidPayload),
            ("83 a474797065 00 a36e7370 a12f a464617461 90", .invalidPayload),
            ("83 a474797065 00 a36e7370 a12f a464617461 a161", .invalidPayload),
            ("83 a474797065 01 a36e7370 a12f a464617461 80", .invalidPayload),
            ("83 a474797065 02 a36e7370 a12f a464617461 80", .invalidPayload),
            ("83 a474797065 02 a36e7370 a12f a464617461 c0", .invalidPayload),
            ("83 a474797065 03 a36e7370 a12f a464617461 c0", .invalidPayload),
            ("83 a474797065 04 a36e7370 a12f a464617461 90", .invalidPayload),
            ("83 a474797065 00 a36e7370 a12f a464617461 81a161c40101", .illegalAttachments),
            ("83 a474797065 00 a36e7370 a12f a26964 c0", .invalidID),
            ("83 a474797065 00 a36e7370 a12f a26964 ff", .invalidID),
            ("83 a474797065 00 a36e7370 a12f a26964 a131", .invalidID),
            ("83 a474797065 00 a36e7370 a12f a26964 cb3ff8000000000000", .invalidID),
        ] as [(String, PacketError.Kind)])
    func invalidPackets(_ message: String, _ kind: PacketError.Kind) {
        #expect(refusal(ofMessage: bytes(message)) == kind)
    }
}
