import EngineIOCore
import Testing

@Suite struct RequestQueryTests {
    @Test(arguments: [
        ("/socket.io/", RequestQuery()),
        ("/socket.io/?", RequestQuery()),
        ("", RequestQuery()),
        ("/socket.io/?EIO=4&transport=polling", RequestQuery(eio: "4", transport: "polling")),
        (
            "/socket.io/?EIO=4&transport=websocket&sid=lv_VI97HAXpY6yYWAAAB&t=abc",
            RequestQuery(eio: "4", transport: "websocket", sid: "lv_VI97HAXpY6yYWAAAB")
        ),
        ("?EIO=3&EIO=4", RequestQuery(eio: "4")),
        ("?transport=polling&transport=", RequestQuery(transport: "")),
        ("?sid", RequestQuery(sid: "")),
        ("?sid=a=b", RequestQuery(sid: "a=b")),
        ("?&&EIO=4&", RequestQuery(eio: "4")),
        ("?eio=4&SID=x&=4", RequestQuery()),
        ("?a?EIO=4&EIO=4?", RequestQuery(eio: "4?")),
        ("?%45IO=%34", RequestQuery(eio: "4")),
        ("?sid=a+b%2B%2b", RequestQuery(sid: "a b++")),
        ("?sid=%", RequestQuery(sid: "%")),
        ("?sid=%4", RequestQuery(sid: "%4")),
        ("?sid=%zz%4g%g4", RequestQuery(sid: "%zz%4g%g4")),
        ("?sid=%%34", RequestQuery(sid: "%4")),
        ("?sid=%C3%A9%FF", RequestQuery(sid: "é\u{FFFD}")),
        ("?b64=1", RequestQuery(b64: true)),
        ("?b64=0", RequestQuery(b64: true)),
        ("?b64=", RequestQuery()),
        ("?b64", RequestQuery()),
        ("?b64=1&b64=", RequestQuery()),
        ("?j=12", RequestQuery(b64: true, jsonpIndex: "12")),
        ("?j=", RequestQuery(b64: true, jsonpIndex: "")),
        ("?j=1);alert(2", RequestQuery(b64: true, jsonpIndex: "12")),
        ("?j=1\u{301}٣2", RequestQuery(b64: true, jsonpIndex: "12")),
        ("?j=0&b64=", RequestQuery(b64: true, jsonpIndex: "0")),
        ("?transport=__proto__", RequestQuery(transport: "__proto__")),
    ])
    func reads(target: String, query: RequestQuery) {
        #expect(RequestQuery(target: target) == query)
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
