import EngineIOCore
import SocketIOHandlers
import SocketIOTransport

/// How a socket listens, and what its connections inherit.
public typealias ListenOptions = SocketIOTransport.ListenOptions

/// TLS of a listening socket.
public typealias TLSOptions = SocketIOTransport.TLSOptions

/// Where connections come from.
extension SocketServer {
    /// Listens, and serves from now on. `host` is an address or a name; `nil` is every address of the machine, by
    /// IPv6 and IPv4. `port` 0 picks a free one; see ``addresses``.
    public func listen(
        host: String? = nil, port: Int, options: ListenOptions = ListenOptions()
    ) throws(SocketError) {
        try listen(.host(host, port: port), options)
    }

    /// Listens on a Unix socket: the path of its file, or "@" and the name of one that has none.
    public func listen(unixSocket path: String, options: ListenOptions = ListenOptions()) throws(SocketError) {
        try listen(.unix(path: path), options)
    }

    /// Listens on a socket that is bound and listens already; it belongs to the server unless this throws.
    public func listen(descriptor: CInt, options: ListenOptions = ListenOptions()) throws(SocketError) {
        try listen(.descriptor(descriptor), options)
    }

    /// Listens on the sockets that systemd has passed: on those of a name, or on all. Returns how many they are.
    @discardableResult
    public func listen(systemd name: String?, options: ListenOptions = ListenOptions()) throws(SocketError) -> Int {
        try withEngine { engine throws(ListenError) in try engine.listen(systemd: name, options) }
    }

    package func listen(_ endpoint: ListenEndpoint, _ options: ListenOptions) throws(SocketError) {
        try withEngine { engine throws(ListenError) in try engine.listen(endpoint, options) }
    }

    /// Exchanges the certificate of one of the ``addresses``, and what is asked of clients; nil reads the same files
    /// again. New connections get what is new, those that are there go on. After an error nothing has changed.
    public func reloadTLS(at index: Int = 0, _ tls: TLSOptions? = nil) throws(SocketError) {
        try withEngine { engine throws(ListenError) in try engine.reloadTLS(at: index, tls) }
    }

    /// Serves a connection that another server has accepted, with what that has read of it, from the first byte of a
    /// request on. The descriptor belongs to this server unless this throws.
    ///
    /// - Parameters:
    ///   - address: The client's, "192.0.2.1" or "unix"; nil: that of the other end.
    ///   - isSecure: Whether the other server ends TLS.
    public func adopt(
        descriptor: CInt, alreadyRead: [UInt8] = [], address: String? = nil, port: UInt16 = 0, isSecure: Bool = false
    ) throws(SocketError) {
        let result = alreadyRead.withUnsafeBytes { bytes in
            Result { () throws(SocketError) in
                try adopt(
                    descriptor: descriptor, bytes: bytes, address: address, port: port, isSecure: isSecure)
            }
        }
        try result.get()
    }

    package func adopt(
        descriptor: CInt, bytes: UnsafeRawBufferPointer, address: String?, port: UInt16, isSecure: Bool
    ) throws(SocketError) {
        try SizeLimit.check(bytes.count, "What was read already")
        let client = try address.map { address throws(SocketError) in
            if address == "unix" { return ProxyHop.unix }
            guard let ip = IPAddress(address) else {
                throw SocketError(
                    .argument, "\"\(address)\" is not the address of a client: give \"192.0.2.1\", \"::1\" or \"unix\"."
                )
            }
            return .ip(ip, port: port)
        }
        try withEngine { engine throws(ListenError) in
            try engine.adopt(descriptor, bytes: bytes, client: client, isSecure: isSecure)
        }
    }

    private func withEngine<Result>(_ body: (EngineServer) throws(ListenError) -> Result) throws(SocketError) -> Result
    {
        guard let engine = startEngine() else { throw SocketError(ListenError.closed) }
        do throws(ListenError) {
            return try body(engine)
        } catch {
            throw SocketError(error)
        }
    }
}
