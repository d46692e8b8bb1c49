import Testing

@testable import SocketIOTransport

/// A client that does not ask for revision 3 or 4 is served as one of 3, as Node does it, and the log says so.
@Suite struct RevisionWarningTests {
    private static let plain = "GET /socket.io/?%transport=polling HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let upgrade = String.webSocketUpgrade.replacing("EIO=4&", with: "%")

    @Test(arguments: [plain, upgrade], [("EIO=5&", "(EIO is neither 3 nor 4)"), ("", "names no revision")])
    private func guesses(request: String, revision: (query: String, words: String)) throws {
        let server = EmbeddedServer()
        let client = try server.connect()
        client.send(request.replacing("%", with: revision.query))
        #expect(server.recorder.lines == ["open"])
        let line = try #require(server.recorder.logged.first)
        #expect(server.recorder.logged.count == 1)
        #expect(line.contains(revision.words) && line.contains("has to ask with EIO=4"))
        #expect(!line.contains("5"))
    }

    @Test(arguments: [plain, upgrade], ["EIO=3&", "EIO=4&"])
    private func saysNothingOfTheOthers(request: String, query: String) throws {
        let server = EmbeddedServer()
        try server.connect().send(request.replacing("%", with: query))
        #expect(server.recorder.lines == ["open"])
        #expect(server.recorder.logged == [])
    }
}
