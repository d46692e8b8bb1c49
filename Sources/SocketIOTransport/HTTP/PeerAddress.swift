import EngineIOCore
import Glibc
import NIOCore

/// Who is at the other end. It is made text when somebody asks.
package struct PeerAddress: Sendable {
    private enum Source {
        /// The other end of the connection; nil for a Unix socket.
        case connection(SocketAddress?)
        /// Whom a proxy, or the program that handed the connection over, has named.
        /// For few, and in memory of its own: every connection keeps an address.
        indirect case named(ProxyHop)
    }

    private let source: Source

    init(_ address: SocketAddress?) {
        source = .connection(address)
    }

    /// The other end of a connection that was just accepted. Throws if that has gone already: without an address it
    /// would pass for a Unix socket's, which may be trusted.
    init(of channel: any Channel) throws {
        let address = channel.remoteAddress
        if address == nil {
            let descriptor = SocketDescriptor.of(channel) ?? -1
            guard GivenDescriptor.option(descriptor, SO_DOMAIN) == AF_UNIX else { throw ChannelError.ioOnClosedChannel }
        }
        source = .connection(address)
    }

    init(_ hop: ProxyHop) {
        source = .named(hop)
    }

    /// "192.0.2.1", or "unix".
    package var host: String {
        switch source {
        case .connection(let address): address?.ipAddress ?? "unix"
        case .named(let hop): hop.host
        }
    }

    package var port: Int {
        switch source {
        case .connection(let address): address?.port ?? 0
        case .named(let hop): hop.port
        }
    }

    /// What lists of proxies are compared with.
    var hop: ProxyHop {
        switch source {
        case .named(let hop): return hop
        case .connection(.v4(let address)):
            return .ip(IPAddress(ipv4: UInt32(bigEndian: address.address.sin_addr.s_addr)), port: 0)
        case .connection(.v6(let address)):
            let ip = withUnsafeBytes(of: address.address.sin6_addr) { IPAddress(bytes: $0) }
            return ip.map { .ip($0, port: 0) } ?? .unknown
        case .connection: return .unix
        }
    }
}
