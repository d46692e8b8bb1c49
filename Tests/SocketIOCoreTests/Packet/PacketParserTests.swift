import Testing

@testable import SocketIOCore

struct PacketParserTests {
    @Test(arguments: [
        ("0/admin", ReadablePacket(.connect, namespace: "/admin")),
        ("0/a?token=1,", .init(.connect, namespace: "/a?token=1")),
        ("0/,", .init(.connect)),
        ("0/", .init(.connect)),
        ("0/é,", .init(.connect, namespace: "/é")),
        ("1/admin", .init(.disconnect, namespace: "/admin")),
        ("2/,[\"a\"]", .init(.event, "[\"a\"]")),
        ("218446744073709551615[\"a\"]", .init(.event, id: .max, "[\"a\"]")),
        ("2007[\"a\"]", .init(.event, id: 7, "[\"a\"]")),
        ("2 \t[ \"a\" , 1 ] \n", .init(.event, "[ \"a\" , 1 ]")),
        ("0 {} ", .init(.connect, "{}")),
        ("3", .init(.ack)),
        ("39", .init(.ack, id: 9)),
        ("3[]", .init(.ack, "[]")),
        ("4\"refused\"", .init(.connectError, "\"refused\"")),
        ("50-[\"a\"]", .init(.binaryEvent, "[\"a\"]")),
        ("510-[\"a\"]", .init(.binaryEvent, attachments: 10, "[\"a\"]")),
        ("60-1[]", .init(.binaryAck, id: 1, "[]")),
    ])
    func accepts(_ text: String, _ expected: ReadablePacket) throws {
        #expect(try ReadablePacket(parsing: text) == expected)
    }

    @Test(arguments: [
        ("", PacketError.Kind.unknownType), ("7", .unknownType), ("9[\"a\"]", .unknownType), ("a", .unknownType),
        ("/", .unknownType), ("\0", .unknownType), ("-1", .unknownType), (" 2[\"a\"]", .unknownType),
        // The payload of each type.
        ("0[]", .invalidPayload), ("0\"a\"", .invalidPayload), ("0null", .invalidPayload), ("0 ", .invalidPayload),
        ("0{", .invalidPayload), ("0/admin,1.5", .invalidPayload), ("0{}x", .invalidPayload),
        ("1{}", .invalidPayload), ("1[]", .invalidPayload), ("1 ", .invalidPayload), ("1/admin,\"a\"", .invalidPayload),
        ("2", .invalidPayload), ("21", .invalidPayload), ("2/admin", .invalidPayload), ("2/admin,", .invalidPayload),
        ("2[]", .invalidPayload), ("2[ ]", .invalidPayload), ("2{}", .invalidPayload), ("2\"a\"", .invalidPayload),
        ("2null", .invalidPayload), ("2[\"a\"", .invalidPayload), ("2[\"a\"]]", .invalidPayload),
        ("2[\"a\",]", .invalidPayload), ("2[\"a\"1]", .invalidPayload), ("2[\"a\"}", .invalidPayload),
        ("2[\"a]", .invalidPayload), ("2[", .invalidPayload), ("2[\"", .invalidPayload),
        ("2-1[\"a\"]", .invalidPayload),
        ("3{}", .invalidPayload), ("31{}", .invalidPayload), ("3null", .invalidPayload), ("31[", .invalidPayload),
        ("4", .invalidPayload), ("4[]", .invalidPayload), ("4null", .invalidPayload), ("4/admin,", .invalidPayload),
        ("51-", .invalidPayload), ("61-9", .invalidPayload), ("60-9", .invalidPayload), ("51-[]", .invalidPayload),
    ])
    func refuses(_ text: String, _ kind: PacketError.Kind) {
        #expect(refusal(of: text) == kind)
    }

    @Test(arguments: [
        "5", "6", "5[\"a\"]", "5-[\"a\"]", "51[\"a\"]", "51", "5-1-[\"a\"]", "5+1-[\"a\"]", "51e3-[\"a\"]",
        "51.0-[\"a\"]",
        "501-[\"a\"]", "500-[\"a\"]", "5 1-[\"a\"]", "51 -[\"a\"]", "50x1-[\"a\"]", "5/admin,1-[\"a\"]",
        "5" + String(repeating: "1", count: 40) + "-[\"a\"]", "512345678901-[\"a\"]", "518446744073709551616-[\"a\"]",
    ])
    func refusesAttachmentCount(_ text: String) {
        #expect(refusal(of: text) == .illegalAttachments)
    }

    @Test(arguments: ["511-[\"a\"]", "52147483648-[\"a\"]", "59999999999-[\"a\"]", "611-1[]"])
    func refusesTooManyAttachments(_ text: String) {
        #expect(refusal(of: text) == .tooManyAttachments)
    }

    @Test
    func limitsAreTheCallers() {
        #expect(refusal(of: "51-[\"a\"]", limits: PacketLimits(attachments: 0)) == .tooManyAttachments)
        #expect(refusal(of: "50-[\"a\"]", limits: PacketLimits(attachments: 0)) == nil)
        #expect(refusal(of: "59999999999-[\"a\"]", limits: PacketLimits(attachments: .max)) == nil)
        #expect(refusal(of: "2[\"a\",[[]]]", limits: PacketLimits(depth: 3)) == nil)
        #expect(refusal(of: "2[\"a\",[[]]]", limits: PacketLimits(depth: 2)) == .depthExceeded)
        #expect(refusal(of: "2[\"a\"]", limits: PacketLimits(depth: 0)) == .depthExceeded)
        #expect(refusal(of: "0{\"a\":{}}", limits: PacketLimits(depth: 1)) == .depthExceeded)
    }

    @Test(arguments: [
        "218446744073709551616[\"a\"]", "3/admin,99999999999999999999[]",
        "2" + String(repeating: "9", count: 1000) + "[]",
    ])
    func refusesIDsBeyond64Bits(_ text: String) {
        #expect(refusal(of: text) == .idTooLarge)
    }

    @Test
    func errorsTellWhereAndWhy() {
        #expect(throws: PacketError(.invalidPayload, at: 6)) { try parse("2[\"a\",,1]") }
        #expect(throws: PacketError(.illegalAttachments, at: 1)) { try parse("5x") }
        #expect(PacketError(.invalidPayload, at: 0).message == "invalid payload")
        #expect(PacketError(.tooManyAttachments, at: 0).message == "too many attachments")
    }
}
