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
        let options = try sio_listen_options.read(options, "options")
        guard Int(options.flags) & ~(SIO_LISTEN_IPV6_ONLY | SIO_LISTEN_REUSE_PORT) == 0 else {
            throw Failure(SIO_E_ARGUMENT, "flags has bits that this version does not know.")
        }
        var listenOptions = ListenOptions()
        if options.backlog > 0 { listenOptions.backlog = Int(options.backlog) }
        if options.unix_mode > 0 { listenOptions.unixMode = options.unix_mode }
        listenOptions.isIPv6Only = Int(options.flags) & SIO_LISTEN_IPV6_ONLY != 0
        listenOptions.reusesPort = Int(options.flags) & SIO_LISTEN_REUSE_PORT != 0
        let host = host == nil ? nil : try string(host, "host")
        let endpoint: ListenEndpoint =
            if let host, host.hasPrefix("unix:") {
                .unix(path: String(host.dropFirst("unix:".count)))
            } else {
                .host(host, port: Int(port))
            }
        ForkGuard.arm()
        try translating { () throws(SocketError) in try object.server.listen(endpoint, listenOptions) }
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
                    ? "The server does not listen yet: call sio_server_listen first."
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
