import Testing

@testable import EngineIOCore

@Suite struct ForwardedHeadersTests {
    /// What is read, with 10.0.0.0/8, fd00::/8 and Unix sockets trusted: "192.0.2.1:80 secure host"; "-" for what was
    /// not said.
    private func read(_ fields: String...) throws -> String {
        let text = "GET / HTTP/1.1\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
        let parsed = try withMemory(text.utf8) { bytes in try HTTPHeadParser.parse(UnsafeRawBufferPointer(bytes)) }
        let head = try #require(parsed).head
        let headers = try ForwardedHeaders(head.text, trusting: TrustedProxies(["10.0.0.0/8", "fd00::/8", "unix"]))
        let client = headers.client.map { $0.port > 0 ? "\($0.host):\($0.port)" : $0.host } ?? "-"
        let secure = headers.isSecure.map { $0 ? "secure" : "plain" } ?? "-"
        return "\(client) \(secure) \(headers.host ?? "-")"
    }

    @Test func nothing() throws {
        #expect(try read() == "- - -")
        #expect(try read("X-Forwarded-Fo: 1.1.1.1", "Forwarde: for=1.1.1.1", "XX-Forwarded-For: 1.1.1.1") == "- - -")
        #expect(try read("X-Forwarded-For:", "Forwarded: ,;,") == "- - -")
    }

    // MARK: X-Forwarded-For

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("192.0.2.1:4711", "192.0.2.1:4711"), ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1:4711"), ("[2001:db8::1]", "2001:db8::1"),
        ("192.0.2.1, 10.0.0.1", "192.0.2.1"), ("192.0.2.1,10.0.0.1 , fd00::1", "192.0.2.1"),
        ("::ffff:192.0.2.1, ::ffff:10.0.0.1", "192.0.2.1"), ("192.0.2.1, unix:", "192.0.2.1"),
        // All are trusted: the first.
        ("10.0.0.2, 10.0.0.1", "10.0.0.2"), ("10.0.0.9", "10.0.0.9"),
        // A client lies: what its proxy has added stands behind it.
        ("127.0.0.1, 192.0.2.1", "192.0.2.1"), ("10.0.0.7, 192.0.2.1, 10.0.0.1", "192.0.2.1"),
        ("unix, 192.0.2.1", "192.0.2.1"), ("\", 192.0.2.1", "192.0.2.1"), (",,,192.0.2.1,,", "192.0.2.1"),
        // Somebody hides: the address of the one who hides it.
        ("unknown, 10.0.0.1", "10.0.0.1"), ("192.0.2.1, unknown", "-"), ("192.0.2.1, <script>, 10.0.0.1", "10.0.0.1"),
        ("192.0.2.1:x", "192.0.2.1"), ("192.0.2.1:99999", "192.0.2.1"), ("[192.0.2.1", "-"), ("[::1]x", "-"),
    ])
    func addresses(list: String, client: String) throws {
        #expect(try read("X-Forwarded-For: \(list)") == "\(client) - -")
    }

    @Test func severalFieldsAreOneList() throws {
        #expect(try read("X-Forwarded-For: 192.0.2.1", "A: b", "x-forwarded-FOR: 10.0.0.1") == "192.0.2.1 - -")
        #expect(try read("X-Forwarded-For: 192.0.2.9", "X-Forwarded-For: 192.0.2.1, 10.0.0.1") == "192.0.2.1 - -")
    }

    @Test func schemeAndHost() throws {
        let address = "X-Forwarded-For: 192.0.2.1"
        #expect(try read(address, "X-Forwarded-Proto: https", "X-Forwarded-Host: a.b:8") == "192.0.2.1 secure a.b:8")
        #expect(try read(address, "X-Forwarded-Proto: HTTP") == "192.0.2.1 plain -")
        #expect(try read(address, "X-Forwarded-Proto: wss") == "192.0.2.1 secure -")
        #expect(try read(address, "X-Forwarded-Proto: gopher") == "192.0.2.1 - -")
        #expect(try read("X-Forwarded-Proto: https") == "- secure -")
        // Of the proxy that names the client: the client's own lie is to the left of it.
        #expect(try read(address, "X-Forwarded-Proto: https, http") == "192.0.2.1 plain -")
        let chain = "X-Forwarded-For: 192.0.2.9, 192.0.2.1, 10.0.0.1"
        #expect(try read(chain, "X-Forwarded-Proto: http, https, http") == "192.0.2.1 secure -")
        #expect(try read(chain, "X-Forwarded-Proto: https") == "192.0.2.1 secure -")
        #expect(try read(chain, "X-Forwarded-Host: c, b, a") == "192.0.2.1 - b")
    }

    // MARK: Forwarded

    @Test(arguments: [
        ("for=192.0.2.1", "192.0.2.1 - -"), ("For=\"192.0.2.1:4711\"", "192.0.2.1:4711 - -"),
        ("for=\"[2001:db8::1]:4711\";proto=https", "2001:db8::1:4711 secure -"),
        ("for=192.0.2.43, for=10.0.0.1;by=10.0.0.2", "192.0.2.43 - -"),
        ("for=192.0.2.9, for=192.0.2.43;proto=http;host=\"a.b\" , for=10.0.0.1;proto=https", "192.0.2.43 plain a.b"),
        ("for=192.0.2.43;secret=\"a,b;for=10.0.0.1\"", "192.0.2.43 - -"),
        ("for=192.0.2.43;host=\"a\\\".b\"", "192.0.2.43 - a\".b"),
        // RFC 7239, 6.3: who hides is not looked behind.
        ("for=192.0.2.1, for=_hidden, for=10.0.0.1", "10.0.0.1 - -"), ("for=unknown;proto=https", "- secure -"),
        ("for=192.0.2.1, for=\"_SEVKISEK\"", "- - -"), ("for=\"192.0.2.1:_port\"", "192.0.2.1 - -"),
        ("proto=https", "- secure -"), ("for=192.0.2.1, proto=https", "- secure -"),
        ("for", "- - -"), ("=", "- - -"), ("for=", "- - -"), ("for=\"", "- - -"),
        // A client leaves a quote open, so that what its proxy has added is in it.
        ("for=192.0.2.66;x=\", for=192.0.2.1", "- - -"), ("for=192.0.2.66;x=\", for=\"[2001:db8::1]\"", "- - -"),
        ("for=192.0.2.66;x=\"\\, for=192.0.2.1", "- - -"),
    ])
    func elements(list: String, expected: String) throws {
        #expect(try read("Forwarded: \(list)") == expected)
    }

    @Test func aBrokenFieldHidesNoOtherOne() throws {
        #expect(try read("Forwarded: for=\"192.0.2.66", "Forwarded: for=192.0.2.1") == "192.0.2.1 - -")
        #expect(try read("Forwarded: for=192.0.2.66", "Forwarded: for=\"192.0.2.1") == "- - -")
    }

    // MARK: Both

    /// The client has written the one that its proxy does not write.
    @Test func twoKindsThatDisagreeAreNotBelieved() throws {
        let lie = "for=192.0.2.66;proto=https;host=evil"
        #expect(try read("Forwarded: \(lie)", "X-Forwarded-For: 192.0.2.1") == "- - -")
        #expect(try read("X-Forwarded-For: 192.0.2.66", "Forwarded: for=192.0.2.1;proto=http") == "- - -")
        #expect(
            try read("X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https", "Forwarded: for=192.0.2.1;proto=https")
                == "192.0.2.1 secure -")
    }
}
