import EngineIOCore
import Testing

@Suite struct SessionIDTests {
    private func make(_ bytes: [UInt8]) -> SessionID? {
        bytes.withUnsafeBytes { SessionID(random: $0) }
    }

    @Test func isURLSafeBase64() {
        #expect(make([UInt8](repeating: 0, count: 15))?.description == "AAAAAAAAAAAAAAAAAAAA")
        #expect(make([UInt8](repeating: 0xFF, count: 15))?.description == "____________________")
        #expect(make([UInt8](repeating: 0xFB, count: 15))?.description == "-_v7-_v7-_v7-_v7-_v7")
    }

    @Test(arguments: [0, 1, 14, 16, 30])
    func needsFifteenBytes(count: Int) {
        #expect(make([UInt8](repeating: 0, count: count)) == nil)
    }

    @Test func isReadBack() throws {
        var random = SplitMix64(seed: 8)
        var seen: Set<SessionID> = []
        for _ in 0..<1000 {
            let id = try #require(make(random.bytes(15)))
            #expect(id.description.utf8.count == SessionID.length)
            #expect(SessionID(id.description.utf8) == id)
            #expect(seen.insert(id).inserted)
            #expect(!seen.insert(id).inserted)
        }
    }

    @Test func bothInitializersAgree() {
        let bytes: [15 of UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
        #expect(SessionID(random: bytes) == make(Array(1...15)))
    }

    @Test(arguments: [
        "", "a", "lv_VI97HAXpY6yYWAAA", "lv_VI97HAXpY6yYWAAABB", "lv+VI97HAXpY6yYWAAAB", "lv/VI97HAXpY6yYWAAAB",
        "lv VI97HAXpY6yYWAAAB", "lv=VI97HAXpY6yYWAAAB", "lv\0VI97HAXpY6yYWAAAB", "éééééééééé",
    ])
    func refusesWhatIsNotAnID(text: String) {
        #expect(SessionID(text.utf8) == nil)
    }

    @Test func acceptsAnIDOfTheReference() {
        #expect(SessionID("lv_VI97HAXpY6yYWAAAB".utf8)?.description == "lv_VI97HAXpY6yYWAAAB")
        #expect(SessionID("lv_VI97HAXpY6yYWAA-B".utf8) != SessionID("lv_VI97HAXpY6yYWAAAB".utf8))
    }
}
