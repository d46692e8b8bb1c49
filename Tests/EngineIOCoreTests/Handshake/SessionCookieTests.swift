import EngineIOCore
import Testing

@Suite struct SessionCookieTests {
    @Test func theDefaultIsTheReferences() {
        #expect(SessionCookie().value(for: "abc") == "io=abc; Path=/; HttpOnly; SameSite=Lax")
        #expect(SessionCookie().problem == nil)
    }

    @Test func attributesComeInTheOrderOfTheReference() {
        var cookie = SessionCookie(name: "lb", path: "/chat", sameSite: SessionCookie.SameSite.none)
        cookie.domain = ".example.com"
        cookie.expires = "Wed, 21 Oct 2026 07:28:00 GMT"
        cookie.maxAge = 0
        cookie.isSecure = true
        cookie.isPartitioned = true
        cookie.priority = .high
        #expect(cookie.problem == nil)
        #expect(
            cookie.value(for: "abc")
                == "lb=abc; Max-Age=0; Domain=.example.com; Path=/chat; Expires=Wed, 21 Oct 2026 07:28:00 GMT; "
                + "HttpOnly; Secure; Partitioned; Priority=High; SameSite=None")
    }

    @Test func attributesAreLeftOut() {
        var cookie = SessionCookie(sameSite: nil)
        cookie.isHTTPOnly = false
        cookie.maxAge = -1
        #expect(cookie.value(for: "abc") == "io=abc; Max-Age=-1; Path=/")
    }

    /// CVE-2024-47764: a part with characters of another one says something else.
    @Test(arguments: [
        "", "a b", "a;b", "a=b", "a,b", "a\r\nSet-Cookie: b", "a\nb", "a\0", "é",
        "userName=<script>alert('XSS')</script>",
    ])
    func cve202447764Names(name: String) {
        #expect(SessionCookie(name: name).problem?.contains("name") == true)
    }

    @Test(arguments: ["", "chat", "/a;Domain=evil", "/a\r\nX: y", "/a\n", "/\0", "/é", "/a<", "/\u{7F}"])
    func cve202447764Paths(path: String) {
        #expect(SessionCookie(path: path).problem?.contains("path") == true)
    }

    @Test(arguments: ["", ".", "a..b", "-a", "a-", "a b", "a;b", "a\r\nb", "é.example", "a_b", "a/b"])
    func cve202447764Domains(domain: String) {
        var cookie = SessionCookie()
        cookie.domain = domain
        #expect(cookie.problem?.contains("domain") == true)
    }

    @Test(arguments: [
        "", "tomorrow", "Wed, 21 Oct 2026 07:28:00", "Wed, 21 Oct 2026 07:28:00 GMT; Secure",
        "Wed; 21 Oct 2026 07:28:00 GMT", "Wed, 2é Oct 2026 07:28:00 GMT",
    ])
    func cve202447764Dates(expires: String) {
        var cookie = SessionCookie()
        cookie.expires = expires
        #expect(cookie.problem?.contains("expires") == true)
    }

    @Test func whatBrowsersRefuseIsRefused() {
        #expect(SessionCookie(sameSite: SessionCookie.SameSite.none).problem?.contains("SameSite=None") == true)
        var cookie = SessionCookie()
        cookie.isPartitioned = true
        #expect(cookie.problem?.contains("Partitioned") == true)
    }
}
