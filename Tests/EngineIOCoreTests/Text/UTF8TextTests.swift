import Testing

@testable import EngineIOCore

@Suite struct UTF8TextTests {
    private func isValid(_ bytes: [UInt8]) -> Bool {
        withMemory(bytes) { UTF8Text.isValid(UnsafeRawBufferPointer($0)) }
    }

    @Test(arguments: [
        "", "a", "\0", "é", "€", "😀", "\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}",
        String(repeating: "a", count: 100), String(repeating: "é", count: 33),
    ])
    func acceptsText(_ text: String) {
        #expect(isValid(Array(text.utf8)))
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE2, 0x82], [0xE2, 0x82, 0x41], [0xF0, 0x80, 0x80, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98],
            [0xFE], [0xFF],
        ] as [[UInt8]])
    func refusesIllFormedBytesWhereverTheyStand(_ bytes: [UInt8]) {
        for prefix in 0...40 {
            let before = [UInt8](repeating: 0x61, count: prefix)
            #expect(!isValid(before + bytes))
            #expect(!isValid(before + bytes + [0x61]))
            #expect(!isValid(before + bytes + before))
        }
    }

    @Test func agreesWithTheStandardLibrary() {
        var random = SplitMix64(seed: 1)
        let seeds = ["plain text that is longer than thirty-two bytes", "é€😀", "aé€😀\u{10FFFF}", ""].map {
            Array($0.utf8)
        }
        let alphabet: [UInt8] = [0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xED, 0xF0, 0xF4]
        for _ in 0..<20_000 {
            let bytes = random.mutation(of: seeds, alphabet: alphabet)
            #expect(isValid(bytes) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
        }
    }
}
