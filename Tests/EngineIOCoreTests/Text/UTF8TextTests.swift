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

    /// Characters of every length in random order, with nothing wrong and with one byte changed: all lengths around
    /// the sixteen and sixty-four bytes that are looked at together.
    @Test func agreesWithTheStandardLibraryOnLongTexts() {
        var random = SplitMix64(seed: 2)
        let characters = ["a", "b", "é", "\u{7FF}", "\u{800}", "€", "\u{D7FF}", "\u{E000}", "😀", "\u{10FFFF}"].map {
            Array($0.utf8)
        }
        let alphabet: [UInt8] = [
            0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEE, 0xEF, 0xF0,
            0xF1, 0xF4, 0xF5, 0xFF,
        ]
        for size in 1...150 {
            for _ in 0..<40 {
                var bytes: [UInt8] = []
                let ascii = Int.random(in: 0...100, using: &random)
                while bytes.count < size {
                    let isASCII = Int.random(in: 0..<100, using: &random) < ascii
                    bytes += isASCII ? [0x61] : characters.randomElement(using: &random) ?? []
                }
                #expect(isValid(bytes))
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = alphabet.randomElement(using: &random) ?? 0
                #expect(isValid(bytes) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
                bytes.removeLast()
                #expect(isValid(bytes) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
            }
        }
    }

    @Test func agreesWithTheStandardLibraryOnEveryPairOfBytesInALongText() {
        for pair in 0...UInt16.max {
            var bytes = [UInt8](repeating: 0x61, count: 40)
            // Across the end of a block, in the middle of one, and so that a third and a fourth byte are there.
            let place = 18 + Int(pair % 5)
            bytes.replaceSubrange(place...(place + 1), with: [UInt8(pair >> 8), UInt8(pair & 0xFF)])
            for tail in 0...2 {
                bytes[place + 2] = tail > 0 ? 0x80 : 0x61
                bytes[place + 3] = tail > 1 ? 0x80 : 0x61
                #expect(isValid(bytes) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
            }
        }
    }
}
