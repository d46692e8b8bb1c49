import NIOCore
import NIOEmbedded
import Testing

@testable import SocketIOTransport

/// Who is at the other end.
@Suite struct PeerAddressTests {
    /// A client that has gone before it was accepted has no address. Where Unix sockets are trusted as proxies it must
    /// not pass for one, whose word about the client counts.
    @Test func aConnectionWithoutAnAddressIsNoUnixSocket() throws {
        let channel = EmbeddedChannel()
        #expect(throws: ChannelError.ioOnClosedChannel) { try PeerAddress(of: channel) }
        channel.connect(to: try SocketAddress(ipAddress: "192.0.2.1", port: 7), promise: nil)
        channel.embeddedEventLoop.run()
        let peer = try PeerAddress(of: channel)
        #expect(peer.host == "192.0.2.1" && peer.port == 7)
        _ = try? channel.finish()
    }
}
