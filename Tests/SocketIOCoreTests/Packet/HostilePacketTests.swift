import Testing

@testable import SocketIOCore

struct HostilePacketTests {
    /// CVE-2020-36049. Four megabytes are parsed in milliseconds; anything quadratic would take hours.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ("5", "1", ""), ("2", "1", "[\"a\"]"), ("2", "[", ""), ("2[\"a\",", "[", ""), ("2[\"a\",", "{\"a\":", ""),
            ("0/", "a", ","), ("0/", "é", ""), ("2[\"", "a", "\"]"), ("2[\"", "\\u0063", "\"]"), ("2[\"", "é", "\"]"),
            ("2[\"", "\\n", ""), ("2[\"a\",\"", "\\\\", "\"]"), ("2[", "1", "]"), ("2[\"a\"", " ", "]"),
            ("2[\"a\"", ",1", "]"),
            ("2[\"a\"", ",[]", "]"), ("2[\"a\"", ",{}", "]"), ("51-[\"a\"", ",{\"num\":0,\"_placeholder\":true}", "]"),
            ("51-[\"a\",{\"num\":", "1", "}]"), ("51-[\"a\",{\"", "\\u005f", "\":true}]"),
            ("51-[\"a\",{\"num\":", "0", "}]"),
            ("0", " ", "{}"), ("30[", "0,", "0]"),
        ])
    func takesLinearTime(_ prefix: String, _ repeated: String, _ suffix: String) {
        let count = 4_000_000 / repeated.utf8.count
        let text = prefix + String(repeating: repeated, count: count) + suffix
        _ = refusal(of: text)
    }

    @Test
    func survivesNestingWithinTheLimitsOfTheCaller() {
        let depth = 100_000
        let text = "2[\"a\"," + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "]"
        #expect(refusal(of: text) == .depthExceeded)
        #expect(refusal(of: text, limits: PacketLimits(depth: .max)) == nil)
    }

    /// Golden packets with a few bytes changed, inserted, removed or repeated: nothing traps, and what is accepted is
    /// consistent.
    @Test
    func survivesMutations() {
        var random = SeededGenerator(seed: 3)
        let seeds = GoldenVectorTests.vectors.map { Array($0.0.utf8) }
        let tokens = [
            "\"", "\\", "[", "]", "{", "}", ",", ":", "-", "/", "0", "1e9", "\\ud800", "true", " ", "\0",
            "_placeholder",
        ]
        var accepted = 0
        for _ in 0..<40_000 {
            var bytes = seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                mutate(&bytes, with: tokens, using: &random)
            }
            if let packet = try? parse(bytes) {
                accepted += 1
                expectConsistent(packet, in: bytes)
            }
        }
        #expect(accepted > 1_000)
    }

    private func mutate(_ bytes: inout [UInt8], with tokens: [String], using random: inout SeededGenerator) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where place < bytes.count:
            bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1 where place < bytes.count:
            bytes.remove(at: place)
        case 2:
            let end = Int.random(in: place...bytes.count, using: &random)
            bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
        default:
            bytes.insert(contentsOf: Array((tokens.randomElement(using: &random) ?? "").utf8), at: place)
        }
    }

    private func expectConsistent(_ packet: ParsedPacket, in bytes: [UInt8]) {
        let header = packet.header
        let message = Comment(rawValue: String(decoding: bytes, as: UTF8.self))
        #expect((0...10).contains(header.attachmentCount), message)
        #expect(header.namespace.upperBound <= header.payload.lowerBound, message)
        #expect(header.payload.upperBound <= bytes.count, message)
        #expect((packet.event != nil) == (header.type == .event || header.type == .binaryEvent), message)
        guard let event = packet.event else { return }
        #expect(header.payload.lowerBound < event.name.lowerBound, message)
        #expect(event.name.upperBound <= event.next, message)
        #expect(event.next < event.end, message)
        #expect(event.end == header.payload.upperBound, message)
        #expect(bytes.slice(from: event.next).first == UInt8(ascii: event.next + 1 == event.end ? "]" : ","), message)
    }
}
