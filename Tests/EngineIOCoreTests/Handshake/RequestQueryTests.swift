import EngineIOCore
import Testing

@Suite struct RequestQueryTests {
    private static let id = "lv_VI97HAXpY6yYWAAAB"

    private static func session(_ id: String) -> RequestQuery.NamedSession {
        SessionName(id).map { .id($0) } ?? .malformed
    }

    @Test(arguments: [
        ("/socket.io/", RequestQuery()),
        ("/socket.io/?", RequestQuery()),
        ("", RequestQuery()),
        ("/socket.io/?EIO=4&transport=polling", RequestQuery(revision: .known(.four), transport: .known(.polling))),
        (
            "/socket.io/?EIO=4&transport=websocket&sid=\(id)&t=abc",
            RequestQuery(revision: .known(.four), transport: .known(.webSocket), session: session(id))
        ),
        ("?EIO=3&EIO=4", RequestQuery(revision: .known(.four))),
        ("?EIO=4&EIO=3", RequestQuery(revision: .known(.three))),
        ("?EIO=04", RequestQuery(revision: .unknown)),
        ("?EIO=5", RequestQuery(revision: .unknown)),
        ("?EIO=", RequestQuery()),
        ("?transport=polling&transport=", RequestQuery(transport: .unknown)),
        ("?transport=Polling", RequestQuery(transport: .unknown)),
        ("?transport=pollin", RequestQuery(transport: .unknown)),
        ("?transport=pollingg", RequestQuery(transport: .unknown)),
        ("?sid", RequestQuery()),
        ("?sid=\(id)&sid=", RequestQuery()),
        ("?sid=a=b", RequestQuery(session: .malformed)),
        ("?&&EIO=4&", RequestQuery(revision: .known(.four))),
        ("?eio=4&SID=x&=4", RequestQuery()),
        ("?a?EIO=4&EIO=4?", RequestQuery(revision: .unknown)),
        ("?%45IO=%34", RequestQuery(revision: .known(.four))),
        ("?transport=%70olling", RequestQuery(transport: .known(.polling))),
        ("?sid=%6Cv_VI97HAXpY6yYWAAAB", RequestQuery(session: session(id))),
        ("?sid=%6Cv_VI97HAXpY6yYWAAA+", RequestQuery(session: .malformed)),
        ("?sid=%", RequestQuery(session: .malformed)),
        ("?b64=1", RequestQuery(b64: true)),
        ("?b64=0", RequestQuery(b64: true)),
        ("?b64=", RequestQuery()),
        ("?b64", RequestQuery()),
        ("?b64=1&b64=", RequestQuery()),
        ("?j=12", RequestQuery(b64: true, callback: JSONPCallback(index: 12))),
        ("?j=%28a1%29%3B2", RequestQuery(b64: true, callback: JSONPCallback(index: 12))),
        ("?j=4294967299", RequestQuery(b64: true, callback: JSONPCallback(index: 429_496_729))),
        ("?j=", RequestQuery(b64: true, callback: JSONPCallback(index: 0))),
        ("?j=0&b64=", RequestQuery(b64: true, callback: JSONPCallback(index: 0))),
        ("?transport=__proto__", RequestQuery(transport: .unknown)),
    ])
    private func reads(target: String, query: RequestQuery) {
        #expect(RequestQuery(target: target) == query)
    }

    @Test(arguments: [
        ("?a=a+b%2B%2b", "a b++"), ("?a=%", "%"), ("?a=%4", "%4"), ("?a=%zz%4g%g4", "%zz%4g%g4"), ("?a=%%34", "%4"),
        ("?a=%C3%A9%FF", "é\u{FFFD}"), ("?a=a=b", "a=b"), ("?%61=4?", "4?"),
    ])
    func decodes(target: String, value: String) {
        let parameters = RequestQuery.parameters(of: target)
        #expect(parameters.map(\.name) == ["a"])
        #expect(parameters.map(\.value) == [value])
    }

    @Test func listsAllParametersForTheApplication() {
        let parameters = RequestQuery.parameters(of: "/x?EIO=4&a=1&a=2&b=%C3%A9+&c&=d")
        #expect(parameters.map(\.name) == ["EIO", "a", "a", "b", "c", ""])
        #expect(parameters.map(\.value) == ["4", "1", "2", "é ", "", "d"])
    }

    @Test func survivesDamagedTargets() {
        var random = SplitMix64(seed: 6)
        let seeds = ["/socket.io/?EIO=4&transport=polling&sid=a%20b+c", "?j=1&b64=1&x=%C3%A9"].map { Array($0.utf8) }
        for _ in 0..<10_000 {
            let target = random.mutation(of: seeds, alphabet: Array("?&=%+".utf8))
            _ = withMemory(target) { RequestQuery(target: UnsafeRawBufferPointer($0)) }
        }
    }
}
