import CSocketIO
import SocketIOServer
import SocketIOTransport

// socketio/listen.h

@c @implementation
public func sio_server_listen(
    _ server: sio_server, _ host: UnsafePointer<CChar>?, _ port: Int32,
    _ options: UnsafePointer<sio_listen_options>?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.server(server)
        let options = try ListenOptions(sio_listen_options.read(options, "options"))
        let host = host == nil ? nil : try string(host, "host")
        let endpoint: ListenEndpoint =
            if let host, host.hasPrefix("unix:") {
                .unix(path: String(host.dropFirst("unix:".count)))
            } else {
                .host(host, port: Int(port))
            }
        ForkGuard.arm()
        try translating { () throws(SocketError) in try object.server.listen(endpoint, options) }
    }
}

@c @implementation
public func sio_server_listen_fd(
    _ server: sio_server, _ fd: Int32, _ options: UnsafePointer<sio_listen_options>?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.server(server)
        let options = try ListenOptions(sio_listen_options.read(options, "options"))
        ForkGuard.arm()
        try translating { () throws(SocketError) in try object.server.listen(descriptor: fd, options: options) }
    }
}

@c @implementation
public func sio_server_listen_systemd(
    _ server: sio_server, _ name: UnsafePointer<CChar>?, _ options: UnsafePointer<sio_listen_options>?,
    _ out_count: UnsafeMutablePointer<Int>?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.server(server)
        let options = try ListenOptions(sio_listen_options.read(options, "options"))
        let name = name == nil ? nil : try string(name, "name")
        ForkGuard.arm()
        let count = try translating { () throws(SocketError) in
            try object.server.listen(systemd: name, options: options)
        }
        out_count?.pointee = count
    }
}

@c @implementation
public func sio_server_adopt(
    _ server: sio_server, _ fd: Int32, _ already_read: sio_bytes, _ options: UnsafePointer<sio_adopt_options>?
) -> sio_status {
    boundary { () throws(Failure) in
        let object = try Registry.server(server)
        let options = try sio_adopt_options.read(options, "options")
        let bytes = try already_read.bytes("already_read")
        let address = options.address == nil ? nil : try string(options.address, "address")
        guard let port = UInt16(exactly: options.port) else {
            throw Failure(SIO_E_ARGUMENT, "\(options.port) is not a port: use 1 to 65535, or 0 for one not known.")
        }
        ForkGuard.arm()
        try translating { () throws(SocketError) in
            try object.server.adopt(
                descriptor: fd, bytes: bytes, address: address, port: port, isSecure: options.secure != 0)
        }
    }
}

extension ListenOptions {
    init(_ options: sio_listen_options) throws(Failure) {
        self.init()
        let flags = Int(options.flags)
        let known =
            SIO_LISTEN_IPV6_ONLY | SIO_LISTEN_REUSE_PORT | SIO_LISTEN_NO_REUSE_ADDRESS | SIO_LISTEN_DELAY
            | SIO_LISTEN_KEEP_ALIVE | SIO_LISTEN_PROXY_PROTOCOL
        guard flags & ~known == 0 else {
            throw Failure(SIO_E_ARGUMENT, "flags has bits that this version does not know.")
        }
        isIPv6Only = flags & SIO_LISTEN_IPV6_ONLY != 0
        reusesPort = flags & SIO_LISTEN_REUSE_PORT != 0
        reusesAddress = flags & SIO_LISTEN_NO_REUSE_ADDRESS == 0
        isNoDelay = flags & SIO_LISTEN_DELAY == 0
        expectsProxyHeader = flags & SIO_LISTEN_PROXY_PROTOCOL != 0
        if options.backlog > 0 { backlog = Int(options.backlog) }
        unixMode = Self.given(options.unix_mode)
        receiveBufferSize = Self.given(options.receive_buffer_size)
        sendBufferSize = Self.given(options.send_buffer_size)
        let intervals = KeepAlive(
            idle: Self.given(options.keep_alive_idle_s), interval: Self.given(options.keep_alive_interval_s),
            count: Self.given(options.keep_alive_count))
        if flags & SIO_LISTEN_KEEP_ALIVE != 0 {
            keepAlive = intervals
        } else if intervals != KeepAlive() {
            throw Failure(SIO_E_ARGUMENT, "keep_alive_... is set without SIO_LISTEN_KEEP_ALIVE in flags.")
        }
        switch options.linger_s {
        case 0: break
        case -1: linger = .reset
        case 1...: linger = .seconds(Int(options.linger_s))
        default: throw Failure(SIO_E_ARGUMENT, "linger_s is \(options.linger_s): use seconds, 0 for off, -1 to reset.")
        }
        if let tls = options.tls { self.tls = try TLSOptions(sio_tls_options.read(tls, "tls")) }
        if options.device != nil { device = try string(options.device, "device") }
        if options.unix_owner != nil { unixOwner = try string(options.unix_owner, "unix_owner") }
        if options.unix_group != nil { unixGroup = try string(options.unix_group, "unix_group") }
    }

    /// Zero is the default.
    private static func given<Number: BinaryInteger>(_ value: UInt32) -> Number? {
        value > 0 ? Number(exactly: value) : nil
    }
}

@c @implementation
public func sio_server_address(
    _ server: sio_server, _ index: Int, _ out_address: UnsafeMutablePointer<sio_address>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_address else { throw .null("out_address") }
        let addresses = try Registry.server(server).server.boundAddresses
        guard index >= 0, index < addresses.count else {
            throw Failure(
                SIO_E_ARGUMENT,
                addresses.isEmpty
                    ? "The server does not listen: call sio_server_listen first."
                    : "index is \(index), and the server listens on \(addresses.count) addresses: count from 0.")
        }
        var address = sio_address()
        copy(addresses[index].text, into: &address.text)
        copy(addresses[index].host, into: &address.host)
        address.port = Int32(truncatingIfNeeded: addresses[index].port)
        out_address.pointee = address
    }
}

/// Copies text into an array of characters, cut to leave a NUL behind it.
func copy<Array>(_ text: String, into array: inout Array) {
    withUnsafeMutableBytes(of: &array) { memory in
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        memory.copyBytes(from: text.utf8.prefix(max(0, memory.count - 1)))
    }
}
