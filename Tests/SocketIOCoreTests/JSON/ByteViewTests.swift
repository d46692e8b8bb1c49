import Testing

@testable import SocketIOCore

/// Everything that reads several bytes at once, against reading them one by one: at each length and offset around the
/// sizes that are read, in memory that ends where the bytes do.
struct ByteViewTests {
    @Test
    func readsZerosBehindTheEnd() {
        for count in 0...20 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: 0xF0 + $0) }
            withBytes(bytes) { memory in
                let view = ByteView(memory)
                for offset in 0...(count + 10) {
                    var word: UInt64 = 0
                    for place in 0..<8 where offset + place < count {
                        word |= UInt64(bytes[offset + place]) << (8 * UInt64(place))
                    }
                    #expect(view.word(at: offset) == word)
                    #expect(view.halfWord(at: offset) == UInt32(truncatingIfNeeded: word))
                    #expect(view.byte(at: offset) == UInt8(truncatingIfNeeded: word))
                }
            }
        }
    }

    @Test
    func findsTheEndOfPlainText() {
        compare([0x00, 0x1F, 0x22, 0x5C], among: [0x20, 0x21, 0x23, 0x5B, 0x5D, 0x61, 0x7F, 0x80, 0xA2, 0xDC, 0xFF]) {
            $0.endOfPlainText(from: $1)
        }
    }

    @Test
    func findsAByte() {
        compare([0x2C], among: [0x00, 0x2B, 0x2D, 0xAC, 0xFF]) { $0.firstOffset(of: 0x2C, from: $1) }
    }

    /// Compares a search for any of `marks` with a plain one, in texts of `others`.
    private func compare(_ marks: [UInt8], among others: [UInt8], _ search: (ByteView, Int) -> Int) {
        var random = SeededGenerator(seed: 5)
        for count in Array(0...90) + [127, 128, 129, 160, 200] {
            for round in 0..<30 {
                var bytes = (0..<count).map { _ in others.randomElement(using: &random) ?? 0 }
                // None, one, or some.
                for _ in 0..<min(round % 4, count) {
                    bytes[Int.random(in: 0..<count, using: &random)] = marks.randomElement(using: &random) ?? 0
                }
                let start = Int.random(in: 0...min(count, 40), using: &random)
                let expected = bytes[start...].firstIndex { marks.contains($0) } ?? count
                #expect(withBytes(bytes) { search(ByteView($0), start) } == expected, "\(bytes) from \(start)")
            }
        }
    }
}
