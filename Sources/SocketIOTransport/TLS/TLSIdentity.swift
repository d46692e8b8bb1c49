import Glibc
import NIOCore
import NIOSSL
import Synchronization

/// What a listening socket proves itself with, and whom it believes. It can be exchanged while the server runs: new
/// connections get the new one, those that are there go on.
final class TLSIdentity: Sendable {
    private struct Loaded {
        let options: TLSOptions
        let context: NIOSSLContext
    }

    /// How long a connection that we close waits for the client's word that it has heard.
    private static let shutdownTimeout = TimeAmount.seconds(1)

    private let loaded: Mutex<Loaded>

    /// Reads what the options name, on this thread.
    init(_ options: TLSOptions, log: (LogLevel, String) -> Void) throws(ListenError) {
        loaded = Mutex(Loaded(options: options, context: try Self.load(options, log: log)))
    }

    /// Exchanges it for what `options` name, nil: for what the same files hold now. After an error nothing has changed.
    func reload(_ options: TLSOptions?, log: (LogLevel, String) -> Void) throws(ListenError) {
        let options = options ?? loaded.withLock { $0.options }
        let new = Loaded(options: options, context: try Self.load(options, log: log))
        // The old one is let go of outside of the lock.
        let old = loaded.withLock { loaded in
            defer { loaded = new }
            return loaded
        }
        withExtendedLifetime(old) {}
    }

    /// What a new connection needs.
    var current: (context: NIOSSLContext, options: TLSOptions) {
        loaded.withLock { ($0.context, $0.options) }
    }

    // MARK: Loading

    private static func load(
        _ options: TLSOptions, log: (LogLevel, String) -> Void
    ) throws(ListenError) -> NIOSSLContext {
        let chain = try certificates(options.certificate, "certificate")
        let key = try privateKey(options.key ?? options.certificate, password: options.keyPassword)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = options.minimumVersion == .tls1_3 ? .tlsv13 : .tlsv12
        configuration.applicationProtocols = options.allowsHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]
        configuration.shutdownTimeout = shutdownTimeout
        switch options.clientCertificates {
        case .notAskedFor: configuration.certificateVerification = .none
        case .optional: configuration.certificateVerification = .optionalVerification
        // The name in a client's certificate is not the name of a host.
        case .required: configuration.certificateVerification = .noHostnameVerification
        }
        if let authorities = options.clientCA, options.clientCertificates != .notAskedFor {
            configuration.trustRoots = .certificates(try certificates(authorities, "client CA"))
            // Some clients choose their certificate by it.
            configuration.sendCANameList = true
        }
        if let leaf = chain.first, leaf.notValidAfter < time(nil) {
            log(.warning, "The certificate\(place(of: options.certificate)) has expired: clients will refuse it.")
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch NIOSSLError.failedToLoadPrivateKey {
            throw .argument(
                "The key\(place(of: options.key)) does not belong to the certificate\(place(of: options.certificate)): "
                    + "give the key that the certificate was made for; the server's certificate is the first in its "
                    + "file.")
        } catch {
            throw .system("TLS cannot be set up: \(error).")
        }
    }

    static func certificates(
        _ source: TLSOptions.PEM, _ what: String
    ) throws(ListenError) -> [NIOSSLCertificate] {
        let bytes = try content(of: source, what)
        do {
            guard !bytes.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
            return try NIOSSLCertificate.fromPEMBytes(bytes)
        } catch {
            throw .argument(
                "There is no \(what)\(place(of: source)), or one that is broken: give PEM, which begins with "
                    + "-----BEGIN CERTIFICATE-----.")
        }
    }

    static func privateKey(_ source: TLSOptions.PEM, password given: String?) throws(ListenError) -> NIOSSLPrivateKey {
        let bytes = try content(of: source, "key")
        let password = Array((given ?? "").utf8)
        // NIOSSL passes it on as signed characters, and traps on others.
        guard password.allSatisfy({ $0 < 0x80 }) else {
            throw .argument("The password of the key has characters outside of ASCII, which are not supported.")
        }
        do {
            guard !bytes.isEmpty else { throw NIOSSLError.failedToLoadPrivateKey }
            // With no password given, an encrypted key gets an empty one: nobody is asked at a terminal.
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem) { $0(password) }
        } catch {
            throw .argument(refusal(ofKey: bytes, source, hasPassword: given != nil))
        }
    }

    private static func refusal(ofKey bytes: [UInt8], _ source: TLSOptions.PEM, hasPassword: Bool) -> String {
        let isEncrypted = String(decoding: bytes, as: UTF8.self).containsBytes("ENCRYPTED")
        guard isEncrypted else {
            return "There is no key\(place(of: source)), or one that is broken: give PEM, which begins with "
                + "-----BEGIN PRIVATE KEY-----."
        }
        return hasPassword
            ? "The password does not open the key\(place(of: source))."
            : "The key\(place(of: source)) is encrypted: give its password."
    }

    private static func content(of source: TLSOptions.PEM, _ what: String) throws(ListenError) -> [UInt8] {
        switch source {
        case .bytes(let bytes): return bytes
        case .file(let path): return try PEMFile.read(path, what)
        }
    }

    /// " in /etc/ssl/x.pem", for a sentence.
    private static func place(of source: TLSOptions.PEM?) -> String {
        if case .file(let path)? = source { " in \(path)" } else { "" }
    }
}
