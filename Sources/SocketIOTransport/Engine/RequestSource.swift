import EngineIOCore

/// Where a request comes from: from the other end of its connection, or from where the proxy at that end says. All
/// requests of a connection, and what is kept of them, share one.
final class RequestSource: Sendable {
    let peer: PeerAddress
    /// Whether the client uses TLS.
    let isSecure: Bool
    /// Nil for nothing: that is nearly all that plain connections have.
    private let claims: Claims?

    /// What TLS, or a proxy, has said besides.
    private final class Claims: Sendable {
        let certificate: [UInt8]
        let host: String?

        init(certificate: [UInt8], host: String?) {
            self.certificate = certificate
            self.host = host
        }
    }

    /// The certificate that the client has shown, checked, as DER; empty for none.
    var certificate: [UInt8] { claims?.certificate ?? [] }
    /// The host that the client asked for, if it is another than that of the `Host` header.
    var host: String? { claims?.host }

    init(peer: PeerAddress, isSecure: Bool, certificate: [UInt8] = [], host: String? = nil) {
        self.peer = peer
        self.isSecure = isSecure
        claims = certificate.isEmpty && host == nil ? nil : Claims(certificate: certificate, host: host)
    }

    /// As the proxy's header fields say.
    func forwarded(_ head: HTTPRequestHead, trusting proxies: TrustedProxies) -> RequestSource {
        let headers = ForwardedHeaders(head.text, trusting: proxies)
        return RequestSource(
            peer: headers.client.map { PeerAddress($0) } ?? peer, isSecure: headers.isSecure ?? isSecure,
            // That was the proxy's.
            certificate: headers.client == nil ? certificate : [], host: headers.host)
    }
}
