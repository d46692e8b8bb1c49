import NIOCore
import Testing

@testable import SocketIOTransport

/// Bodies that are read while they are sent.
@Suite struct HTTPBodyStreamTests {
    private static func response(_ source: Source) -> HTTPResponse {
        HTTPResponse(status: 200, headers: [], body: .stream(HTTPBodyStream(source, count: 5)))
    }

    @Test func aBodyIsReadWhileItIsSent() throws {
        let server = EmbeddedServer()
        let source = Source()
        server.recorder.answer = Self.response(source)
        let client = try server.connect()
        client.send(.get("/file"))
        #expect(client.responses() == ["200 hello"])
        #expect(source.reads == 1)
    }

    /// The head may be what a connection ends with, in the middle of the call that writes it.
    @Test func nothingIsReadForAClientThatIsGoneWithTheHead() throws {
        let server = EmbeddedServer()
        let source = Source()
        server.recorder.answer = Self.response(source)
        let client = try server.connect()
        try client.channel.pipeline.syncOperations.addHandler(ClosesAtFlush(), position: .first)
        client.send(.get("/file"))
        #expect(client.isClosed)
        #expect(source.reads == 0)
    }

    /// SAFETY of `@unchecked Sendable`: an embedded loop has the test's thread only.
    private final class Source: HTTPBodySource, @unchecked Sendable {
        private(set) var reads = 0

        func read(_ count: Int, on loop: EngineLoop, _ then: @escaping @Sendable (ByteBuffer?) -> Void) {
            reads += 1
            then(ByteBuffer(string: "hello"))
        }
    }
}

/// A connection that fails when it is written to.
final class ClosesAtFlush: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    func flush(context: ChannelHandlerContext) {
        context.close(promise: nil)
    }
}
