import EngineIOCore
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// A connection that is ready for HTTP.
struct ClientConnection {
    let channel: any Channel
    /// The socket's, if the bytes reach it as they are written; else -1.
    let descriptor: CInt
}

/// Makes one connection: finds addresses, connects, asks a proxy for a tunnel, agrees on TLS. It has no time-out: who
/// has asked for it cancels it.
///
/// SAFETY of `@unchecked Sendable`: used on its loop only.
final class ClientDialer: @unchecked Sendable {
    private enum Phase {
        case idle
        case resolving
        case connecting(ConnectRace)
        /// Of TLS, or the proxy.
        case agreeing(any Channel)
        case done
    }

    private let loop: EngineLoop
    private let url: EngineURL
    private let options: EngineClientOptions
    private var phase = Phase.idle
    private var completion: ((Result<ClientConnection, EngineClientFailure>) -> Void)?
    private var tlsContext: NIOSSLContext?

    /// `completion` is called once, unless the dialer is cancelled; the connection's handlers have to be added by it.
    init(
        _ url: EngineURL, _ options: EngineClientOptions, on loop: EngineLoop,
        _ completion: @escaping (Result<ClientConnection, EngineClientFailure>) -> Void
    ) {
        self.url = url
        self.options = options
        self.loop = loop
        self.completion = completion
    }

    func start() {
        guard case .idle = phase else { return }
        phase = .resolving
        guard url.isSecure else { return connect() }
        var tls = options.tls
        if expectedAddress != nil { tls.verification = .withoutName }
        ClientTLS.context(tls, on: loop) { context in
            guard case .resolving = self.phase else { return }
            switch context {
            case .success(let context):
                self.tlsContext = context
                self.connect()
            case .failure(let failure): self.finish(.failure(failure))
            }
        }
    }

    /// Ends it, in whatever phase it is; nothing is called any more.
    func cancel() {
        completion = nil
        let old = phase
        phase = .done
        switch old {
        case .idle, .resolving, .done: break
        case .connecting(let race): race.cancel()
        case .agreeing(let channel): channel.close(promise: nil)
        }
    }

    private func finish(_ result: Result<ClientConnection, EngineClientFailure>) {
        guard let completion else { return }
        self.completion = nil
        let old = phase
        phase = .done
        if case .failure = result, case .agreeing(let channel) = old { channel.close(promise: nil) }
        completion(result)
    }

    // MARK: The connection

    private func connect() {
        if let path = options.unixPath { return connect(toUnix: path) }
        let host = options.proxy?.host ?? url.host
        let port = options.proxy?.port ?? url.port
        NameResolver.resolve(host, port: port, on: loop) { answer in
            guard case .resolving = self.phase else { return }
            switch answer {
            case .success(let addresses): self.connect(to: addresses)
            case .failure(let failure): self.finish(.failure(self.ofProxy(failure)))
            }
        }
    }

    /// A failure on the way to the proxy, if there is one.
    private func ofProxy(_ failure: EngineClientFailure) -> EngineClientFailure {
        guard options.proxy != nil else { return failure }
        var failure = failure
        failure.code = .proxy
        failure.sentence = "The proxy cannot be reached. \(failure.sentence)"
        return failure
    }

    private func connect(to addresses: [SocketAddress]) {
        var (addresses, local) = (addresses, SocketAddress?.none)
        if let text = options.localAddress {
            guard let address = try? SocketAddress(ipAddress: text, port: 0) else {
                return finish(
                    .failure(EngineClientFailure(.argument, "The local address \"\(text)\" is no IP address.")))
            }
            local = address
            addresses = addresses.filter { $0.protocol == address.protocol }
        }
        let race = ConnectRace(to: addresses, from: local, on: loop) { result in
            guard case .connecting = self.phase else { return }
            switch result {
            case .success(let channel): self.connected(channel)
            case .failure(let failure): self.finish(.failure(self.ofProxy(failure)))
            }
        }
        phase = .connecting(race)
        race.start()
    }

    private func connect(toUnix path: String) {
        let descriptor: CInt
        switch UnixConnection.open(path) {
        case .success(let opened): descriptor = opened
        case .failure(let failure): return finish(.failure(failure))
        }
        let loop = loop
        let connecting = SignalDisposition.keepingSIGPIPE {
            ClientBootstrap(group: loop.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try Listener.setOptions(of: channel, on: loop)
                    }
                }
                .withConnectedSocket(descriptor)
        }
        connecting.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel):
                guard case .resolving = self.phase else { return channel.close(promise: nil) }
                self.connected(channel)
            case .failure(let error):
                self.finish(.failure(EngineClientFailure(.connect, "No connection to unix:\(path): \(error).")))
            }
        }
    }

    private func connected(_ channel: any Channel) {
        phase = .agreeing(channel)
        guard let proxy = options.proxy, options.unixPath == nil else { return agree(on: channel) }
        let tunnel = ProxyTunnelHandler(proxy, to: url.authority, loop: loop) { failure in
            guard case .agreeing = self.phase else { return }
            if let failure { self.finish(.failure(failure)) } else { self.agree(on: channel) }
        }
        add(tunnel, to: channel)
    }

    // MARK: TLS

    /// The host that the certificate has to name, which is the one in the URL unless another was given.
    private var serverName: String { options.tls.serverName ?? url.host }

    /// The same, if it is an address: NIOSSL would look for that of the connection, which is a proxy's, or none.
    private var expectedAddress: IPAddress? {
        options.tls.verification == .full ? IPAddress(serverName) : nil
    }

    private func agree(on channel: any Channel) {
        guard let tlsContext else {
            let descriptor = SocketDescriptor.of(channel) ?? -1
            return finish(.success(ClientConnection(channel: channel, descriptor: descriptor)))
        }
        let name = serverName
        do {
            // An address is not asked for (SNI).
            let tls = try NIOSSLClientHandler(
                context: tlsContext, serverHostname: IPAddress(name) == nil ? name : nil)
            let end = ClientTLSHandler(tls, options.tls, host: url.host, address: expectedAddress) { failure in
                guard case .agreeing = self.phase else { return }
                if let failure { return self.finish(.failure(failure)) }
                self.finish(.success(ClientConnection(channel: channel, descriptor: -1)))
            }
            // NIOSSL keeps what it was given for a while: it cannot be the buffer that the loop's connections share.
            try channel.syncOptions?.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 2048, maximum: 64 * 1024))
            try channel.pipeline.syncOperations.addHandlers(tls, end)
        } catch {
            finish(.failure(EngineClientFailure(.tls, "TLS with \"\(name)\" cannot begin: \(error).")))
        }
    }

    private func add(_ handler: any ChannelHandler, to channel: any Channel) {
        do {
            try channel.pipeline.syncOperations.addHandler(handler)
        } catch {
            finish(.failure(EngineClientFailure(.connect, "The connection ended as it began: \(error).")))
        }
    }
}

/// Connections to Unix sockets, which take no time: made here, since NIO knows no sockets without a file.
enum UnixConnection {
    /// The descriptor of a connection to `path`, a file or "@name".
    static func open(_ path: String) -> Result<CInt, EngineClientFailure> {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard !path.isEmpty, path != "@", path.utf8.count < capacity, !path.utf8.contains(0) else {
            return .failure(
                EngineClientFailure(.argument, "The path of a Unix socket has 1 to \(capacity - 1) bytes: \"\(path)\".")
            )
        }
        let isAbstract = path.utf8.first == UInt8(ascii: "@")
        withUnsafeMutableBytes(of: &address.sun_path) { memory in
            memory.copyBytes(from: path.utf8)
            if isAbstract { memory[0] = 0 }
        }
        let size = MemoryLayout<sockaddr_un>.size
        let length = socklen_t(isAbstract ? size - capacity + path.utf8.count : size)
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { return .failure(failure(errno, path)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
        }
        guard result == 0 else {
            let code = errno
            _ = Glibc.close(descriptor)
            return .failure(failure(code, path))
        }
        return .success(descriptor)
    }

    private static func failure(_ code: CInt, _ path: String) -> EngineClientFailure {
        EngineClientFailure(
            .connect, systemError: code,
            "No connection to unix:\(path) (\(EngineClientFailure.text(of: code))): does a server listen there?")
    }
}
