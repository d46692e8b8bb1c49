import EngineIOCore
import Glibc
import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// What TLS of clients is set up with: made off the loops, since it reads files and the certificates that the system
/// believes, and kept for a while for those that want the same.
enum ClientTLS {
    private struct Made {
        let context: NIOSSLContext
        /// Files may be others by then.
        let staleAt: Instant
    }

    private static let most = 16
    private static let lifetime: Instant = 60_000

    private static let made = Mutex<[ClientTLSOptions: Made]>([:])

    /// Calls `completion` now, or later on the loop; never if the loop ends before.
    static func context(
        _ options: ClientTLSOptions, on loop: EngineLoop,
        _ completion: @escaping @Sendable (Result<NIOSSLContext, EngineClientFailure>) -> Void
    ) {
        if let context = kept(options) { return completion(.success(context)) }
        BackgroundCalls.run {
            let result: Result<NIOSSLContext, EngineClientFailure>
            if let context = kept(options) {
                result = .success(context)
            } else {
                result = make(options)
                if case .success(let context) = result { keep(context, options) }
            }
            loop.post { completion(result) }
        }
    }

    private static func kept(_ options: ClientTLSOptions) -> NIOSSLContext? {
        made.withLock { made in
            guard let found = made[options], found.staleAt > EngineLoop.now else { return nil }
            return found.context
        }
    }

    private static func keep(_ context: NIOSSLContext, _ options: ClientTLSOptions) {
        // The old ones are let go of outside of the lock.
        let old = made.withLock { made in
            let old = made
            if made.count >= most { made = [:] }
            made[options] = Made(context: context, staleAt: EngineLoop.now &+ lifetime)
            return old
        }
        withExtendedLifetime(old) {}
    }

    private static func make(_ options: ClientTLSOptions) -> Result<NIOSSLContext, EngineClientFailure> {
        do throws(ListenError) {
            return .success(try load(options))
        } catch {
            return .failure(EngineClientFailure(.argument, error.sentence))
        }
    }

    /// Throws for files and keys that are none; reads them on this thread.
    fileprivate static func check(_ options: ClientTLSOptions) throws(ListenError) {
        guard options.authorities != nil || options.certificate != nil else { return }
        _ = try load(options)
    }

    private static func load(_ options: ClientTLSOptions) throws(ListenError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = options.minimumVersion == .tls1_3 ? .tlsv13 : .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        configuration.shutdownTimeout = .seconds(1)
        switch options.verification {
        case .full: configuration.certificateVerification = .fullVerification
        case .withoutName: configuration.certificateVerification = .noHostnameVerification
        case .none: configuration.certificateVerification = .none
        }
        if let authorities = options.authorities {
            configuration.trustRoots = .certificates(try TLSIdentity.certificates(authorities, "CA"))
        }
        if let certificate = options.certificate {
            let chain = try TLSIdentity.certificates(certificate, "client certificate")
            configuration.certificateChain = chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(
                try TLSIdentity.privateKey(options.key ?? certificate, password: options.keyPassword))
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch NIOSSLError.failedToLoadPrivateKey {
            throw .argument("The key does not belong to the client certificate: give the one that it was made for.")
        } catch {
            throw .system("TLS cannot be set up: \(error).")
        }
    }
}

/// Waits for the end of a client's TLS handshake, looks at what the certificate has to be besides, and leaves.
final class ClientTLSHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let tls: NIOSSLClientHandler
    private let options: ClientTLSOptions
    private let host: String
    private let address: IPAddress?
    /// Nil once it was called; its argument is nil for success.
    private var completion: ((EngineClientFailure?) -> Void)?

    /// `address` is one that the certificate has to be for; nil if NIOSSL compares the name, or nobody does.
    init(
        _ tls: NIOSSLClientHandler, _ options: ClientTLSOptions, host: String, address: IPAddress?,
        _ completion: @escaping (EngineClientFailure?) -> Void
    ) {
        self.tls = tls
        self.options = options
        self.host = host
        self.address = address
        self.completion = completion
    }

    func handlerRemoved(context: ChannelHandlerContext) { completion = nil }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted? = event as? TLSUserEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        guard isForAddress else { return fail(context, ofAnotherHost) }
        guard isPinned else {
            return fail(
                context,
                "The certificate of \"\(host)\" is none of those that are pinned: it was renewed, and has to be "
                    + "pinned, or somebody stands between.")
        }
        let completion = completion
        self.completion = nil
        completion?(nil)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    private var isForAddress: Bool {
        guard let address else { return true }
        guard let certificate = tls.peerCertificate else { return false }
        return certificate._subjectAlternativeNames().contains { name in
            name.nameType == .ipAddress
                && name.contents.withUnsafeBufferPointer { IPAddress(bytes: UnsafeRawBufferPointer($0)) } == address
        }
    }

    private var isPinned: Bool {
        guard !options.pins.isEmpty else { return true }
        guard let certificate = tls.peerCertificate else { return false }
        return options.pins.contains { pin in
            switch pin {
            case .certificate(let hash): (try? certificate.toDERBytes()).map(SHA256.hash) == hash
            case .publicKey(let hash):
                (try? certificate.extractPublicKey().toSPKIBytes()).map(SHA256.hash) == hash
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(context, sentence(for: error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(context, "\"\(host)\" closed the connection during the TLS handshake: does it speak TLS at this port?")
        context.fireChannelInactive()
    }

    private func fail(_ context: ChannelHandlerContext, _ sentence: String) {
        guard let completion else { return }
        self.completion = nil
        completion(EngineClientFailure(.tls, sentence))
        context.close(promise: nil)
    }

    private var ofAnotherHost: String {
        "The certificate of \"\(host)\" is another host's: use the name that it was made for, or set the server's name."
    }

    private func sentence(for error: any Error) -> String {
        let text = "\(error)"
        if let extra = error as? NIOSSLExtraError, extra == .failedToValidateHostname {
            return ofAnotherHost
        }
        if text.containsBytes("CERTIFICATE_VERIFY_FAILED") {
            let start = "The certificate of \"\(host)\" is not believed"
            if let certificate = tls.peerCertificate {
                let now = time(nil)
                if certificate.notValidAfter < now {
                    return "\(start), it has expired: have the server renew it, or set this machine's clock."
                }
                if certificate.notValidBefore > now {
                    return "\(start), it is not valid yet: set this machine's clock, or the server's."
                }
            }
            return
                "\(start), it is signed by nobody who is believed here, or is not valid: give the certificate of its "
                + "authority (its own, if it has signed itself), or have the server send the chain."
        }
        if text.containsBytes("WRONG_VERSION_NUMBER") || text.containsBytes("HTTP_REQUEST") {
            return "\"\(host)\" does not speak TLS at this port: use http:// or ws://, or another port."
        }
        if text.containsBytes("PROTOCOL_VERSION") || text.containsBytes("UNSUPPORTED_PROTOCOL") {
            return "\"\(host)\" speaks no version of TLS that this client admits: have it updated, or admit older ones."
        }
        if text.containsBytes("CERTIFICATE_REQUIRED") || text.containsBytes("HANDSHAKE_FAILURE") {
            return "\"\(host)\" refuses the TLS handshake: does it want a certificate of this client?"
        }
        return "TLS with \"\(host)\" failed: \(text)."
    }
}

extension ClientTLSOptions {
    /// Throws what is wrong with the certificates and keys; reads them on this thread.
    package func check() throws(ListenError) { try ClientTLS.check(self) }
}
