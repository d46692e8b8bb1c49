import EngineIOCore
import Testing

@Suite struct PayloadDecoderTests {
    @Test(
        arguments: [
            (#"0{"sid":"x"}"#, [.text(.open, #"{"sid":"x"}"#)]),
            ("4hello\u{1E}bAQIDBA==\u{1E}2", [.text(.message, "hello"), .binary([1, 2, 3, 4]), .text(.ping, "")]),
            ("6", [.text(.noop, "")]),
            ("4", [.text(.message, "")]),
            ("b", [.binary([])]),
            ("2probe", [.text(.ping, "probe")]),
            ("1\u{1E}3\u{1E}5", [.text(.close, ""), .text(.pong, ""), .text(.upgrade, "")]),
            ("4é€😀", [.text(.message, "é€😀")]),
            ("", [.malformed]),
            ("\u{1E}", [.malformed]),
            ("\u{1E}4a", [.malformed]),
            ("4a\u{1E}\u{1E}4b", [.text(.message, "a"), .malformed]),
            (
                "4hello\u{1E}bAQIDBA==\u{1E}2\u{1E}",
                [.text(.message, "hello"), .binary([1, 2, 3, 4]), .text(.ping, ""), .malformed]
            ),
            ("bAQID\u{1E}9x\u{1E}4later", [.binary([1, 2, 3]), .malformed]),
            ("7", [.malformed]),
            ("/", [.malformed]),
            ("B", [.malformed]),
        ] as [(String, [DecodedPacket])])
    func decodes(body: String, packets: [DecodedPacket]) {
        #expect(DecodedPacket.all(in: body.utf8) == packets)
    }

    @Test func refusesTextThatIsNotUTF8() {
        #expect(DecodedPacket.all(in: [0x34, 0xFF]) == [.malformed])
        // A separator cannot be part of a character, so half of one on either side stays half.
        #expect(DecodedPacket.all(in: [0x34, 0xC3, 0x1E, 0x34]) == [.malformed])
    }

    @Test(
        arguments: [
            ("AQIDBA==", [1, 2, 3, 4]), ("AQIDBA=", [1, 2, 3, 4]), ("AQIDBA", [1, 2, 3, 4]),
            ("AQIDBAU", [1, 2, 3, 4, 5]), ("AQIDBAU=", [1, 2, 3, 4, 5]),
            // One leftover digit is less than a byte.
            ("AQIDB", [1, 2, 3]), ("A", []), ("=", []), ("====", []),
            // Both alphabets, also mixed.
            ("+/+/", [0xFB, 0xFF, 0xBF]), ("-_-_", [0xFB, 0xFF, 0xBF]), ("-/+_", [0xFB, 0xFF, 0xBF]),
            // Illegal characters do not count, wherever they stand.
            ("AQ ID\r\nBA==", [1, 2, 3, 4]), ("!!AQ!!ID!!", [1, 2, 3]), ("A\0Q\tI D", [1, 2, 3]),
            ("é€AQID😀", [1, 2, 3]),
            // Padding ends the text.
            ("AQ==AQID", [1]), ("=bad", []), ("AQID=AQID", [1, 2, 3]),
        ] as [(String, [UInt8])])
    func readsBase64AsNodeDoes(text: String, bytes: [UInt8]) {
        #expect(DecodedPacket.all(in: ("b" + text).utf8) == [.binary(bytes)])
    }

    @Test func skipsBytesInBase64ThatAreNotUTF8() {
        #expect(DecodedPacket.all(in: Array("bAQ".utf8) + [0xFF, 0x80] + Array("ID".utf8)) == [.binary([1, 2, 3])])
    }

    @Test func decodesAWebSocketTextMessageAsOnePacket() {
        let packet = withMemory("4a\u{1E}b".utf8) { DecodedPacket(PayloadPacket(decoding: $0, isKnownUTF8: true)) }
        #expect(packet == .text(.message, "a\u{1E}b"))
        let binary = withMemory("bAQID".utf8) { DecodedPacket(PayloadPacket(decoding: $0, isKnownUTF8: true)) }
        #expect(binary == .binary([1, 2, 3]))
    }

    @Test func survivesDamagedBodies() {
        var random = SplitMix64(seed: 2)
        let seeds = [
            "4hello\u{1E}bAQIDBA==\u{1E}2", #"42["hello","é€😀"]"#, "bAQIDBAUGBwgJ\u{1E}b-_-_-_\u{1E}4", "2probe",
        ].map { Array($0.utf8) }
        for _ in 0..<30_000 {
            let body = random.mutation(of: seeds, alphabet: Array("\u{1E}0123456b=/-".utf8))
            withMemory(body) { body in
                let separators = body.count { $0 == PayloadEncoder.separator }
                var decoder = PayloadDecoder(body)
                var count = 0
                var isOver = false
                while let packet = decoder.next() {
                    #expect(!isOver, "a packet follows a malformed one")
                    count += 1
                    switch packet {
                    case .text(_, let data), .binary(let data): #expect(body.encloses(data))
                    case .malformed: isOver = true
                    }
                }
                #expect(isOver ? count <= separators + 1 : count == separators + 1)
                #expect(decoder.next() == nil)
            }
        }
    }
}
