/// TLS of a listening socket: its certificate, and what is asked of clients.
public struct TLSOptions: Sendable {
    /// Certificates or keys in the PEM format.
    public enum PEM: Sendable, Hashable {
        /// The path of a file.
        case file(String)
        case bytes([UInt8])
    }

    /// Whether clients have to show a certificate.
    public enum ClientCertificates: Sendable {
        case notAskedFor
        /// One that is shown has to be valid.
        case optional
        /// Without a valid one, no connection.
        case required
    }

    public enum Version: Sendable {
        case tls1_2
        case tls1_3
    }

    /// The server's certificate, and behind it those that signed it.
    public var certificate: PEM
    /// Its key; nil: it stands with the certificate.
    public var key: PEM?
    /// What an encrypted key is opened with.
    public var keyPassword: String?
    public var clientCertificates = ClientCertificates.notAskedFor
    /// Who signs certificates of clients; nil: whom the system trusts.
    public var clientCA: PEM?
    public var minimumVersion = Version.tls1_2
    /// How long a client may take until both agree on a key.
    public var handshakeTimeout = Duration.seconds(10)
    /// Whether clients may choose HTTP/2.
    public var allowsHTTP2 = true

    public init(certificate: PEM, key: PEM? = nil) {
        self.certificate = certificate
        self.key = key
    }
}
