import Testing

@testable import EngineIOCore

@Suite struct WebSocketAcceptTests {
    private func proof(_ fields: String) throws -> String? {
        let text = "GET / HTTP/1.1\r\n\(fields)\r\n"
        let parsed = try withMemory(text.utf8) { bytes in try HTTPHeadParser.parse(UnsafeRawBufferPointer(bytes)) }
        return WebSocketAccept.proof(for: try #require(parsed).head)
    }

    private static let version = "Sec-WebSocket-Version: 13\r\n"
    private static let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

    /// RFC 6455, 1.3.
    @Test func theExampleOfTheRFC() throws {
        #expect(try proof(Self.version + Self.key) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(arguments: [
        "", version, key, version + "Sec-WebSocket-Key:\r\n", version + "Sec-WebSocket-Key: x\r\n",
        version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==a\r\n",
        version + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=a\r\n",
        version + "Sec-WebSocket-Key: dGhlIHNhbXBs SBub25jZQ==\r\n",
        key + "Sec-WebSocket-Version: 8\r\n", key + "Sec-WebSocket-Version: 13, 8\r\n", key + key + version,
        key + version + version,
    ])
    private func refuses(fields: String) throws {
        #expect(try proof(fields) == nil)
    }

    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
        (String(repeating: "a", count: 1000), "291e9a6c66994949b57ba5e650361e98fc36b1ba"),
    ])
    private func hashes(message: String, hash: String) {
        let bytes = withMemory(message.utf8) { SHA1.hash(UnsafeRawBufferPointer($0)) }
        let text = (0..<20).map { (bytes[$0] < 16 ? "0" : "") + String(bytes[$0], radix: 16) }.joined()
        #expect(text == hash)
    }

    /// Every place where the padding may start and end.
    @Test(arguments: [55, 56, 57, 63, 64, 65, 119, 120, 127, 128])
    private func hashesAtTheEdgesOfBlocks(count: Int) {
        let known = [
            55: "c1c8bbdc22796e28c0e15163d20899b65621d65a", 56: "c2db330f6083854c99d4b5bfb6e8f29f201be699",
            57: "f08f24908d682555111be7ff6f004e78283d989a", 63: "03f09f5b158a7a8cdad920bddc29b81c18a551f5",
            64: "0098ba824b5c16427bd7a1122a5a442a25ec644d", 65: "11655326c708d70319be2610e8a57d9a5b959d3b",
            119: "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56", 120: "f34c1488385346a55709ba056ddd08280dd4c6d6",
            127: "89d95fa32ed44a7c610b7ee38517ddf57e0bb975", 128: "ad5b3fdbcb526778c2839d2f151ea753995e26a0",
        ]
        hashes(message: String(repeating: "a", count: count), hash: known[count] ?? "")
    }
}
