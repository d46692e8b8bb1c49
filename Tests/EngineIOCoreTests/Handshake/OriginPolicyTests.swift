import EngineIOCore
import Testing

@Suite struct OriginPolicyTests {
    @Test(arguments: ["http://evil.example", "null", "garbage", "http://a"])
    func uncheckedSaysNothing(origin: String) {
        #expect(OriginPolicy.unchecked.decide(origin: origin, host: "a", secure: false) == .noOrigin)
    }

    @Test(arguments: [
        ("http://h", "h", false, true), ("http://h", "h:80", false, true), ("http://h:80", "h", false, true),
        ("http://h:3000", "h:3000", false, true), ("http://H", "h", false, true), ("HTTP://h", "H:80", false, true),
        ("https://h", "h", true, true), ("https://h", "h:443", true, true), ("https://h:443", "h", true, true),
        ("http://[::1]:3000", "[::1]:3000", false, true), ("http://[::1]", "[::1]", false, true),
        ("http://[FE80::1]", "[fe80::1]:80", false, true), ("http://127.0.0.1:8080", "127.0.0.1:8080", false, true),
        // A proxy that ends TLS.
        ("https://h", "h", false, true), ("https://h:8443", "h:8443", false, true),
        // Strangers.
        ("http://h", "h", true, false), ("http://h", "h:443", true, false), ("https://h", "h:80", false, false),
        ("http://h:3000", "h:3001", false, false), ("http://h", "h:3000", false, false),
        ("http://evil", "h", false, false), ("http://h.evil", "h", false, false), ("http://evilh", "h", false, false),
        ("http://h@evil", "h", false, false), ("http://evil@h", "h", false, false), ("http://h/", "h", false, true),
        ("http://h/evil", "h", false, false), ("http://h?", "h", false, false), ("http://h#", "h", false, false),
        ("http://h\\", "h", false, false), ("null", "null", false, false), ("", "", false, false),
        ("http://", "", false, false), ("h", "h", false, false), ("//h", "h", false, false),
        ("://h", "h", false, false), ("file://h", "h", false, false), ("ws://h", "h", false, false),
        ("http://h:", "h", false, true), ("http://h:65536", "h:65536", false, false),
        ("http://h:99999999999999999999", "h", false, false), ("http://h:-1", "h", false, false),
        ("http://h:+80", "h", false, false), ("http://h:80:80", "h", false, false),
        ("http://[::1", "[::1", false, false),
        ("http://[]", "[]", false, false), ("http://[::1]x", "[::1]", false, false), ("http://é", "é", false, false),
        ("http://h http://evil", "h", false, false), ("http://h\r\nx", "h", false, false),
    ])
    func sameOrigin(origin: String, host: String, secure: Bool, allowed: Bool) {
        let decision = OriginPolicy.sameOrigin.decide(origin: origin, host: host, secure: secure)
        if allowed {
            #expect(decision == .allowed(origin, varies: true))
        } else {
            #expect(decision.isRefusal)
        }
    }

    @Test func clientsWithoutAnOriginAreNotConcerned() {
        for policy in [OriginPolicy.sameOrigin, .any, .list([])] {
            #expect(policy.decide(origin: nil, host: "h", secure: false) == .noOrigin)
        }
    }

    @Test func withoutAHostNoOriginIsTheSame() {
        #expect(OriginPolicy.sameOrigin.decide(origin: "http://h", host: nil, secure: false).isRefusal)
    }

    @Test func anyOriginIsNeverNamed() {
        for policy in [OriginPolicy.any, .list(["http://a", "*"])] {
            let decision = policy.decide(origin: "http://evil", host: "h", secure: false)
            #expect(decision == .allowed("*", varies: false))
        }
    }

    @Test(arguments: [
        ("https://example.com", true), ("https://Example.com:443", true), ("http://localhost:8080", true),
        ("capacitor://localhost", true), ("null", true),
        ("http://example.com", false), ("https://example.com.evil", false), ("https://sub.example.com", false),
        ("http://localhost", false), ("ionic://localhost", false), ("NULL", false), ("", false),
    ])
    func list(origin: String, allowed: Bool) {
        let origins = ["https://EXAMPLE.com/", "http://localhost:8080", "capacitor://localhost", "null"]
        let decision = OriginPolicy.list(origins).decide(origin: origin, host: "h", secure: false)
        if allowed {
            #expect(decision == .allowed(origin, varies: true))
        } else {
            #expect(decision.isRefusal)
        }
    }

    @Test func aListAdmitsTheServersOwnPagesToo() {
        let policy = OriginPolicy.list(["http://a"])
        #expect(policy.decide(origin: "http://h", host: "h", secure: false) == .allowed("http://h", varies: true))
        #expect(policy.decide(origin: "http://b", host: "h", secure: false).isRefusal)
    }

    @Test func whatNoBrowserSendsIsFoundInAList() {
        #expect(OriginPolicy.list(["http://a", "null", "*", "https://b.example:8443"]).illegalOrigin == nil)
        #expect(OriginPolicy.list(["http://a", "example.com"]).illegalOrigin == "example.com")
        #expect(OriginPolicy.list(["http://a/path"]).illegalOrigin == "http://a/path")
        #expect(OriginPolicy.any.illegalOrigin == nil)
        #expect(OriginPolicy.sameOrigin.illegalOrigin == nil)
    }

    @Test func aRefusalSaysWhatToDo() {
        #expect(
            OriginPolicy.sameOrigin.decide(origin: "http://evil\r\nx", host: "h:3000", secure: false)
                == .refused(
                    "the origin 'http://evil\\u{d}\\u{a}x' is not allowed, only the server's own, 'h:3000', is; to accept its "
                        + "pages, add it to the allowed origins, or allow every origin with *"))
        #expect(
            OriginPolicy.list(["http://a", "http://b"]).decide(origin: "http://evil", host: "h", secure: false)
                == .refused(
                    "the origin 'http://evil' is not allowed, allowed are http://a, http://b; to accept its pages, "
                        + "add it to the allowed origins"))
        #expect(
            OriginPolicy.list([]).decide(origin: "http://evil", host: "h", secure: false)
                == .refused(
                    "the origin 'http://evil' is not allowed, none is; to accept its pages, add it to the allowed "
                        + "origins"))
    }

    @Test func survivesDamagedOrigins() {
        var random = SplitMix64(seed: 7)
        let seeds = ["http://localhost:3000", "https://[::1]:443/", "null", "capacitor://é"].map { Array($0.utf8) }
        for _ in 0..<10_000 {
            let origin = String(decoding: random.mutation(of: seeds, alphabet: Array(":/[]@%".utf8)), as: UTF8.self)
            for policy in [OriginPolicy.sameOrigin, .list(["http://localhost:3000"])] {
                let decision = policy.decide(origin: origin, host: origin, secure: false)
                #expect(decision.isRefusal || decision == .allowed(origin, varies: true))
            }
        }
    }
}

extension OriginDecision {
    fileprivate var isRefusal: Bool {
        if case .refused = self { true } else { false }
    }
}

extension OriginPolicyTests {
    /// CVE-2020-28481, CVE-2019-13611: any page can load a script and read what it does, without an Origin being told.
    @Test(
        arguments: [
            (.sameOrigin, nil, false), (.sameOrigin, "http://evil.example/page", false),
            (.sameOrigin, "http://localhost:3000/page?x=http://evil.example", true),
            (.sameOrigin, "http://localhost:3000", true), (.sameOrigin, "http://localhost:3000?x", true),
            (.sameOrigin, "http://localhost:3000@evil.example/", false),
            (.sameOrigin, "http://evil.example/http://localhost:3000", false),
            (.sameOrigin, "//localhost:3000/", false), (.sameOrigin, "", false),
            (.list(["https://a.example"]), "https://a.example/page", true),
            (.list(["https://a.example"]), "https://b.example/page", false),
            (.list(["https://a.example"]), nil, false),
            (.list(["*"]), nil, true), (.any, nil, true), (.any, "http://evil.example/", true), (.unchecked, nil, true),
        ] as [(OriginPolicy, String?, Bool)])
    func aJSONPRequestIsDecidedByItsReferer(policy: OriginPolicy, referer: String?, isAllowed: Bool) {
        let decision = policy.decideJSONP(referer: referer, host: "localhost:3000", secure: false)
        #expect((decision == .noOrigin) == isAllowed)
        #expect(decision.isRefusal != isAllowed)
    }
}
