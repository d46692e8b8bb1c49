import Testing

@testable import SocketIOCore

/// What a client may send to do harm.
struct MsgpackHostileTests {
    @Test(
        arguments: [
            // Sizes and counts beyond the end, the largest ones among them.
            ("c4ff01", .notMsgpack), ("c6ffffffff", .notMsgpack), ("dbffffffff", .notMsgpack),
            ("c9ffffffff00", .notMsgpack),
            ("ddffffffff", .notMsgpack), ("dfffffffff", .notMsgpack), ("df00000001a161", .notMsgpack),
            ("cf00", .notMsgpack), ("c1", .notMsgpack),
            // Text that is not UTF-8: cut off, overlong, a surrogate.
            ("a180", .notUTF8), ("a2e282", .notUTF8), ("a2c080", .notUTF8), ("a3eda080", .notUTF8),
            ("81a1ff01", .notUTF8),
            // Keys that no property has.
            ("81c001", .invalidKey), ("81c301", .invalidKey), ("819001", .invalidKey), ("818001", .invalidKey),
            ("81c4016101", .invalidKey), ("81cb3ff800000000000001", .invalidKey),
            // Extensions that JSON has nothing for, and malformed timestamps.
            ("d401ff", .unknownExtension), ("c70001", .unknownExtension), ("d680ffffffff", .unknownExtension),
            ("d5ff0000", .notMsgpack), ("c70cffffffffff0000000000000000", .notMsgpack),
            ("d7ffffffffff00000000", .notMsgpack),
        ] as [(String, PacketError.Kind)])
    func values(_ data: String, _ kind: PacketError.Kind) {
        #expect(refusal(ofArguments: data) == kind)
    }

    /// CVE-2024-38355, CVE-2023-32695: the parser of the reference does not look at names; here they are those of text
    /// packets.
    @Test(
        arguments: [
            ("91 a7636f6e6e656374", .reservedName), ("91 aa646973636f6e6e656374", .reservedName),
            ("91 ad636f6e6e6563745f6572726f72", .reservedName), ("91 ad646973636f6e6e656374696e67", .reservedName),
            ("91 ab6e65774c697374656e6572", .reservedName), ("91 ae72656d6f76654c697374656e6572", .reservedName),
            ("91 80", .invalidPayload), ("91 90", .invalidPayload), ("91 c0", .invalidPayload),
            ("91 c3", .invalidPayload),
            ("91 c40101", .invalidPayload), ("90", .invalidPayload), ("91 d40000", .invalidPayload),
            ("91 a0", nil), ("91 a56572726f72", nil), ("91 cfffffffffffffffff", nil),
        ] as [(String, PacketError.Kind?)])
    func names(_ data: String, _ kind: PacketError.Kind?) {
        #expect(refusal(ofMessage: bytes("83 a474797065 02 a36e7370 a12f a464617461") + bytes(data)) == kind)
    }

    /// CVE-2022-2421: a map that looks like a placeholder must not be taken for one. Among attachments it is refused,
    /// whatever its number is; alone it is plain data, as in a text packet.
    @Test(arguments: ["00", "01", "ff", "a130", "a66c656e677468", "c0", "cb3fe0000000000000"])
    func forgedPlaceholders(_ number: String) throws {
        let forged = "82 ac5f706c616365686f6c646572 c3 a36e756d \(number)"
        #expect(refusal(ofArguments: "c40101 \(forged)", count: 2) == .illegalAttachments)
        #expect(refusal(ofArguments: "\(forged) c40101", count: 2) == .illegalAttachments)
        let plain = try ReadableMessage(parsing: event(bytes(forged)))
        #expect(plain.attachments.isEmpty)
        #expect(plain.packet.payload.hasPrefix(#"["e",{"_placeholder":true,"num":"#))
    }

    /// CVE-2026-33151: the limit of text packets holds for bytes in the data, too.
    @Test
    func attachments() throws {
        let limits = PacketLimits(attachments: 3)
        #expect(
            try ReadableMessage(parsing: event(bytes("c400 c400 c400"), count: 3), limits: limits).attachments.count
                == 3)
        #expect(refusal(ofArguments: "c400 c400 c400 c400", count: 4, limits: limits) == .tooManyAttachments)
        #expect(refusal(ofArguments: "c400", limits: PacketLimits(attachments: 0)) == .tooManyAttachments)
    }

    @Test(arguments: ["91", "81a161", "dc0001", "dd00000001", "df00000001a161"])
    func depth(_ opening: String) {
        // The array of the event is the first level.
        let limits = PacketLimits(depth: 20)
        func nested(_ levels: Int) -> String { String(repeating: opening, count: levels) + "c0" }
        #expect(refusal(ofArguments: nested(19), limits: limits) == nil)
        #expect(refusal(ofArguments: nested(20), limits: limits) == .depthExceeded)
        #expect(refusal(ofArguments: nested(100_000)) == .depthExceeded)
    }

    /// Nested counts that each fit, but not together.
    @Test
    func sumOfCounts() {
        let count = 30_000
        let message = event(
            [UInt8](repeating: 0, count: 4).flatMap { _ in bytes("dd0000ffff") }
                + [UInt8](repeating: 0xC0, count: count))
        #expect(refusal(ofMessage: message) == .notMsgpack)
    }

    /// No byte makes more than six of text, but for those of placeholders.
    @Test
    func textIsNotBlownUp() throws {
        let values = [
            "c0", "c2", "ff", "e0", "90", "80", "a0", "cb0010000000000001", "ca00800001", "d700ffe14df73d240000",
            "d6ff00000000", "d40000", "a101", "81e0c2",
        ]
        for value in values {
            let data = (0..<1000).flatMap { _ in bytes(value) }
            let message = event(bytes("dc03e8") + data)
            let text = try ReadableMessage(parsing: message).packet.payload
            #expect(text.utf8.count <= 6 * message.count, "\(value)")
        }
        let control = event(bytes("da03e8") + [UInt8](repeating: 1, count: 1000))
        #expect(try ReadableMessage(parsing: control).packet.payload.utf8.count <= 6 * control.count)
    }

    /// Whatever is changed in a message, it is refused or read, and what is read can be written and read again.
    @Test
    func mutations() throws {
        var generator = SeededGenerator(seed: 19)
        let seeds =
            MsgpackVectorTests.vectors.map { bytes($0.0) } + [
                event(
                    bytes(
                        "de0010" + String(repeating: "a161c40101", count: 8)
                            + String(repeating: "ffcb3ff8000000000000", count: 8))),
                event(bytes("d7000000000000000000 c70cff3b9ac9ffffffffffffffffff d40000 c702000102"), count: 4),
                event(bytes("93 81a161 92 c2 a3e282ac dc0003 01 02 03 dd00000001 c0")),
            ]
        var read = 0
        for _ in 0..<60_000 {
            var message = seeds[Int.random(in: 0..<seeds.count, using: &generator)]
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<message.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: message[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: message[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 2: message.insert(UInt8.random(in: 0x80...0xFF, using: &generator), at: place)
                default: message.remove(at: place)
                }
                if message.isEmpty { message = [0x80] }
            }
            guard let first = try? ReadableMessage(parsing: message), first.packet.type == .event else { continue }
            read += 1
            #expect(throws: Never.self) {
                try JSONValidator.validate(payload: first.packet.payload)
            }
            try checkRoundTrip(of: first)
        }
        #expect(read > 1000)
    }

    /// What comes out of writing the arguments of an event says the same.
    private func checkRoundTrip(of message: ReadableMessage) throws {
        let arguments = "0," + message.packet.payload.dropFirst().dropLast()
        let again = try #require(written(String(arguments), attachments: message.attachments))
        let second = try ReadableMessage(parsing: again)
        #expect(second.packet.payload == #"["e","# + arguments + "]")
        #expect(second.attachments == message.attachments)
    }
}

extension JSONValidator {
    fileprivate static func validate(payload: String) throws(JSONError) {
        try withBytes(payload) { bytes throws(JSONError) in _ = try validate(bytes, expecting: .array) }
    }
}
