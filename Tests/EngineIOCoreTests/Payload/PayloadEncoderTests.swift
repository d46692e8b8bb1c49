import EngineIOCore
import Testing

@Suite struct PayloadEncoderTests {
    private func base64(_ bytes: [UInt8], room: Int) -> String? {
        withMemory(bytes) { bytes in
            withMemory([UInt8](repeating: 0, count: room)) { text in
                let size = PayloadEncoder.writeBase64(UnsafeRawBufferPointer(bytes), into: text)
                return size == 0 ? nil : String(decoding: text.slice(upTo: size), as: UTF8.self)
            }
        }
    }

    @Test(arguments: [
        ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func writesTheVectorsOfRFC4648(bytes: String, text: String) {
        #expect(base64(Array(bytes.utf8), room: text.utf8.count) == text)
        #expect(PayloadEncoder.base64Size(bytes.utf8.count) == text.utf8.count)
    }

    @Test func writesTheStandardAlphabet() {
        #expect(base64([0xFB, 0xFF, 0xBF], room: 4) == "+/+/")
    }

    @Test func writesNothingWhereThereIsNoRoom() {
        #expect(base64([1, 2, 3, 4], room: 7) == nil)
        #expect(base64([], room: 0) == nil)
        #expect(PayloadEncoder.base64Size(0) == 0)
    }

    @Test func whatItWritesIsReadBack() throws {
        var random = SplitMix64(seed: 3)
        for count in 0...100 {
            let bytes = random.bytes(count)
            let text = base64(bytes, room: PayloadEncoder.base64Size(count)) ?? ""
            #expect(DecodedPacket.all(in: ("b" + text).utf8) == [.binary(bytes)])
        }
    }
}
