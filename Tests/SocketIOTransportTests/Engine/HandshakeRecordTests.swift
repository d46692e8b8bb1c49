import NIOCore
import NIOHTTP1
import Testing

@testable import SocketIOTransport

@Suite struct HandshakeRecordTests {
    private func record(_ uri: String, _ headers: [(String, String)]) -> HandshakeRecord {
        HandshakeRecord(
            head: HTTPRequestHead(version: .http1_1, method: .GET, uri: uri, headers: HTTPHeaders(headers)),
            peer: PeerAddress(nil), isSecure: false)
    }

    private static let cases: [[(String, String)]] = [
        [],
        [("host", "a")],
        [("host", "a"), ("cookie", "b=1; c=2"), ("cookie", "d")],
        [("x", "")],
        [("x", ""), ("y", ""), ("z", "1")],
        [("x", "é 😀 \u{301}")],
        [("x", "tab\there")],
    ]

    @Test(arguments: cases)
    private func keepsTheRequest(headers: [(String, String)]) {
        let record = record("/socket.io/?EIO=4&x=%00", headers)
        #expect(record.url == "/socket.io/?EIO=4&x=%00")
        #expect(record.headers.map(\.name) == headers.map(\.0))
        #expect(record.headers.map(\.value) == headers.map(\.1))
        #expect(record.peer.host == "unix")
        #expect(record.peer.port == 0)
    }

    @Test func namesAreInLowerCase() {
        #expect(record("/", [("User-Agent", "A")]).headers.map(\.name) == ["user-agent"])
    }

    @Test func anOriginMakesItCrossDomain() {
        #expect(record("/", [("ORIGIN", "http://a")]).isCrossDomain)
        #expect(!record("/", [("Host", "origin")]).isCrossDomain)
    }

    @Test func whatEndsAFieldCannotBeInOne() {
        let record = record("/\u{0}x", [("a\u{0}", "b\u{0}c"), ("d", "e")])
        #expect(record.url == "/x")
        #expect(record.headers.map(\.name) == ["a", "d"])
        #expect(record.headers.map(\.value) == ["bc", "e"])
    }

    @Test func anEmptyTarget() {
        #expect(record("", [("a", "b")]).url == "")
        #expect(record("", [("a", "b")]).headers.map(\.value) == ["b"])
    }
}
