import EngineIOCore
import NIOCore
import Testing

@testable import SocketIOTransport

/// permessage-deflate over embedded channels.
@Suite struct WebSocketCompressionTests {
    private static let large = String(repeating: "again and ", count: 200)

    /// A server with the extension, and a client that has negotiated it.
    private struct Pair {
        let server: EmbeddedServer
        let client: EmbeddedClient
        let deflate: DeflateStream
        let inflate: InflateStream

        init(
            offer: String = "permessage-deflate", echo: Bool = false, _ change: (inout EngineOptions) -> Void = { _ in }
        ) throws {
            server = EmbeddedServer {
                $0.deflate = PerMessageDeflate()
                change(&$0)
            }
            server.recorder.isEcho = echo
            client = try server.connect()
            client.send(.upgrade(fields: "Sec-WebSocket-Extensions: \(offer)\r\n"))
            let response = client.received()
            #expect(response.contains("\r\nSec-WebSocket-Extensions: permessage-deflate"))
            deflate = try #require(DeflateStream(DeflateParameters(format: .raw)))
            inflate = try #require(InflateStream(windowBits: 15))
        }

        func compressed(_ text: String) throws -> [UInt8] {
            var memory = OutputMemory(capacity: 64)
            defer { memory.deallocate() }
            #expect(Array(text.utf8).withUnsafeBytes { deflate.flush($0, into: &memory) })
            return Array(memory.bytes)
        }

        func inflated(_ frame: [UInt8]) -> String {
            var memory = OutputMemory(capacity: 64)
            defer { memory.deallocate() }
            let length = frame.dropFirst().first ?? 0
            let header = length < 126 ? 2 : length == 126 ? 4 : 10
            _ = Array(frame.dropFirst(header)).withUnsafeBytes { inflate.inflate($0, limit: 1_000_000, into: &memory) }
            return String(decoding: memory.bytes, as: UTF8.self)
        }
    }

    // MARK: Receiving

    @Test func compressedMessagesAreDelivered() throws {
        let pair = try Pair()
        for _ in 0..<3 { pair.client.send(Frame(first: 0xC1, payload: try pair.compressed("4" + Self.large))) }
        pair.client.send(.text("4plain"))
        #expect(
            pair.server.recorder.lines == ["open"] + [String](repeating: "text " + Self.large, count: 3) + [
                "text plain"
            ])
        let binary = Frame(first: 0xC2, payload: try pair.compressed("abc"))
        pair.client.send(binary)
        #expect(pair.server.recorder.lines.last == "binary 616263")
    }

    @Test func fragmentsWithAPingBetweenThem() throws {
        let pair = try Pair()
        let payload = try pair.compressed("4" + Self.large)
        let middle = payload.count / 2
        pair.client.send(
            Frame(first: 0x41, payload: Array(payload.prefix(middle))), .ping([1]), .middle(""),
            Frame(first: 0x80, payload: Array(payload.dropFirst(middle))))
        #expect(pair.server.recorder.lines == ["open", "text " + Self.large])
        #expect(pair.client.receivedFrames().contains("pong 01"))
    }

    @Test func messagesByteByByte() throws {
        let pair = try Pair()
        for byte in Frame(first: 0xC1, payload: try pair.compressed("4" + Self.large)).bytes {
            pair.client.send([byte])
        }
        #expect(pair.server.recorder.lines == ["open", "text " + Self.large])
    }

    @Test func withoutTakeoverConnectionsShareAStream() throws {
        let offer = "permessage-deflate; client_no_context_takeover; server_no_context_takeover"
        let pair = try Pair(offer: offer, echo: true)
        let other = try pair.server.connect()
        other.send(.upgrade(fields: "Sec-WebSocket-Extensions: \(offer)\r\n"))
        let first = try pair.compressed("4" + Self.large)
        // Half of a message of one client, all of another's, and the rest.
        pair.client.send(Frame(first: 0x41, payload: Array(first.prefix(10))))
        other.send(Frame(first: 0xC1, payload: first))
        pair.client.send(Frame(first: 0x80, payload: Array(first.dropFirst(10))))
        pair.client.send(Frame(first: 0xC1, payload: first))
        #expect(
            pair.server.recorder.lines == ["open", "open"] + [String](repeating: "text " + Self.large, count: 3))
    }

    private static let violations: [(Frame, Int)] = [
        // RFC 7692, section 6.1: RSV1 on a continuation and on control frames.
        (Frame(first: 0xC0, payload: []), 1002), (Frame(first: 0xC9, payload: []), 1002),
        (Frame(first: 0xCA, payload: []), 1002), (Frame(first: 0xC8, payload: []), 1002),
        // Other bits.
        (Frame(first: 0xA1, payload: [0x34]), 1002), (Frame(first: 0x91, payload: [0x34]), 1002),
        (Frame(first: 0xF1, payload: [0x34]), 1002),
        // Corrupt, and truncated.
        (Frame(first: 0xC1, payload: [0x07]), 1007), (Frame(first: 0xC1, payload: [0xFF, 0xFF, 0xFF]), 1007),
        (Frame(first: 0xC1, payload: [0x00, 0x09, 0x00, 0xF6, 0xFF, 0x48]), 1007),
        // Valid, but what it holds is not UTF-8: a stored block of FF.
        (Frame(first: 0xC1, payload: [0x00, 0x01, 0x00, 0xFE, 0xFF, 0xFF, 0x00]), 1007),
    ]

    @Test(arguments: violations)
    private func violationsEndTheConnection(frame: Frame, code: Int) throws {
        let pair = try Pair()
        _ = pair.client.receivedFrames()
        pair.client.send(frame)
        #expect(pair.client.receivedFrames() == ["close \(code)"])
        #expect(pair.server.recorder.lines == ["open", "closed transport error"])
    }

    @Test func withoutTheExtensionRSV1IsAViolation() throws {
        let server = EmbeddedServer { $0.deflate = PerMessageDeflate() }
        let client = try server.connectWebSocket()
        client.send(Frame(first: 0xC1, payload: [0x00]))
        #expect(client.receivedFrames() == ["close 1002"])
    }

    @Test(arguments: [(1000, true), (1001, false)])
    private func theLimitIsOfTheInflatedSize(size: Int, fits: Bool) throws {
        let pair = try Pair { $0.maxHTTPBufferSize = 1000 }
        _ = pair.client.receivedFrames()
        pair.client.send(
            Frame(first: 0xC1, payload: try pair.compressed("4" + String(repeating: "x", count: size - 1))))
        #expect(pair.client.receivedFrames() == (fits ? [] : ["close 1009"]))
        #expect(pair.server.recorder.lines.count == 2)
    }

    @Test func plainMessagesKeepTheirLimit() throws {
        let pair = try Pair { $0.maxHTTPBufferSize = 1000 }
        _ = pair.client.receivedFrames()
        pair.client.send(.text("4" + String(repeating: "x", count: 1000)))
        #expect(pair.client.receivedFrames() == ["close 1009"])
    }

    @Test func fragmentsDoNotPassTheLimitEither() throws {
        let pair = try Pair { $0.maxHTTPBufferSize = 1000 }
        _ = pair.client.receivedFrames()
        pair.client.send(Frame(first: 0x41, payload: [0x00]))
        for _ in 0..<30 { pair.client.send(Frame(first: 0x00, payload: [UInt8](repeating: 0, count: 60))) }
        #expect(pair.client.receivedFrames() == ["close 1009"])
    }

    // MARK: Sending

    @Test func largeMessagesAreCompressedSmallOnesAreNot() throws {
        let pair = try Pair(echo: true)
        pair.client.send(.text("4small"))
        #expect(pair.client.receivedFrames().last == "text 4small")
        for _ in 0..<2 {
            pair.client.send(.text("4" + Self.large))
            let frame = pair.client.receivedBytes()
            #expect(frame.first == 0xC1)
            #expect(frame.count < 100)
            #expect(pair.inflated(frame) == "4" + Self.large)
        }
    }

    @Test(arguments: [1023, 1024])
    private func theThresholdIsOfThePayload(size: Int) throws {
        let pair = try Pair(echo: true)
        _ = pair.client.receivedFrames()
        pair.client.send(.text("4" + String(repeating: "x", count: size - 1)))
        #expect(pair.client.receivedBytes().first == (size < 1024 ? 0x81 : 0xC1))
    }

    @Test func controlFramesAreNeverCompressed() throws {
        let pair = try Pair { $0.deflate?.threshold = 0 }
        _ = pair.client.receivedFrames()
        pair.client.send(.ping([UInt8](repeating: 0x61, count: 125)))
        #expect(pair.client.receivedBytes().first == 0x8A)
    }

    @Test func aMessageMayAskNotToBeCompressed() throws {
        let pair = try Pair()
        _ = pair.client.receivedFrames()
        let session = try #require(pair.server.recorder.sessions.first)
        let bytes = Array(Self.large.utf8)
        session.send(text: bytes.count, compresses: false) { memory in
            memory.copyBytes(from: bytes)
            return bytes.count
        }
        bytes.withUnsafeBytes { session.send(binary: $0, compresses: false) }
        pair.server.eventLoop.run()
        #expect(pair.client.receivedFrames() == ["text 4" + Self.large, "binary " + hexadecimal(bytes)])
    }

    /// A broadcast is compressed once for those who are sent the same bytes.
    @Test func broadcastsAreCompressedOnceWithoutTakeover() throws {
        let offer = "permessage-deflate; server_no_context_takeover"
        let pair = try Pair(offer: offer)
        let other = try pair.server.connect()
        other.send(.upgrade(fields: "Sec-WebSocket-Extensions: \(offer); server_max_window_bits=9\r\n"))
        let third = try pair.server.connect()
        third.send(.upgrade(fields: "Sec-WebSocket-Extensions: \(offer)\r\n"))
        for client in [pair.client, other, third] { _ = client.receivedBytes() }
        let packets = [EnginePacket(text: "4" + Self.large), EnginePacket(text: "4" + Self.large + "2")]
        for session in pair.server.recorder.sessions { for packet in packets { session.send(packet) } }
        pair.server.eventLoop.run()
        let frames = [pair.client, other, third].map { $0.receivedBytes() }
        let bytes = try frames.at(0)
        #expect(try bytes == frames.at(2))
        #expect(frames.map(\.first) == [0xC1, 0xC1, 0xC1])
        let size = try Int(bytes.at(1))
        #expect(pair.inflated(Array(bytes.prefix(size + 2))) == "4" + Self.large)
        pair.inflate.reset()
        #expect(pair.inflated(Array(bytes.dropFirst(size + 2))) == "4" + Self.large + "2")
    }
}
