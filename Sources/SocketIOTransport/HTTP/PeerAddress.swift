import NIOCore

/// Who is at the other end.
package struct PeerAddress: Sendable {
    /// "192.0.2.1", or "unix".
    package let host: String
    package let port: Int

    init(_ address: SocketAddress?) {
        host = address?.ipAddress ?? "unix"
        port = address?.port ?? 0
    }
}
