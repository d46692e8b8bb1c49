import NIOCore
import NIOSSL
import NIOTLS

/// Waits for the end of a TLS handshake, and hands the connection to the protocol that was agreed on. A client that
/// does not come to the end in time is closed, whatever it sends.
final class TLSHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler, LoopConnection {
    typealias InboundIn = ByteBuffer

    let engine: EngineServer
    private let loop: EngineLoop
    private let source: RequestSource
    private let tls: NIOSSLServerHandler
    private let timeout: TimeAmount
    private var context: ChannelHandlerContext?
    private var deadline: Scheduled<Void>?

    private init(
        engine: EngineServer, loop: EngineLoop, source: RequestSource, tls: NIOSSLServerHandler, timeout: TimeAmount
    ) {
        self.engine = engine
        self.loop = loop
        self.source = source
        self.tls = tls
        self.timeout = timeout
    }

    /// Makes a new channel one with TLS.
    static func add(
        to channel: any Channel, _ engine: EngineServer, on loop: EngineLoop, from source: RequestSource,
        _ identity: TLSIdentity
    ) throws {
        let (context, options) = identity.current
        let tls = NIOSSLServerHandler(context: context)
        let handler = TLSHandshakeHandler(
            engine: engine, loop: loop, source: source, tls: tls, timeout: TimeAmount(options.handshakeTimeout))
        // NIOSSL keeps what it was given for a while: it cannot be the buffer that the loop's connections share.
        try channel.syncOptions?.setOption(
            .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 2048, maximum: 64 * 1024))
        try channel.pipeline.syncOperations.addHandlers(tls, handler)
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.connections[ObjectIdentifier(self)] = self
        engine.connectionOpened()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.engine.log(.debug) { "A client did not complete its TLS handshake in time." }
            self.context?.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        deadline?.cancel()
        deadline = nil
        loop.connections[ObjectIdentifier(self)] = nil
        engine.connectionClosed()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted(let negotiated)? = event as? TLSUserEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        completed(context, negotiated)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let refusal = TLSRefusal(error) {
            engine.log(.warning, .refusedTLS, on: loop) {
                "A TLS handshake with \(source.peer.host) failed: \(refusal.sentence)"
            }
        }
        context.close(promise: nil)
    }

    func closeSoon() {
        context?.close(promise: nil)
    }

    // MARK: The end

    private func completed(_ context: ChannelHandlerContext, _ negotiated: String?) {
        let source = RequestSource(
            peer: source.peer, isSecure: true, certificate: (try? tls.peerCertificate?.toDERBytes()) ?? [])
        do {
            if negotiated == "h2" {
                try HTTP2ConnectionHandler.add(behind: self, in: context, engine, on: loop, from: source)
            } else {
                let http = HTTPHandler(engine: engine, loop: loop, source: source, descriptor: -1)
                try context.pipeline.syncOperations.addHandler(http, position: .after(self))
            }
        } catch {
            return context.close(promise: nil)
        }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}

/// Why a handshake failed, for the log; nil for a client that only went away.
struct TLSRefusal {
    let sentence: String

    init?(_ error: any Error) {
        guard case .handshakeFailed(let reason)? = error as? NIOSSLError, case .sslError(let stack) = reason,
            let first = stack.first, first != .eofDuringHandshake
        else { return nil }
        let text = first.description
        if text.containsBytes("HTTP_REQUEST") || text.containsBytes("HTTPS_PROXY_REQUEST") {
            sentence = "it sent plain HTTP, and this address speaks TLS: use https:// or wss://."
        } else if text.containsBytes("PEER_DID_NOT_RETURN_A_CERTIFICATE") {
            sentence = "it showed no certificate, and this address asks for one."
        } else if text.containsBytes("CERTIFICATE_VERIFY_FAILED") {
            sentence = "its certificate is not valid, or signed by nobody whom this server believes."
        } else if text.containsBytes("UNSUPPORTED_PROTOCOL") {
            sentence = "its version of TLS is older than this server admits."
        } else {
            sentence = "\(Self.reason(in: text))."
        }
    }

    /// "NO_SHARED_CIPHER" of "Error: 1 error:100000b8:SSL routines:OPENSSL_internal:NO_SHARED_CIPHER at x.cc:1".
    private static func reason(in text: String) -> Substring {
        let known = text.split(separator: " ").first { $0.utf8.starts(with: "routines:".utf8) }
        return known?.split(separator: ":").last ?? "unknown"
    }
}
