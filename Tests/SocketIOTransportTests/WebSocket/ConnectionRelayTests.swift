import NIOCore
import NIOEmbedded
import Testing

@testable import SocketIOTransport

/// The two sides of a relay, without the sockets between them.
@Suite struct ConnectionRelayTests {
    private struct Sides {
        let server = EmbeddedServer()
        let client: EmbeddedChannel
        let session: EmbeddedChannel

        init() throws {
            let first = RelayHandler(engine: server.engine, loop: server.loop, isConnection: false)
            let second = RelayHandler(engine: server.engine, loop: server.loop, isConnection: false)
            first.partner = second
            second.partner = first
            client = EmbeddedChannel(handler: first, loop: server.eventLoop)
            session = EmbeddedChannel(handler: second, loop: server.eventLoop)
            for channel in [client, session] {
                channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
            }
            server.eventLoop.run()
        }
    }

    @Test func whatIsReadOnOneSideIsWrittenToTheOther() throws {
        let sides = try Sides()
        try sides.client.writeInbound(ByteBuffer(string: "hello"))
        #expect(try sides.session.readOutbound() == ByteBuffer(string: "hello"))
        try sides.session.writeInbound(ByteBuffer(string: "world"))
        #expect(try sides.client.readOutbound() == ByteBuffer(string: "world"))
    }

    /// The end may come before the end of the read that brought the last bytes.
    @Test func whatWasReadBeforeTheEndIsWrittenFirst() throws {
        let sides = try Sides()
        sides.client.pipeline.fireChannelRead(ByteBuffer(string: "last words"))
        sides.client.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(try sides.session.readOutbound() == ByteBuffer(string: "last words"))
    }

    @Test func aSideThatIsGoneTakesTheOtherWithIt() throws {
        let sides = try Sides()
        sides.client.pipeline.fireChannelRead(ByteBuffer(string: "last words"))
        sides.client.close(promise: nil)
        sides.server.eventLoop.run()
        #expect(try sides.session.readOutbound() == ByteBuffer(string: "last words"))
        #expect(!sides.session.isActive)
    }
}
