import CZlib
import EngineIOCore
import NIOCore
import Testing

@testable import SocketIOTransport

@Suite struct HTTPCompressionTests {
    /// The head and body of the answer to a poll that `text` was sent to.
    private func poll(
        _ text: String, _ accepted: String?, compresses: Bool = true, _ change: (inout EngineOptions) -> Void = { _ in }
    ) throws -> (head: String, body: [UInt8]) {
        let server = EmbeddedServer(change)
        let sid = try server.openPolling()
        let session = try #require(server.recorder.sessions.first)
        let bytes = Array(text.utf8)
        session.send(
            EnginePacket(isBinary: false, payload: bytes.count, compresses: compresses) { memory in
                memory.copyBytes(from: bytes)
                return bytes.count
            })
        let client = try server.connect()
        let fields = accepted.map { "Accept-Encoding: \($0)\r\n" } ?? ""
        client.send(.get("/socket.io/?EIO=4&transport=polling&sid=\(sid)", fields: fields))
        let response = client.receivedBytes()
        let end = try #require(response.indices.first { response[$0...].starts(with: Array("\r\n\r\n".utf8)) })
        return (String(decoding: response[..<end], as: UTF8.self), Array(response[(end + 4)...]))
    }

    /// What `windowBits` (zlib's way to say the format) makes of it.
    private func inflated(_ bytes: [UInt8], windowBits: Int32) throws -> String {
        var stream = z_stream()
        var output = [UInt8](repeating: 0, count: 100_000)
        let count = try withUnsafeMutablePointer(to: &stream) { stream in
            try #require(
                inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
            defer { inflateEnd(stream) }
            var bytes = bytes
            return try bytes.withUnsafeMutableBufferPointer { input in
                try output.withUnsafeMutableBufferPointer { output in
                    stream.pointee.next_in = input.baseAddress
                    stream.pointee.avail_in = UInt32(input.count)
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = UInt32(output.count)
                    try #require(inflate(stream, Z_FINISH) == Z_STREAM_END)
                    return output.count - Int(stream.pointee.avail_out)
                }
            }
        }
        return String(decoding: output[..<count], as: UTF8.self)
    }

    private static let large = "4" + String(repeating: "again and ", count: 200)

    @Test(arguments: [("gzip, deflate", "gzip", Int32(31)), ("deflate", "deflate", 15), ("*;q=0.1", "gzip", 31)])
    private func largeResponsesAreCompressed(accepted: String, coding: String, windowBits: Int32) throws {
        let (head, body) = try poll(Self.large, accepted)
        #expect(head.contains("\r\nContent-Encoding: \(coding)\r\n"))
        #expect(head.contains("\r\nVary: Accept-Encoding\r\n"))
        #expect(head.contains("\r\nContent-Length: \(body.count)\r\n"))
        #expect(body.count < 200)
        #expect(try inflated(body, windowBits: windowBits) == Self.large)
    }

    @Test(arguments: [nil, "gzip;q=0", "br", "identity"])
    private func whoDoesNotWantItGetsItPlain(accepted: String?) throws {
        let (head, body) = try poll(Self.large, accepted)
        #expect(!head.contains("Content-Encoding"))
        #expect(head.contains("\r\nVary: Accept-Encoding\r\n"))
        #expect(body == Array(Self.large.utf8))
    }

    @Test(arguments: [1023, 1024])
    private func theThresholdIsOfThePlainSize(size: Int) throws {
        let (head, _) = try poll("4" + String(repeating: "x", count: size - 1), "gzip")
        #expect(head.contains("Content-Encoding: gzip") == (size == 1024))
        #expect(head.contains("Vary") == (size == 1024))
    }

    @Test func itCanBeSwitchedOff() throws {
        let (head, body) = try poll(Self.large, "gzip") { $0.httpCompressionThreshold = nil }
        #expect(!head.contains("Content-Encoding") && !head.contains("Vary"))
        #expect(body == Array(Self.large.utf8))
    }

    @Test func aPacketThatIsNotToBeCompressedIsNot() throws {
        let (head, body) = try poll(Self.large, "gzip", compresses: false)
        #expect(!head.contains("Content-Encoding"))
        #expect(body == Array(Self.large.utf8))
    }

    @Test func whatDoesNotBecomeSmallerGoesAsItIs() throws {
        var state: UInt64 = 1
        let noise = (0..<2000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        let server = EmbeddedServer()
        let asking = try head("Accept-Encoding: gzip\r\n")
        let response = HTTPResponse(status: 200, body: ByteBuffer(bytes: noise))
        let sent = response.compressed(for: asking, on: server.loop)
        #expect(sent.headers.map(\.name) == ["Vary"])
        #expect(sent.body.count == 2000)
    }

    @Test(arguments: [204, 206, 304, 400])
    private func otherStatusesAreNotCompressed(status: Int) {
        var response = HTTPResponse(status: status, body: ByteBuffer(string: Self.large))
        response.isCompressible = true
        #expect(!response.isWorthCompressing(from: 0))
        response.status = 200
        #expect(response.isWorthCompressing(from: 0))
    }

    private func head(_ fields: String) throws -> HTTPRequestHead {
        var reader = HTTPRequestReader()
        var offset = 0
        let text = Array("GET / HTTP/1.1\r\n\(fields)\r\n".utf8)
        let part = try text.withUnsafeBytes { try reader.next(in: $0, at: &offset) }
        guard case .head(let head) = part else { throw HeadMissing() }
        return head
    }

    private struct HeadMissing: Error {}
}
