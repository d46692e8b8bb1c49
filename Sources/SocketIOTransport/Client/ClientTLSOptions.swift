import EngineIOCore

/// TLS of a client: whom it believes, and what it shows.
package struct ClientTLSOptions: Sendable, Hashable {
    package enum Verification: Sendable, Hashable {
        /// The server's certificate is valid, signed by somebody who is believed, and names the host.
        case full
        /// The same, but for the name.
        case withoutName
        /// Anybody is believed: for tests only.
        case none
    }

    /// A part of the server's certificate that is known: without it there is no connection, whoever signed it.
    package enum Pin: Sendable, Hashable {
        /// SHA-256 of the public key (`SubjectPublicKeyInfo`), which a renewed certificate may keep.
        case publicKey([UInt8])
        /// SHA-256 of the certificate.
        case certificate([UInt8])
    }

    package var verification = Verification.full
    /// Who signs the certificates of servers; nil: whom the system believes.
    package var authorities: TLSOptions.PEM?
    /// One of them has to be the server's; none: any is.
    package var pins: [Pin] = []
    /// What this side shows to a server that asks; with the certificates that signed it behind it.
    package var certificate: TLSOptions.PEM?
    /// nil: it stands with the certificate.
    package var key: TLSOptions.PEM?
    package var keyPassword: String?
    /// The name that the server is asked for (SNI) and has to have; nil: the URL's host.
    package var serverName: String?
    package var minimumVersion = TLSOptions.Version.tls1_2

    package init() {}
}
