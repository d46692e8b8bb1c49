import Testing

@testable import SocketIOCore

struct UTF8ValidatorTests {
    @Test(arguments: ["", "a", "é", "€", "😀", "\u{7F}\u{80}\u{7FF}\u{800}\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}"])
    func acceptsText(_ text: String) {
        #expect(isValid(Array(text.utf8)))
    }

    @Test(
        arguments: [
            [0x80], [0xBF],  // a continuation alone
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF],  // overlong
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],  // surrogates
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],  // above U+10FFFF
            [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98],  // cut off
            [0xC3, 0x28], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xF0, 0x9F, 0x98, 0x28],  // a wrong continuation
        ] as [[UInt8]])
    func refuses(_ sequence: [UInt8]) {
        // Wherever the sequence stands among the blocks that are looked at together.
        for before in 0..<70 {
            let prefix = [UInt8](repeating: 0x61, count: before)
            #expect(!isValid(prefix + sequence))
            #expect(!isValid(prefix + sequence + [0x61]))
        }
    }

    @Test
    func agreesWithTheStandardLibraryOnEveryPairOfBytes() {
        for pair in 0...UInt16.max {
            let bytes = [UInt8(pair >> 8), UInt8(pair & 0xFF)]
            #expect(isValid(bytes) == (String(validating: bytes, as: UTF8.self) != nil))
        }
    }

    @Test
    func agreesWithTheStandardLibraryOnRandomBytes() {
        var random = SeededGenerator(seed: 1)
        let interesting: [UInt8] = [
            0x00, 0x61, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xE2, 0xED, 0xF0, 0xF4,
        ]
        for _ in 0..<30_000 {
            let bytes = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                interesting.randomElement(using: &random) ?? 0
            }
            #expect(isValid(bytes) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
        }
    }

    private func isValid(_ bytes: [UInt8]) -> Bool {
        withBytes(bytes) { UTF8Validator.isValid($0) }
    }
}
