import Testing

@testable import EngineIOCore

@Suite struct EngineURLTests {
    @Test(arguments: [
        ("http://localhost", "http://localhost:80 / "), ("https://example.com/", "https://example.com:443 / "),
        ("ws://a:3000/ns?x=1&y=%20#z", "http://a:3000 /ns x=1&y=%20"), ("WSS://a/b/c", "https://a:443 /b/c "),
        ("http://[::1]:80?q", "http://[::1]:80 / q"), ("https://[fe80::1%25eth0]/", "https://[fe80::1%25eth0]:443 / "),
        ("http://a:/", "http://a:80 / "), ("http://127.0.0.1:65535/?a?b", "http://127.0.0.1:65535 / a?b"),
    ])
    func reads(_ text: String, _ parts: String) throws {
        let url = try EngineURL(text)
        #expect("\(url.origin) \(url.path) \(url.query)" == parts)
        #expect(url.userInfo == nil)
    }

    @Test func fields() throws {
        #expect(try EngineURL("http://a:80/").hostField == "a")
        #expect(try EngineURL("https://a:80/").hostField == "a:80")
        #expect(try EngineURL("https://[::1]/").hostField == "[::1]")
        #expect(try EngineURL("https://[::1]/").authority == "[::1]:443")
        #expect(try EngineURL("http://na%20me:p+%40ss@a/").userInfo == "na me:p+@ss")
        #expect(BasicCredentials.field("Aladdin:open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    }

    @Test(arguments: [
        "", "localhost:3000", "ftp://a/", "http://", "http:///x", "http://:80/", "http://a:0/", "http://a:65536/",
        "http://a:x/", "http://a b/", "http://a\r\nb/", "http://ä/", "http://[::1/", "http://[::1]x/", "http://a<b/",
        "http://a:80:80/",
    ])
    func refuses(_ text: String) {
        #expect(throws: EngineURL.Mistake.self) { try EngineURL(text) }
    }

    @Test func targets() {
        let targets = RequestTargets(
            path: "/p/", urlQuery: "a=1", query: [("b c", "ä&/")], revision: .four, isBase64: false)
        #expect(targets.target(.polling) == "/p/?a=1&b%20c=%C3%A4%26%2F&EIO=4&transport=polling")
        #expect(
            targets.target(.webSocket, sid: "s+d", stamp: ("t", "x"))
                == "/p/?a=1&b%20c=%C3%A4%26%2F&EIO=4&transport=websocket&t=x&sid=s%2Bd")
        let plain = RequestTargets(path: "/", urlQuery: "", query: [], revision: .three, isBase64: true)
        #expect(plain.target(.polling) == "/?EIO=3&transport=polling&b64=1")
        #expect(RequestTargets.mistake(inPath: "/socket.io/") == nil)
        for path in ["", "a", "/a b", "/a?b", "/a#b", "/a\r\nb", "/ä"] {
            #expect(RequestTargets.mistake(inPath: path) != nil)
        }
    }

    // MARK: The open packet

    private func handshake(_ json: String) -> ClientHandshake? {
        withMemory(Array(json.utf8)) {
            ClientHandshake(json: UnsafeRawBufferPointer($0), transport: .polling, revision: .four)
        }
    }

    @Test func handshakes() {
        let node =
            #"{"sid":"abc","upgrades":["websocket","webtransport"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
        #expect(
            handshake(node)
                == ClientHandshake(sid: "abc", upgrades: [.webSocket], maxPayload: 1_000_000, transport: .polling))
        let python = "{ \"maxPayload\" : 1e6, \"pingInterval\":2.5e1,\"pingTimeout\" : 20.7 ,\"sid\":\"\\u0061\\/\" } "
        #expect(
            handshake(python)
                == ClientHandshake(
                    sid: "a/", pingInterval: 25, pingTimeout: 20, maxPayload: 1_000_000, transport: .polling))
        #expect(
            handshake(#"{"x":{"sid":[1,{"a":"}]"}]},"y":null,"sid":"s","z":-1}"#)
                == ClientHandshake(sid: "s", transport: .polling))
        #expect(
            handshake(#"{"sid":"s","pingInterval":-1,"pingTimeout":1e300,"maxPayload":-5}"#)
                == ClientHandshake(
                    sid: "s", pingInterval: 1, pingTimeout: Int64(Int32.max), maxPayload: nil, transport: .polling))
        #expect(
            handshake(#"{"sid":"s","pingInterval":"1","pingTimeout":null}"#)
                == ClientHandshake(sid: "s", transport: .polling))
    }

    @Test(arguments: [
        "", "{", "{}", "[]", "null", #"{"sid":""}"#, #"{"sid":1}"#, #"{"sid":"s""#, #"{"sid":"s"]"#, #"{"sid":"s",}"#,
        #"{"sid":"\"#, #"{"sid":"\u00"#, #"{"sid":"s","upgrades":"websocket"}"#, #"{"sid" "s"}"#,
        "{\"sid\":\"a\u{1}\"}",
        #"{"sid":"\#(String(repeating: "s", count: 2000))"}"#, String(repeating: "[", count: 100_000),
        #"{"a":"# + String(repeating: "[", count: 100_000),
    ])
    func brokenHandshakes(_ json: String) {
        #expect(handshake(json) == nil)
    }

    @Test func randomHandshakes() {
        var generator = SplitMix64(seed: 3)
        let good = Array(#"{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"maxPayload":1000000}"#.utf8)
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            bytes.removeLast(Int.random(in: 0...5, using: &generator))
            withMemory(bytes) {
                _ = ClientHandshake(json: UnsafeRawBufferPointer($0), transport: .polling, revision: .four)
            }
        }
    }
}
