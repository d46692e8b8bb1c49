import Testing

@testable import EngineIOCore

@Suite struct HTTP2HeadTests {
    private typealias Fields = [(name: String, value: String)]

    private static let get: Fields = [
        (":method", "GET"), (":scheme", "https"), (":authority", "localhost:1"), (":path", "/x?y=1"),
    ]

    private func parse(_ fields: Fields) -> Result<(head: HTTPRequestHead, kind: HTTP2Head.Kind), HTTPRequestError> {
        Result { () throws(HTTPRequestError) in try HTTP2Head.parse(fields) }
    }

    private func error(_ fields: Fields) -> HTTPRequestError? {
        if case .failure(let error) = parse(fields) { error } else { nil }
    }

    @Test func aRequest() throws {
        let (head, kind) = try HTTP2Head.parse(Self.get + [("user-agent", "x"), ("content-length", "7")])
        #expect(kind == .request)
        #expect(head.method == .get)
        #expect(head.text.method == "GET")
        #expect(head.text.target == "/x?y=1")
        #expect(head.value(of: .host) == "localhost:1")
        #expect(head.value(of: .userAgent) == "x")
        #expect(head.framing == .length(7))
        #expect(!head.isWebSocketUpgrade)
    }

    @Test func cookiesAreOneField() throws {
        let head = try HTTP2Head.parse(Self.get + [("cookie", "a=1"), ("x", "1"), ("cookie", "b=2")]).head
        #expect(head.text.fields.filter { $0.name == "cookie" }.map(\.value) == ["a=1; b=2"])
    }

    @Test func theHostIsTheAuthority() throws {
        #expect(try HTTP2Head.parse(Self.get + [("host", "localhost:1")]).head.value(of: .host) == "localhost:1")
        #expect(error(Self.get + [("host", "elsewhere")]) == .repeatedField)
        let withoutAuthority = Self.get.filter { $0.name != ":authority" }
        #expect(try HTTP2Head.parse(withoutAuthority + [("host", "a")]).head.value(of: .host) == "a")
        #expect(try HTTP2Head.parse(withoutAuthority).head.value(of: .host) == nil)
    }

    @Test func aTunnelIsAnUpgrade() throws {
        let fields: Fields = [
            (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":path", "/socket.io/"),
            (":authority", "a"), ("sec-websocket-version", "13"),
        ]
        let (head, kind) = try HTTP2Head.parse(fields)
        #expect(kind == .tunnel)
        #expect(head.method == .get)
        #expect(head.isWebSocketUpgrade)
        #expect(WebSocketAccept.isVersion13(head))
        #expect(WebSocketAccept.proof(for: head) == nil)
        let other = try HTTP2Head.parse(fields.map { $0.name == ":protocol" ? (":protocol", "other") : $0 }).head
        #expect(!other.isWebSocketUpgrade)
    }

    /// What would be two requests, or another one, as HTTP/1.1 (CVE-2026-28898).
    @Test(arguments: [
        ("x", "1\r\ny: 2"), ("x", "1\ny: 2"), ("x", "1\r"), ("x", "1\0"), (":path", "/\r\nx: 1"), ("x: 1\r\ny", "2"),
        ("x y", "1"), ("X", "1"), ("", "1"), ("x:", "1"), (":x", "1"), ("connection", "close"), ("upgrade", "h2c"),
        ("transfer-encoding", "chunked"), ("keep-alive", "1"), ("proxy-connection", "1"), (":method", "POST"),
        (":protocol", "websocket"), ("content-length", "x"),
    ])
    func illegalFields(name: String, value: String) {
        #expect(error(Self.get + [(name, value)]) != nil)
    }

    @Test(arguments: ["/a b", "a", "", "/\u{1}", "/ä"])
    func illegalTargets(path: String) {
        #expect(error(Self.get.map { $0.name == ":path" ? (":path", path) : $0 }) != nil)
    }

    @Test func whatIsMissing() {
        for name in [":method", ":scheme", ":path"] {
            #expect(error(Self.get.filter { $0.name != name }) != nil)
        }
        // A proxy is asked for.
        #expect(error([(":method", "CONNECT"), (":authority", "example.com:443")]) == .target)
        #expect(error([]) != nil)
    }

    @Test func aHeadOfHTTP1ThatIsTooLarge() {
        #expect(error(Self.get + (0..<200).map { ("x-\($0)", "1") }) == .tooLarge)
        #expect(error(Self.get + [("x", String(repeating: "v", count: 70_000))]) == .tooLarge)
    }
}
