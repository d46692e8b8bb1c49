import EngineIOCore
import Glibc
import NIOCore
import NIOPosix

/// Where connections come from: listening sockets, and programs that hand them over.
extension EngineServer {
    // MARK: Listening

    /// Binds on this thread and serves from then on.
    package func listen(_ endpoint: ListenEndpoint, _ options: ListenOptions) throws(ListenError) {
        guard !options.expectsProxyHeader || !self.options.trustedProxies.isEmpty else {
            throw .argument(
                "The PROXY protocol is believed only from proxies that are trusted, and there are none: name them "
                    + "in trusted_proxies of the server's options.")
        }
        let identity: TLSIdentity? = if let tls = options.tls { try TLSIdentity(tls, log: log) } else { nil }
        let group = try runtime.start()
        let socket = try BoundSocket.bind(endpoint, options)
        let listener = Listener(socket: socket, options: options, identity: identity, engine: self)
        guard add(listener) else {
            socket.discard()
            throw .closed
        }
        if case .descriptor(let given) = endpoint { _ = Glibc.close(given) }
        listener.start(on: group)
        log(.info) { "Listening on \(socket.address.text)\(identity == nil ? "" : " with TLS")." }
    }

    /// Exchanges the certificate of an address; nil reads the same files again.
    package func reloadTLS(at index: Int, _ options: TLSOptions?) throws(ListenError) {
        let listener = try listener(at: index)
        let address = listener.socket.address.text
        guard let identity = listener.identity else {
            throw .argument("\(address) has no TLS: give TLS options when it begins to listen.")
        }
        try identity.reload(options, log: log)
        log(.info) { "The certificate of \(address) was exchanged." }
    }

    /// Listens on the sockets that systemd has passed, and returns their number: on those of a name, or on all.
    package func listen(systemd name: String?, _ options: ListenOptions) throws(ListenError) -> Int {
        try SystemdSockets.take(named: name) { descriptor throws(ListenError) in
            try listen(.descriptor(descriptor), options)
        }
    }

    /// Sets a new connection up, on its loop.
    func accepted(
        _ channel: any Channel, _ options: ListenOptions, _ identity: TLSIdentity?
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            guard let loop = runtime.loops.first(where: { $0.eventLoop === channel.eventLoop }), !isClosing else {
                throw ChannelError.ioOnClosedChannel
            }
            try Listener.setOptions(of: channel, on: loop)
            let peer = try PeerAddress(of: channel)
            try admit(from: peer, on: loop)
            let descriptor = SocketDescriptor.of(channel) ?? -1
            if descriptor >= 0 {
                CloseOnExec.set(descriptor)
                // All else is inherited.
                if options.hasBufferSizes, case .unix = peer.hop {
                    try SocketOptions(descriptor: descriptor, name: "a Unix socket").setBufferSizes(options)
                }
            }
            guard options.expectsProxyHeader else {
                try count(channel, from: peer, on: loop)
                return try addHandlers(
                    to: channel, descriptor, on: loop, from: RequestSource(peer: peer, isSecure: false), identity)
            }
            guard self.options.trustedProxies.contains(peer.hop) else {
                log(.warning, .untrustedProxy, on: loop) {
                    "A connection from \(peer.host) is closed: it is none of the trusted proxies."
                }
                throw ChannelError.ioOnClosedChannel
            }
            let handler = ProxyProtocolHandler(engine: self, loop: loop, peer: peer) { client in
                try self.count(channel, from: client, on: loop)
                try self.addHandlers(
                    to: channel, descriptor, on: loop, from: RequestSource(peer: client, isSecure: false), identity)
            }
            try channel.pipeline.syncOperations.addHandler(handler)
        }
    }

    /// Adds the handlers that make HTTP of a connection's bytes. `descriptor` is the socket's.
    private func addHandlers(
        to channel: any Channel, _ descriptor: CInt, on loop: EngineLoop, from source: RequestSource,
        _ identity: TLSIdentity?
    ) throws {
        if let identity {
            return try TLSHandshakeHandler.add(to: channel, self, on: loop, from: source, identity)
        }
        let handler = HTTPHandler(engine: self, loop: loop, source: source, descriptor: descriptor)
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    // MARK: Adopting

    /// Serves a connection that somebody else has accepted, and read `bytes` from. It belongs to the server unless this
    /// throws. `client` is nil for the one at the other end; `isSecure`: somebody else ends TLS.
    package func adopt(
        _ descriptor: CInt, bytes: UnsafeRawBufferPointer, client: ProxyHop?, isSecure: Bool
    ) throws(ListenError) {
        let family = try GivenDescriptor.streamFamily(descriptor)
        guard GivenDescriptor.option(descriptor, SO_ACCEPTCONN) == 0 else {
            throw .argument("The descriptor \(descriptor) listens: it is no connection. Listen on it instead.")
        }
        guard GivenDescriptor.isConnected(descriptor) else {
            throw .argument("The descriptor \(descriptor) is not connected, or its client has gone.")
        }
        _ = try runtime.start()
        let own = try GivenDescriptor.duplicate(descriptor)
        guard let loop = runtime.nextLoop(), reserveConnection() else {
            _ = Glibc.close(own)
            throw .closed
        }
        if family != AF_UNIX { GivenDescriptor.setNoDelay(own) }
        let bytes = ByteBuffer(bytes: bytes)
        let isTaken = loop.post { self.adopt(own, bytes, on: loop, client, isSecure) }
        guard isTaken else {
            _ = Glibc.close(own)
            connectionClosed()
            throw .closed
        }
        _ = Glibc.close(descriptor)
    }

    private func adopt(
        _ descriptor: CInt, _ bytes: ByteBuffer, on loop: EngineLoop, _ client: ProxyHop?, _ isSecure: Bool
    ) {
        let isOpen = !isClosing
        let adopted = SignalDisposition.keepingSIGPIPE {
            ClientBootstrap(group: loop.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard isOpen else { throw ChannelError.ioOnClosedChannel }
                        try Listener.setOptions(of: channel, on: loop)
                        let peer = try client.map { PeerAddress($0) } ?? PeerAddress(of: channel)
                        try self.admit(from: peer, on: loop)
                        try self.count(channel, from: peer, on: loop)
                        try self.addHandlers(
                            to: channel, SocketDescriptor.of(channel) ?? -1, on: loop,
                            from: RequestSource(peer: peer, isSecure: isSecure), nil)
                    }
                }
                .withConnectedSocket(descriptor)
        }
        adopted.whenComplete { result in
            // The channel counts for itself now: before its client has an answer.
            self.connectionClosed()
            guard case .success(let channel) = result, bytes.readableBytes > 0 else { return }
            channel.pipeline.fireChannelRead(bytes)
            channel.pipeline.fireChannelReadComplete()
        }
    }
}
