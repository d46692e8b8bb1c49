import Testing

@testable import EngineIOCore

/// protocol.md, sections 9.1 to 9.3 and 25.3.
@Suite struct Revision3PayloadTests {
    private static func all(in packets: some IteratorProtocol<PayloadPacket>) -> [DecodedPacket] {
        var packets = packets
        var all: [DecodedPacket] = []
        while let packet = packets.next() {
            all.append(DecodedPacket(packet))
            // As a receiver may: the byte behind a packet is written to, and the next one does not suffer.
            if case .text(_, let data) = packet, let end = data.baseAddress.map({ $0 + data.count }) {
                end.storeBytes(of: 0, as: UInt8.self)
            }
        }
        return all
    }

    /// What a body of text decodes to; there is room behind it, as in the memory that messages are delivered in.
    private func counted(_ body: some Collection<UInt8>) -> [DecodedPacket] {
        withMemory(Array(body) + [0]) { memory in
            let body = UnsafeMutableRawBufferPointer(rebasing: memory.dropLast())
            return Self.all(in: MeasuredPayloadDecoder(body, isBinary: false))
        }
    }

    private func binary(_ body: [UInt8]) -> [DecodedPacket] {
        withMemory(body + [0]) { memory in
            Self.all(
                in: MeasuredPayloadDecoder(UnsafeMutableRawBufferPointer(rebasing: memory.dropLast()), isBinary: true))
        }
    }

    @Test(
        arguments: [
            ("6:4hello", [.text(.message, "hello")]),
            ("2:4€", [.text(.message, "€")]),
            ("3:4😀", [.text(.message, "😀")]),
            ("2:4€10:b4AQIDBA==", [.text(.message, "€"), .binary([1, 2, 3, 4])]),
            ("0:", []),
            ("1:2", [.text(.ping, "")]), ("6:2probe", [.text(.ping, "probe")]), ("1:1", [.text(.close, "")]),
            ("1:2001:10000:1:6", [.text(.ping, ""), .text(.close, ""), .text(.noop, "")]),
            ("0:1:20:0:1:6", [.text(.ping, ""), .text(.noop, "")]),
            ("16:42[\"euro\",\"€😀\"]1:2", [.text(.message, "2[\"euro\",\"€😀\"]"), .text(.ping, "")]),
            ("16:4aaaaaaaaaaaaaa😀1:2", [.malformed]),
            ("17:4aaaaaaaaaaaaaa😀1:2", [.text(.message, "aaaaaaaaaaaaaa😀"), .text(.ping, "")]),
            ("6:b4AQID", [.binary([1, 2, 3])]),
            ("2:b4", [.binary([])]),
            // Bytes of anything but a message have no meaning.
            ("6:b2AQID", [.text(.ping, "")]),
            ("", [.malformed]), (":", [.malformed]), (":4a", [.malformed]), ("4a", [.malformed]),
            ("1", [.malformed]), ("1:", [.malformed]), ("7:4hello", [.malformed]),
            ("5:4hello", [.text(.message, "hell"), .malformed]),
            ("6:4hello1", [.text(.message, "hello"), .malformed]),
            ("6:4hello1:", [.text(.message, "hello"), .malformed]),
            ("-1:4", [.malformed]), ("+1:4", [.malformed]), (" 1:4", [.malformed]), ("1 :4", [.malformed]),
            ("1e0:4", [.malformed]), ("0x1:4", [.malformed]), ("1.0:4", [.malformed]), ("١:4", [.malformed]),
            ("1:b", [.malformed]), ("2:b9", [.malformed]), ("1:7", [.malformed]), ("1:€", [.malformed]),
            // Half of a surrogate pair.
            ("2:4😀", [.malformed]),
            // A length of revision 4 is none.
            ("4hello\u{1E}4you", [.malformed]),
        ] as [(String, [DecodedPacket])])
    func decodesText(body: String, packets: [DecodedPacket]) {
        #expect(counted(body.utf8) == packets)
    }

    /// The reference reads up to 310 digits; a length that no integer holds must not trap (Swift), nor allocate.
    @Test(arguments: [10, 11, 19, 20, 310, 1_000_000])
    func lengthsHaveALimit(digits: Int) {
        #expect(counted(Array(repeating: UInt8(ascii: "9"), count: digits) + Array(":4a".utf8)) == [.malformed])
        #expect(counted(Array(repeating: UInt8(ascii: "0"), count: digits) + Array("1:4".utf8)) == [.malformed])
        #expect(binary([0] + Array(repeating: 9, count: digits) + [0xFF, 0x34]) == [.malformed])
        #expect(binary([1] + Array(repeating: 0, count: digits) + [1, 0xFF, 4]) == [.malformed])
    }

    @Test(
        arguments: [
            (
                [0, 4, 0xFF, 0x34, 0xE2, 0x82, 0xAC, 1, 5, 0xFF, 4, 1, 2, 3, 4],
                [.text(.message, "€"), .binary([1, 2, 3, 4])]
            ),
            ([1, 1, 1, 0xFF, 4] + [UInt8](repeating: 0, count: 10), [.binary([UInt8](repeating: 0, count: 10))]),
            ([0, 6, 0xFF] + Array("b4AQID".utf8), [.binary([1, 2, 3])]),
            ([1, 1, 0xFF, 2], [.text(.ping, "")]),
            ([1, 1, 0xFF, 4], [.binary([])]),
            ([0, 1, 0xFF, 0x32, 0, 1, 0xFF, 0x31], [.text(.ping, ""), .text(.close, "")]),
            // Without a separator, without digits, behind the end, of another kind or type.
            ([0], [.malformed]), ([0, 1], [.malformed]), ([0, 0xFF], [.malformed]), ([0, 1, 0xFF], [.malformed]),
            ([], [.malformed]), ([0, 0, 0xFF], [.malformed]), ([1, 0, 0xFF], [.malformed]),
            ([2, 1, 0xFF, 0x34], [.malformed]), ([0, 0x31, 0xFF, 0x34], [.malformed]),
            ([0, 10, 0xFF, 0x34], [.malformed]), ([1, 1, 0xFF, 7], [.malformed]), ([1, 1, 0xFF, 0x34], [.malformed]),
            ([0, 2, 0xFF, 0x34, 0xC3], [.malformed]), ([0, 2, 0xFE, 0x34, 0x34], [.malformed]),
            ([0, 1, 0xFF, 0x32, 0], [.text(.ping, ""), .malformed]),
        ] as [([UInt8], [DecodedPacket])])
    func decodesBinary(body: [UInt8], packets: [DecodedPacket]) {
        #expect(binary(body) == packets)
    }

    @Test func textThatIsNotUTF8IsRefused() {
        #expect(counted([0x32, 0x3A, 0x34, 0xFF]) == [.malformed])
        #expect(counted([0x33, 0x3A, 0x34, 0xC3, 0x28]) == [.malformed])
        #expect(counted([0x32, 0x3A, 0x34, 0x80, 0x80]) == [.malformed])
    }

    @Test func headsAreWritten() {
        func head(_ size: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> [UInt8] {
            withMemory([UInt8](repeating: 0xEE, count: size)) { Array($0.slice(upTo: write($0))) }
        }
        for (length, text) in [(0, "0:"), (9, "9:"), (10, "10:"), (1_000_000, "1000000:")] {
            let size = PayloadEncoder.countedHeadSize(length: length)
            #expect(head(size) { PayloadEncoder.writeCountedHead(length: length, into: $0) } == Array(text.utf8))
            #expect(head(size - 1) { PayloadEncoder.writeCountedHead(length: length, into: $0) } == [])
            let digits = text.utf8.dropLast().map { $0 - 0x30 }
            let binary = PayloadEncoder.binaryHeadSize(length: length)
            #expect(
                head(binary) { PayloadEncoder.writeBinaryHead(isText: false, length: length, into: $0) }
                    == [1] + digits + [0xFF])
            #expect(head(binary - 1) { PayloadEncoder.writeBinaryHead(isText: true, length: length, into: $0) } == [])
        }
    }

    @Test func lengthsAreThoseOfJavaScript() {
        for text in ["", "a", "é", "€", "😀", "a€😀éaaaaaaaaaaaaaaaa€aaaaaaaa😀", "\u{FFFF}\u{10000}"] {
            withMemory(text.utf8) {
                let bytes = UnsafeRawBufferPointer($0)
                #expect(UTF16Length.units(of: bytes) == text.utf16.count)
                #expect(UTF16Length.bytes(of: text.utf16.count, in: bytes) == text.utf8.count)
                #expect(UTF16Length.bytes(of: text.utf16.count + 1, in: bytes) == nil)
            }
        }
    }

    @Test func survivesDamagedBodies() {
        var random = SplitMix64(seed: 12)
        let seeds: [[UInt8]] = [
            Array("6:4hello10:b4AQIDBA==1:2".utf8), Array("16:42[\"euro\",\"€😀\"]0:1:1".utf8),
            [0, 4, 0xFF, 0x34, 0xE2, 0x82, 0xAC, 1, 5, 0xFF, 4, 1, 2, 3, 4],
        ]
        for _ in 0..<20_000 {
            let body = random.mutation(of: seeds, alphabet: Array("0123456789:b=😀".utf8) + [0, 1, 9, 0xFF])
            withMemory(body) { body in
                var text = MeasuredPayloadDecoder(body, isBinary: false)
                check(&text, in: body)
            }
            withMemory(body) { body in
                var binary = MeasuredPayloadDecoder(body, isBinary: true)
                check(&binary, in: body)
            }
        }
    }

    private func check(_ packets: inout some IteratorProtocol<PayloadPacket>, in body: UnsafeMutableRawBufferPointer) {
        var isOver = false
        var count = 0
        while let packet = packets.next() {
            #expect(!isOver, "a packet follows a malformed one")
            count += 1
            switch packet {
            case .text(_, let data), .binary(let data): #expect(body.encloses(data))
            case .malformed: isOver = true
            }
        }
        #expect(count <= body.count + 1)
        #expect(packets.next() == nil)
    }
}
