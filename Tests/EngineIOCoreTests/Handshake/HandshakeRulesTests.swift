import EngineIOCore
import Testing

@Suite struct HandshakeRulesTests {
    private struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var method = HandshakeRequest.Method.get
        var isUpgrade = false
        var target = "?EIO=4&transport=polling"
        var session = KnownSession.none
        var transports: [Transport] = [.polling, .webSocket]
        var allowsRevision3 = false
        var expected: Expected

        enum Expected: Equatable {
            case refuse(EngineError)
            case newSession(Transport)
            case existingSession
        }

        var testDescription: String { name }
    }

    private static let polling = "?EIO=4&transport=polling"
    private static let webSocket = "?EIO=4&transport=websocket"

    private static let cases: [Case] = [
        // 1: the transport.
        Case(name: "no transport", target: "?EIO=4", expected: .refuse(.transportUnknown)),
        Case(name: "empty transport", target: "?EIO=4&transport=", expected: .refuse(.transportUnknown)),
        Case(name: "unknown transport", target: "?transport=foo", expected: .refuse(.transportUnknown)),
        Case(name: "inherited name", target: "?transport=__proto__", expected: .refuse(.transportUnknown)),
        Case(
            name: "constructor", isUpgrade: true, target: "?transport=constructor", expected: .refuse(.transportUnknown)
        ),
        Case(name: "webtransport", target: "?transport=webtransport", expected: .refuse(.transportUnknown)),
        Case(name: "other case", target: "?transport=Polling", expected: .refuse(.transportUnknown)),
        Case(
            name: "last transport counts", target: "?EIO=4&transport=foo&transport=polling",
            expected: .newSession(.polling)),
        Case(name: "polling disabled", transports: [.webSocket], expected: .refuse(.transportUnknown)),
        Case(
            name: "websocket disabled", isUpgrade: true, target: webSocket, transports: [.polling],
            expected: .refuse(.transportUnknown)),
        Case(
            name: "transport before method", method: .post, target: "?transport=foo",
            expected: .refuse(.transportUnknown)),
        // 2, the form of the origin, is HTTPRequestReader's to check.
        // 3: requests of a session.
        Case(name: "unknown session", target: polling + "&sid=x", expected: .refuse(.sessionUnknown)),
        Case(
            name: "unknown session, upgrade", isUpgrade: true, target: webSocket + "&sid=x",
            expected: .refuse(.sessionUnknown)),
        Case(
            name: "unknown session, POST", method: .post, target: polling + "&sid=x",
            expected: .refuse(.sessionUnknown)),
        Case(name: "poll", target: polling + "&sid=x", session: .polling, expected: .existingSession),
        Case(name: "post", method: .post, target: polling + "&sid=x", session: .polling, expected: .existingSession),
        Case(
            name: "another method is the transport's to answer", method: .other, target: polling + "&sid=x",
            session: .polling, expected: .existingSession),
        Case(
            name: "later requests need no revision", target: "?transport=polling&sid=x", session: .polling,
            expected: .existingSession),
        Case(
            name: "poll after the upgrade", target: polling + "&sid=x", session: .webSocket,
            expected: .refuse(.badRequest)),
        Case(
            name: "plain websocket request, polling session", target: webSocket + "&sid=x", session: .polling,
            expected: .refuse(.badRequest)),
        Case(
            name: "plain websocket request, websocket session", target: webSocket + "&sid=x", session: .webSocket,
            expected: .refuse(.badRequest)),
        Case(
            name: "probe", isUpgrade: true, target: webSocket + "&sid=x", session: .polling,
            expected: .existingSession),
        Case(
            name: "second probe is the session's to answer", isUpgrade: true, target: webSocket + "&sid=x",
            session: .webSocket, expected: .existingSession),
        Case(
            name: "upgrade to polling", isUpgrade: true, target: polling + "&sid=x", session: .polling,
            expected: .refuse(.badRequest)),
        Case(
            name: "probe by POST", method: .post, isUpgrade: true, target: webSocket + "&sid=x", session: .polling,
            expected: .refuse(.badHandshakeMethod)),
        // 4 and 5: handshakes.
        Case(name: "polling handshake", expected: .newSession(.polling)),
        Case(name: "websocket handshake", isUpgrade: true, target: webSocket, expected: .newSession(.webSocket)),
        Case(name: "empty sid is none", target: polling + "&sid=", expected: .newSession(.polling)),
        Case(name: "POST handshake", method: .post, expected: .refuse(.badHandshakeMethod)),
        Case(name: "OPTIONS without CORS", method: .options, expected: .refuse(.badHandshakeMethod)),
        Case(name: "HEAD handshake", method: .other, expected: .refuse(.badHandshakeMethod)),
        Case(
            name: "method before transport form", method: .post, target: webSocket,
            expected: .refuse(.badHandshakeMethod)),
        Case(name: "websocket on a plain request", target: webSocket, expected: .refuse(.badRequest)),
        Case(name: "polling on an upgrade", isUpgrade: true, expected: .refuse(.badRequest)),
        Case(name: "revision 3", target: "?EIO=3&transport=polling", expected: .refuse(.unsupportedProtocol)),
        Case(name: "no revision", target: "?transport=polling", expected: .refuse(.unsupportedProtocol)),
        Case(name: "revision 04", target: "?EIO=04&transport=polling", expected: .refuse(.unsupportedProtocol)),
        Case(
            name: "no revision, websocket", isUpgrade: true, target: "?transport=websocket",
            expected: .refuse(.unsupportedProtocol)),
        Case(
            name: "transport form before revision", target: "?EIO=3&transport=websocket",
            expected: .refuse(.badRequest)),
        Case(
            name: "revision 3, allowed", target: "?EIO=3&transport=polling", allowsRevision3: true,
            expected: .newSession(.polling)),
        Case(
            name: "no revision is 3, websocket, allowed", isUpgrade: true, target: "?transport=websocket",
            allowsRevision3: true, expected: .newSession(.webSocket)),
    ]

    @Test(arguments: cases)
    private func verifiesInOrder(_ test: Case) {
        let request = HandshakeRequest(
            method: test.method, isUpgrade: test.isUpgrade, query: RequestQuery(target: test.target))
        let verdict = HandshakeRules.verify(
            request, session: test.session,
            options: HandshakeOptions(transports: test.transports, allowsRevision3: test.allowsRevision3))
        let actual: Case.Expected =
            switch verdict {
            case .refuse(let error, _): .refuse(error)
            case .newSession(let transport): .newSession(transport)
            case .existingSession: .existingSession
            }
        #expect(actual == test.expected)
    }

    @Test(arguments: [
        ("EIO=3", "asks for revision 3"), ("EIO=5", "EIO is neither 3 nor 4"), ("EIO=abc", "EIO is neither 3 nor 4"),
        ("EIO=", "names no revision"), ("a=1", "names no revision"),
    ])
    private func aRefusedRevisionIsExplainedInOneSentence(query: String, words: String) {
        let request = HandshakeRequest(method: .get, query: RequestQuery(target: "?\(query)&transport=polling"))
        let verdict = HandshakeRules.verify(
            request, session: .none, options: HandshakeOptions(allowsRevision3: false))
        guard case .refuse(let error, let detail) = verdict else {
            Issue.record("not refused")
            return
        }
        #expect(error.isExplainedToClient)
        #expect(detail.contains(words) && !detail.contains("5") && !detail.contains("abc"))
        #expect(detail.contains("revision 3") && detail.contains("revision 4") && detail.contains("use a client of"))
        #expect(!detail.contains(". ") && !detail.hasSuffix("."))
        #expect(error.json(context: "a\"b") == #"{"code":5,"message":"Unsupported protocol version","context":"a\"b"}"#)
    }
}
