import CSocketIO
import SocketIOServer
import SocketIOTransport

// socketio/tls.h

@c @implementation
public func sio_server_reload_tls(
    _ server: sio_server, _ index: Int, _ options: UnsafePointer<sio_tls_options>?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.server(server)
        let tls = options == nil ? nil : try TLSOptions(sio_tls_options.read(options, "options"))
        try translating { () throws(SocketError) in try object.server.reloadTLS(at: index, tls) }
    }
}

extension TLSOptions {
    init(_ options: sio_tls_options) throws(Failure) {
        guard
            let certificate = try pem(
                options.certificate_file, options.certificate, "certificate_file", "certificate")
        else { throw Failure(SIO_E_ARGUMENT, "TLS needs a certificate: set certificate_file or certificate.") }
        self.init(
            certificate: certificate, key: try pem(options.key_file, options.key, "key_file", "key"))
        if let password = options.key_password { keyPassword = try string(password, "key_password") }
        clientCA = try pem(options.client_ca_file, options.client_ca, "client_ca_file", "client_ca")
        switch Int(options.verify_client) {
        case SIO_TLS_VERIFY_NONE: clientCertificates = .notAskedFor
        case SIO_TLS_VERIFY_OPTIONAL: clientCertificates = .optional
        case SIO_TLS_VERIFY_REQUIRED: clientCertificates = .required
        default: throw Failure(SIO_E_ARGUMENT, "verify_client is none of SIO_TLS_VERIFY_...")
        }
        switch Int(options.min_version) {
        case 0, SIO_TLS_1_2: minimumVersion = .tls1_2
        case SIO_TLS_1_3: minimumVersion = .tls1_3
        default: throw Failure(SIO_E_ARGUMENT, "min_version is neither SIO_TLS_1_2 nor SIO_TLS_1_3.")
        }
        if options.handshake_timeout_ms > 0 { handshakeTimeout = .milliseconds(Int64(options.handshake_timeout_ms)) }
        guard Int(options.flags) & ~SIO_TLS_NO_HTTP2 == 0 else {
            throw Failure(SIO_E_ARGUMENT, "flags of the TLS options has bits that this version does not know.")
        }
        allowsHTTP2 = Int(options.flags) & SIO_TLS_NO_HTTP2 == 0
    }
}

/// What one of two fields names; nil if neither does.
func pem(
    _ file: UnsafePointer<CChar>?, _ memory: sio_bytes, _ fileName: StaticString, _ memoryName: StaticString
) throws(Failure) -> TLSOptions.PEM? {
    let bytes = try memory.bytes(memoryName)
    guard let file else { return bytes.isEmpty ? nil : .bytes(Array(bytes)) }
    guard bytes.isEmpty else {
        throw Failure(SIO_E_ARGUMENT, "Both \(fileName) and \(memoryName) are set: set one of them.")
    }
    return .file(try string(file, fileName))
}
