import EngineIOCore
import Testing

@Suite struct CORSHeadersTests {
    private let listed = OriginDecision.allowed("http://a", varies: true)
    private let any = OriginDecision.allowed("*", varies: false)
    private let full = CORSOptions(
        allowsCredentials: true, methods: "GET,POST", allowedHeaders: "X-A", exposedHeaders: "X-B", maxAge: 600)

    private func lines(_ headers: [(name: String, value: String)]) -> [String] {
        headers.map { "\($0.name): \($0.value)" }
    }

    @Test func answersToAnOrigin() {
        #expect(lines(CORSHeaders.response(to: listed)) == ["Access-Control-Allow-Origin: http://a", "Vary: Origin"])
        #expect(lines(CORSHeaders.response(to: any)) == ["Access-Control-Allow-Origin: *"])
        #expect(lines(CORSHeaders.response(to: .refused("why"))) == ["Vary: Origin"])
        #expect(lines(CORSHeaders.response(to: .noOrigin, options: full)) == [])
        #expect(
            lines(CORSHeaders.response(to: listed, options: full)) == [
                "Access-Control-Allow-Origin: http://a", "Access-Control-Allow-Credentials: true", "Vary: Origin",
                "Access-Control-Expose-Headers: X-B",
            ])
    }

    @Test func credentialsNeedANamedOrigin() {
        #expect(
            lines(CORSHeaders.response(to: any, options: full)) == [
                "Access-Control-Allow-Origin: *", "Access-Control-Expose-Headers: X-B",
            ])
    }

    @Test func preflightReflectsTheHeadersAskedFor() {
        #expect(
            lines(CORSHeaders.preflight(to: listed, requestedHeaders: "x-foo, x-bar")) == [
                "Access-Control-Allow-Origin: http://a", "Vary: Origin, Access-Control-Request-Headers",
                "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE",
                "Access-Control-Allow-Headers: x-foo, x-bar", "Content-Length: 0",
            ])
        #expect(
            lines(CORSHeaders.preflight(to: any, requestedHeaders: nil)) == [
                "Access-Control-Allow-Origin: *", "Vary: Access-Control-Request-Headers",
                "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE", "Content-Length: 0",
            ])
    }

    @Test(arguments: ["", "a\r\nSet-Cookie: b", "a;b", "é", "a\0"])
    func preflightReflectsNothingElse(requested: String) {
        let names = CORSHeaders.preflight(to: listed, requestedHeaders: requested).map(\.name)
        #expect(!names.contains("Access-Control-Allow-Headers"))
    }

    @Test func preflightFollowsTheOptions() {
        #expect(
            lines(CORSHeaders.preflight(to: listed, requestedHeaders: "x-foo", options: full)) == [
                "Access-Control-Allow-Origin: http://a", "Access-Control-Allow-Credentials: true", "Vary: Origin",
                "Access-Control-Allow-Methods: GET,POST", "Access-Control-Allow-Headers: X-A",
                "Access-Control-Max-Age: 600", "Content-Length: 0",
            ])
    }

    @Test func preflightTellsARefusedOriginNothing() {
        #expect(
            lines(CORSHeaders.preflight(to: .refused("why"), requestedHeaders: "x", options: full)) == [
                "Vary: Origin", "Content-Length: 0",
            ])
    }

    @Test(arguments: ["GET", "GET,POST", "GET, POST", "*", "X-One,X-Two"])
    func listsOfNames(list: String) {
        #expect(CORSOptions(methods: list, allowedHeaders: list, exposedHeaders: list).problem == nil)
    }

    @Test(arguments: ["", ",", "GET,", "GET POST", "GET\r\nX: y", "X-A: b", "é", "GET;POST"])
    func whatIsNoListOfNames(list: String) {
        #expect(CORSOptions(methods: list).problem?.contains("methods") == true)
        #expect(CORSOptions(allowedHeaders: list).problem?.contains("allowed headers") == true)
        #expect(CORSOptions(exposedHeaders: list).problem?.contains("exposed headers") == true)
    }
}
