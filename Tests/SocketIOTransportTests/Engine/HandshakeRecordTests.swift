import EngineIOCore
import NIOCore
import Testing

@testable import SocketIOTransport

@Suite struct HandshakeRecordTests {
    private func record(_ target: String, _ headers: [(String, String)]) throws -> HandshakeRecord {
        let fields = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
        let text = Array("GET \(target) HTTP/1.1\r\n\(fields)\r\n".utf8)
        var reader = HTTPRequestReader()
        var offset = 0
        let part = try text.withUnsafeBytes { bytes throws(HTTPRequestError) in try reader.next(in: bytes, at: &offset)
        }
        guard case .head(let head) = part else { throw ChannelError.inputClosed }
        return HandshakeRecord(head: head, from: RequestSource(peer: PeerAddress(nil), isSecure: false))
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
    private func keepsTheRequest(headers: [(String, String)]) throws {
        let record = try record("/socket.io/?EIO=4&x=%00", headers)
        #expect(record.url == "/socket.io/?EIO=4&x=%00")
        #expect(record.headers.map(\.name) == headers.map(\.0))
        #expect(record.headers.map(\.value) == headers.map(\.1))
        #expect(record.peer.host == "unix")
        #expect(record.peer.port == 0)
    }

    @Test func namesAreInLowerCase() throws {
        #expect(try record("/", [("User-Agent", "A")]).headers.map(\.name) == ["user-agent"])
    }

    @Test func anOriginMakesItCrossDomain() throws {
        #expect(try record("/", [("ORIGIN", "http://a")]).isCrossDomain)
        #expect(try !record("/", [("Host", "origin")]).isCrossDomain)
    }
}
