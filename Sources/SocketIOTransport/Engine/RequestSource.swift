import EngineIOCore

/// Where a request comes from: from the other end of its connection, or from where the proxy at that end says.
struct RequestSource: Sendable {
    var peer: PeerAddress
    /// Whether the client uses TLS.
    var isSecure: Bool
    /// The certificate that the client has shown, checked, as DER; empty for none.
    var certificate: [UInt8] = []
    /// The host that the client asked for, if it is another than that of the `Host` header.
    var host: String?

    init(peer: PeerAddress, isSecure: Bool) {
        self.peer = peer
        self.isSecure = isSecure
    }

    /// As the proxy's header fields say.
    func forwarded(_ head: HTTPRequestHead, trusting proxies: TrustedProxies) -> RequestSource {
        let headers = ForwardedHeaders(head.text, trusting: proxies)
        var source = self
        if let client = headers.client {
            source.peer = PeerAddress(client)
            // That was the proxy's.
            source.certificate = []
        }
        if let isSecure = headers.isSecure { source.isSecure = isSecure }
        source.host = headers.host
        return source
    }
}
