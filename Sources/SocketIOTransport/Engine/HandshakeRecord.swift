import EngineIOCore
import Glibc

/// The request that opened a session. Most programs never look, and every connection pays: so it stays the text that
/// it was, and is taken apart by those who ask.
package final class HandshakeRecord: Sendable {
    /// When, in milliseconds since 1970.
    package let issued: Int64
    private let source: RequestSource
    package let isCrossDomain: Bool
    private let text: HTTPHeadText

    init(head: HTTPRequestHead, from source: RequestSource) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        issued = Int64(time.tv_sec) &* 1000 &+ Int64(time.tv_nsec) / 1_000_000
        self.source = source
        isCrossDomain = head.has(.origin)
        text = head.text
    }

    package var peer: PeerAddress { source.peer }

    /// Whether the client used TLS.
    package var isSecure: Bool { source.isSecure }

    /// The client's certificate, as DER; empty if it showed none.
    package var clientCertificate: [UInt8] { source.certificate }

    /// The request target, "/socket.io/?EIO=4&transport=polling".
    package var url: String { text.target }

    /// The header fields, names in lower case.
    package var headers: [(name: String, value: String)] {
        text.fields.map { (name: $0.name.lowercased(), value: $0.value) }
    }
}
