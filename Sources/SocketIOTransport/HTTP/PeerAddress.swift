import NIOCore

/// Who is at the other end. It is made text when somebody asks.
package struct PeerAddress: Sendable {
    private let address: SocketAddress?

    init(_ address: SocketAddress?) {
        self.address = address
    }

    /// "192.0.2.1", or "unix".
    package var host: String { address?.ipAddress ?? "unix" }
    package var port: Int { address?.port ?? 0 }
}
