import Testing

@testable import SocketIOCore

/// What JSON text becomes in MessagePack: the smallest forms, which are notepack's.
struct MsgpackWritingTests {
    @Test(arguments: [
        ("null", "c0"), ("false", "c2"), ("true", "c3"),
        ("0", "00"), ("127", "7f"), ("128", "cc80"), ("255", "ccff"), ("256", "cd0100"), ("65535", "cdffff"),
        ("65536", "ce00010000"), ("4294967295", "ceffffffff"), ("4294967296", "cf0000000100000000"),
        ("9007199254740993", "cf0020000000000001"), ("18446744073709551615", "cfffffffffffffffff"),
        ("-1", "ff"), ("-32", "e0"), ("-33", "d0df"), ("-128", "d080"), ("-129", "d1ff7f"), ("-32768", "d18000"),
        ("-32769", "d2ffff7fff"), ("-2147483648", "d280000000"), ("-2147483649", "d3ffffffff7fffffff"),
        ("-9223372036854775808", "d38000000000000000"), ("-0", "00"),
        ("18446744073709551616", "cb43f0000000000000"), ("-9223372036854775809", "cbc3e0000000000000"),
        ("1.5", "cb3ff8000000000000"), ("1.0", "cb3ff0000000000000"), ("1e2", "cb4059000000000000"),
        ("-0.0", "cb8000000000000000"), ("1E-7", "cb3e7ad7f29abcaf48"), ("1e999", "cb7ff0000000000000"),
        (#""""#, "a0"), (#""€""#, "a3e282ac"), (#""\n\"\\\u0001\/""#, "a50a225c012f"),
        (#""\ud83d\ude00""#, "a4f09f9880"), (#""\ud800""#, "a3efbfbd"),
        ("[]", "90"), ("{}", "80"), (" [ 1 , [ ] , { } ] ", "93019080"),
        (#"{"a":1,"b":{"c":[null]}}"#, "82a16101a16281a16391c0"), (#"{ "a" : "b" }"#, "81a161a162"),
        (#"{"\u0061":1}"#, "81a16101"),
    ])
    func values(_ json: String, _ data: String) {
        #expect(written(argument: json) == data)
    }

    @Test(arguments: [
        (31, "bf"), (32, "d920"), (255, "d9ff"), (256, "da0100"), (65535, "daffff"), (65536, "db00010000"),
    ])
    func textSizes(_ size: Int, _ header: String) {
        let text = String(repeating: "a", count: size)
        #expect(written(argument: "\"\(text)\"") == header + hex(text.utf8))
    }

    @Test(arguments: [(0, "c400"), (255, "c4ff"), (256, "c50100"), (65535, "c5ffff"), (65536, "c600010000")])
    func attachmentSizes(_ size: Int, _ header: String) {
        let attachment = [UInt8](repeating: 7, count: size)
        #expect(
            written(argument: MsgpackVectorTests.placeholder, attachments: [attachment]) == header + hex(attachment))
    }

    @Test(arguments: [
        (15, "9f", "8f"), (16, "dc0010", "de0010"), (65535, "dcffff", "deffff"),
        (65536, "dd00010000", "df00010000"),
    ])
    func counts(_ count: Int, _ array: String, _ map: String) {
        let elements = Array(repeating: "1", count: count).joined(separator: ",")
        #expect(written(argument: "[\(elements)]") == array + String(repeating: "01", count: count))
        let members = Array(repeating: #""a":1"#, count: count).joined(separator: ",")
        #expect(written(argument: "{\(members)}") == map + String(repeating: "a16101", count: count))
    }

    /// Placeholders are found by the rule that validates them, wherever they are and however they are written.
    @Test(arguments: [
        (#"{"_placeholder":true,"num":1}"#, "c40102"), (#" { "num" : 0 , "_placeholder" : true } "#, "c40101"),
        (#"{"\u005fplaceholder":true,"n\u0075m":1}"#, "c40102"),
        (#"{"num":5,"num":1,"_placeholder":false,"_placeholder":true}"#, "c40102"),
        (#"{"_placeholder":true,"x":[{},[1,{"y":[]}]],"num":0}"#, "c40101"),
        (#"[{"_placeholder":true,"x":[[]],"num":0},[2],{"a":3}]"#, "93c4010191 02 81a16103"),
        (#"{"a":{"_placeholder":true,"num":0},"b":{"_placeholder":true,"num":0}}"#, "82a161c40101a162c40101"),
        // These are none.
        (#"{"_placeholder":false,"num":0}"#, "82ac5f706c616365686f6c646572c2a36e756d00"),
        (
            #"{"_placeholder":true,"_placeholder":1,"num":0}"#,
            "83ac5f706c616365686f6c646572c3ac5f706c616365686f6c64657201a36e756d00"
        ),
        (#"{"num":0}"#, "81a36e756d00"),
    ])
    func placeholders(_ json: String, _ data: String) {
        #expect(written(argument: json, attachments: [[1], [2]]) == data.replacing(" ", with: ""))
    }

    /// Without attachments an object that looks like a placeholder is plain data.
    @Test
    func plainPlaceholders() {
        #expect(written(argument: #"{"_placeholder":true,"num":0}"#) == "82ac5f706c616365686f6c646572c3a36e756d00")
    }

    /// Many placeholders of one attachment would make a packet of any size.
    @Test
    func limit() {
        let attachment = [UInt8](repeating: 1, count: 1000)
        let arguments = Array(repeating: MsgpackVectorTests.placeholder, count: 1000).joined(separator: ",")
        #expect(written(arguments, attachments: [attachment], limit: 999_999) == nil)
        #expect(written(arguments, attachments: [attachment], limit: 1_010_000) != nil)
        #expect(written("\"\(String(repeating: "a", count: 1000))\"", limit: 1000) == nil)
    }

    @Test
    func argumentsAreCounted() {
        #expect(written(#"1,"a",[2],{"b":3}"#) == event(bytes("01 a161 9102 81a16203"), count: 4))
        #expect(written("") == event([], count: 0))
    }
}
