import EngineIOCore
import NIOCore
import NIOEmbedded
import Testing

@testable import SocketIOTransport

/// A connection of HTTP/2 and what it holds, in an embedded channel.
@Suite struct HTTP2ConnectionTests {
    private static func text(_ count: Int) -> HTTPResponse {
        HTTPResponse(status: 200, contentType: "text/plain", text: String(repeating: "x", count: count))
    }

    private static func connection(of server: EmbeddedServer) throws -> HTTP2ConnectionHandler {
        try #require(server.loop.connections.values.compactMap { $0 as? HTTP2ConnectionHandler }.first)
    }

    // MARK: The end

    @Test func aConnectionWithoutStreamsEnds() throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.text(2)
        let peer = try EmbeddedHTTP2Client(to: server)
        server.eventLoop.advanceTime(by: .seconds(59))
        peer.get(1, "/")
        #expect(peer.frames() == ["1 200", "1 data 2", "1 end"])
        server.eventLoop.advanceTime(by: .milliseconds(59_999))
        #expect(!peer.client.isClosed)
        server.eventLoop.advanceTime(by: .milliseconds(1))
        #expect(peer.frames() == ["goaway 0"])
        #expect(peer.client.isClosed)
        #expect(server.engine.connectionCount == 0)
    }

    @Test func aConnectionWithAStreamDoesNotEnd() throws {
        let server = EmbeddedServer()
        let peer = try EmbeddedHTTP2Client(to: server)
        peer.get(1, "/")
        server.eventLoop.advanceTime(by: .seconds(600))
        #expect(!peer.client.isClosed)
        try server.recorder.exchanges.at(0).respond(Self.text(2))
        #expect(peer.frames() == ["1 200", "1 data 2", "1 end"])
    }

    /// A reset that does not leave: the client has stopped to read the connection, and not only the stream.
    @Test func aConnectionThatNobodyReadsEndsWithItsStream() throws {
        let server = EmbeddedServer()
        let peer = try EmbeddedHTTP2Client(to: server)
        peer.get(1, "/")
        peer.client.channel.isWritable = false
        peer.client.channel.pipeline.fireChannelWritabilityChanged()
        try server.recorder.exchanges.at(0).cancel()
        server.eventLoop.advanceTime(by: .milliseconds(59_999))
        #expect(!peer.client.isClosed)
        server.eventLoop.advanceTime(by: .milliseconds(1))
        #expect(peer.client.isClosed)
    }

    /// A request that crosses our goodbye is for another connection: the client knows from the number in it.
    @Test func aRequestBehindTheGoodbyeIsNotBegun() throws {
        let server = EmbeddedServer()
        let peer = try EmbeddedHTTP2Client(to: server)
        peer.get(1, "/")
        peer.webSocket(3, "/socket.io/?EIO=4&transport=websocket")
        _ = peer.frames()
        for connection in Array(server.loop.connections.values) { connection.closeSoon() }
        let frames = peer.frames()
        #expect(frames.contains("1 503") && frames.contains("goaway 0"), "\(frames)")
        peer.get(5, "/")
        #expect(peer.frames() == [])
        #expect(server.recorder.exchanges.count == 1)
        #expect(!peer.client.isClosed)
        server.eventLoop.advanceTime(by: .milliseconds(400))
        #expect(peer.client.isClosed)
    }

    // MARK: Answers before the request is complete

    @Test func anEarlyAnswerArrivesWhole() throws {
        let server = EmbeddedServer()
        server.engine.hooks.add(.engine) { #expect($0.answer(.respond(Self.text(100)))) }
        let peer = try EmbeddedHTTP2Client(to: server, window: 50)
        peer.request(1, "POST", "/socket.io/", isEnd: false)
        #expect(peer.frames() == ["1 200", "1 data 50"])
        peer.send(8, stream: 1, payload: EmbeddedHTTP2Client.number(100))
        #expect(peer.frames() == ["1 data 50", "1 end", "1 reset 0"])
    }

    /// What was sent before a reset arrived is no error of the connection, however many streams were reset.
    @Test func whatCrossesManyResetsIsNoError() throws {
        let server = EmbeddedServer { $0.maxHTTPBufferSize = 10 }
        let peer = try EmbeddedHTTP2Client(to: server)
        let streams = (0..<60).map { UInt32($0 * 2 + 1) }
        for stream in streams { peer.request(stream, "POST", "/", [("content-length", "11")], isEnd: false) }
        #expect(peer.frames().count { $0.hasSuffix("413") } == 60)
        for stream in streams { peer.data(stream, [UInt8](repeating: 0, count: 11), isEnd: true) }
        #expect(!peer.frames().contains { $0.hasPrefix("goaway") })
        #expect(!peer.client.isClosed)
    }

    /// Whether a body comes is said by the end of the stream, not by a length.
    @Test(arguments: [true, false]) func aClientIsToldToGoOnIfABodyComes(isEnd: Bool) throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.text(2)
        let peer = try EmbeddedHTTP2Client(to: server)
        peer.request(1, "POST", "/", [("expect", "100-continue")], isEnd: isEnd)
        #expect(peer.frames() == (isEnd ? ["1 200", "1 data 2", "1 end"] : ["1 100"]))
    }

    @Test func aBodyThatIsTooLargeIsRefusedBeforeItComes() throws {
        let server = EmbeddedServer { $0.maxHTTPBufferSize = 10 }
        let peer = try EmbeddedHTTP2Client(to: server)
        peer.request(1, "POST", "/", [("content-length", "11")], isEnd: false)
        #expect(peer.frames() == ["1 413", "1 end", "1 reset 0"])
        peer.request(3, "POST", "/", isEnd: false)
        peer.data(3, [UInt8](repeating: 0, count: 11), isEnd: true)
        #expect(peer.frames() == ["3 413", "3 end"])
    }

    // MARK: What the streams hold

    /// The windows of bodies beyond the limit stay shut, until the one that began first is complete.
    @Test func bodiesOfAllStreamsShareALimit() throws {
        let server = EmbeddedServer { $0.maxHTTPBufferSize = 150_000 }
        let peer = try EmbeddedHTTP2Client(to: server)
        let piece = [UInt8](repeating: 0, count: 16_000)
        for stream: UInt32 in [1, 3, 5] { peer.request(stream, "POST", "/", isEnd: false) }
        for _ in 0..<4 {
            for stream: UInt32 in [1, 3, 5] { peer.data(stream, piece) }
        }
        _ = peer.frames()
        for _ in 0..<3 {
            for stream: UInt32 in [3, 5] { peer.data(stream, piece) }
        }
        #expect(peer.frames() == [])
        peer.data(1, piece)
        peer.data(1, [], isEnd: true)
        #expect(server.recorder.lines == ["request POST /"])
        #expect(peer.frames().contains { $0.hasPrefix("3 window") })
        peer.data(3, piece, isEnd: true)
        peer.data(5, [], isEnd: true)
        #expect(server.recorder.exchanges.map(\.body.readableBytes) == [80_000, 128_000, 112_000])
    }

    @Test func aBodyThatIsTakenBackMakesRoom() throws {
        let server = EmbeddedServer { $0.maxHTTPBufferSize = 50_000 }
        let peer = try EmbeddedHTTP2Client(to: server)
        for stream: UInt32 in [1, 3] {
            peer.request(stream, "POST", "/", isEnd: false)
            for _ in 0..<3 { peer.data(stream, [UInt8](repeating: 0, count: 16_000)) }
        }
        #expect(!peer.frames().contains { $0.hasPrefix("3 window") })
        peer.send(3, stream: 1, payload: EmbeddedHTTP2Client.number(8))
        #expect(peer.frames().contains { $0.hasPrefix("3 window") })
    }

    /// As the next request on a connection of HTTP/1.1 waits until the client has read its responses.
    @Test func requestsWaitWhileResponsesAreNotRead() throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.text(300_000)
        let peer = try EmbeddedHTTP2Client(to: server, window: 0)
        peer.get(1, "/1")
        peer.get(3, "/2")
        #expect(peer.frames() == ["1 200"])
        #expect(server.recorder.lines == ["request GET /1"])
        peer.send(8, stream: 1, payload: EmbeddedHTTP2Client.number(300_000))
        #expect(server.recorder.lines == ["request GET /1", "request GET /2"])
        let frames = peer.frames()
        #expect(frames.contains("1 end") && frames.last == "3 200", "\(frames)")
    }

    /// Files have one piece each in memory, and hold up nothing else.
    @Test func slowDownloadsDoNotHoldUpRequests() throws {
        let server = EmbeddedServer()
        let peer = try EmbeddedHTTP2Client(to: server, window: 10)
        server.recorder.answer = HTTPResponse(
            status: 200, headers: [], body: .stream(HTTPBodyStream(Zeros(), count: 1_000_000)))
        for download in 0..<12 { peer.get(UInt32(download * 2 + 1), "/file") }
        #expect(server.recorder.lines.count == 12)
        _ = peer.frames()
        server.recorder.answer = Self.text(2)
        peer.get(25, "/")
        #expect(peer.frames() == ["25 200", "25 data 2", "25 end"])
    }

    /// A client that takes a response slowly, but takes it, is not cut off.
    @Test(arguments: [true, false]) func aSlowClientGetsAllOfItsResponse(isStream: Bool) throws {
        let server = EmbeddedServer()
        let stream = HTTPResponse(
            status: 200, headers: [], body: .stream(HTTPBodyStream(Zeros(), count: 100_000)))
        server.recorder.answer = isStream ? stream : Self.text(100_000)
        let peer = try EmbeddedHTTP2Client(to: server, window: 0)
        peer.get(1, "/file")
        let connection = try Self.connection(of: server)
        var frames = peer.frames()
        for _ in 0..<5 {
            connection.streams[1]?.deadlineReached(now: server.loop.now)
            peer.send(8, stream: 1, payload: EmbeddedHTTP2Client.number(20_000))
            frames += peer.frames()
        }
        #expect(frames.first == "1 200" && frames.last == "1 end", "\(frames)")
    }

    /// A request that waits is one that may be given up: it is not begun because its stream ends.
    @Test func aRequestThatWaitsIsNotBegunWhenItsStreamIsReset() throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.text(300_000)
        let peer = try EmbeddedHTTP2Client(to: server, window: 0)
        peer.get(1, "/1")
        peer.get(3, "/2")
        peer.send(3, stream: 3, payload: EmbeddedHTTP2Client.number(8))
        #expect(server.recorder.lines == ["request GET /1"])
    }

    @Test func aRequestThatWaitsForTooLongIsNotBegun() throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.text(300_000)
        let peer = try EmbeddedHTTP2Client(to: server, window: 0)
        peer.get(1, "/1")
        peer.get(3, "/2")
        _ = peer.frames()
        try Self.connection(of: server).streams[3]?.deadlineReached(now: server.loop.now)
        server.eventLoop.run()
        #expect(peer.frames() == ["3 reset 8"])
        #expect(server.recorder.lines == ["request GET /1"])
    }

    @Test func responsesOfAStreamThatIsResetMakeRoom() throws {
        let server = EmbeddedServer()
        server.recorder.answer = Self.text(300_000)
        let peer = try EmbeddedHTTP2Client(to: server, window: 0)
        peer.get(1, "/1")
        peer.get(3, "/2")
        #expect(server.recorder.lines == ["request GET /1"])
        peer.send(3, stream: 1, payload: EmbeddedHTTP2Client.number(8))
        #expect(server.recorder.lines == ["request GET /1", "request GET /2"])
    }
}

/// A body that can be read for ever.
private final class Zeros: HTTPBodySource {
    func read(_ count: Int, on loop: EngineLoop, _ then: @escaping @Sendable (ByteBuffer?) -> Void) {
        then(ByteBuffer(repeating: 0, count: count))
    }
}
