import EngineIOCore
import Testing

@Suite struct SessionNameTests {
    @Test func twentyCharactersAreThoseThatAreMade() throws {
        let id = try #require(SessionID("lv_VI97HAXpY6yYWAAAB".utf8))
        #expect(SessionName("lv_VI97HAXpY6yYWAAAB") == .made(id))
        #expect(SessionName.made(id).description == "lv_VI97HAXpY6yYWAAAB")
    }

    @Test(arguments: ["a", "018f3a5c-7b1e-7c3d-9a55-0123456789ab", String(repeating: "_", count: 64)])
    func othersAreGiven(text: String) {
        #expect(SessionName(text) == .given(text))
        #expect(SessionName(text)?.description == text)
    }

    @Test(arguments: [
        "", String(repeating: "a", count: 65), "a b", "a/b", "a\"b", "a;b", "a\r\nb", "a\0", "é",
        "lv_VI97HAXpY6yYWAAA\"",
    ])
    func whatIsNoID(text: String) {
        #expect(SessionName(text) == nil)
    }

    @Test func theyStandInTheOpenPacket() throws {
        let packet = OpenPacket(upgrades: [], pingInterval: 1, pingTimeout: 2, maxPayload: 3)
        let name = try #require(SessionName("some-id"))
        #expect(
            String(decoding: packet.bytes(for: name), as: UTF8.self)
                == #"0{"sid":"some-id","upgrades":[],"pingInterval":1,"pingTimeout":2,"maxPayload":3}"#)
    }
}
