import Glibc

/// Sockets that somebody else has bound: systemd, a parent process, the program itself.
extension BoundSocket {
    static func given(_ descriptor: CInt, _ options: ListenOptions) throws(ListenError) -> BoundSocket {
        guard !options.isIPv6Only, !options.reusesPort, options.reusesAddress, options.device == nil,
            options.unixMode == nil, options.unixOwner == nil, options.unixGroup == nil
        else {
            throw .argument(
                "A socket that is bound already has its address, device, mode and owner: leave those options out.")
        }
        let family = try GivenDescriptor.streamFamily(descriptor)
        guard GivenDescriptor.option(descriptor, SO_ACCEPTCONN) == 1 else {
            throw .argument(
                "The descriptor \(descriptor) is a socket that does not listen: call listen() on it first, or adopt "
                    + "it if it is a connection.")
        }
        let isUnix = family == AF_UNIX
        guard !isUnix || (options.keepAlive == nil && options.linger == nil) else {
            throw .argument("Keep-alive and linger are of TCP: the descriptor \(descriptor) is a Unix socket.")
        }
        let address = isUnix ? unixAddress(of: descriptor) : boundAddress(of: descriptor)
        let socket = SocketOptions(descriptor: descriptor, name: "the descriptor \(descriptor), \(address.text)")
        try socket.setInherited(options, isUnix: isUnix)
        var options = options
        if options.backlog == nil { options.backlog = GivenDescriptor.backlog(descriptor) }
        return BoundSocket(
            descriptor: try GivenDescriptor.duplicate(descriptor), address: address, origin: .given,
            backlog: backlog(options))
    }
}

/// What is to be known of a descriptor that the program hands over.
enum GivenDescriptor {
    /// The address family of a stream socket, if it is one of those that we serve.
    static func streamFamily(_ descriptor: CInt) throws(ListenError) -> CInt {
        guard descriptor >= 0, fcntl(descriptor, F_GETFD) >= 0 else {
            throw .argument("\(descriptor) is not an open file descriptor.")
        }
        guard let type = option(descriptor, SO_TYPE), let family = option(descriptor, SO_DOMAIN) else {
            throw .argument("The descriptor \(descriptor) is not a socket.")
        }
        guard type == CInt(SOCK_STREAM.rawValue), [AF_INET, AF_INET6, AF_UNIX].contains(family) else {
            throw .argument("The descriptor \(descriptor) is not a stream socket of IPv4, IPv6 or Unix.")
        }
        return family
    }

    static func option(_ descriptor: CInt, level: CInt = SOL_SOCKET, _ option: CInt) -> CInt? {
        var value: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, level, option, &value, &length) == 0 ? value : nil
    }

    /// Connections that may wait at a socket that listens; nil for one that is not of TCP, whose number the kernel keeps
    /// to itself.
    static func backlog(_ descriptor: CInt) -> Int? {
        var info = tcp_info()
        var length = socklen_t(MemoryLayout<tcp_info>.size)
        guard getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &info, &length) == 0, info.tcpi_sacked > 0 else {
            return nil
        }
        return Int(info.tcpi_sacked)
    }

    static func isConnected(_ descriptor: CInt) -> Bool {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) } == 0
        }
    }

    /// False for a socket that is not of TCP.
    static func isNoDelay(_ descriptor: CInt) -> Bool {
        option(descriptor, level: CInt(IPPROTO_TCP), TCP_NODELAY) ?? 0 != 0
    }

    /// What our own sockets have by default.
    static func setNoDelay(_ descriptor: CInt) {
        var isOn: CInt = 1
        _ = setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<CInt>.size))
    }

    /// A descriptor of our own for the same socket, non-blocking and close-on-exec. The program's is closed once all
    /// has gone well: a number that is handed over twice, or closed afterwards, is then a wrong one at once, and not
    /// NIO's, which ends the process when somebody else closes it.
    static func duplicate(_ descriptor: CInt) throws(ListenError) -> CInt {
        let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard own >= 0 else {
            throw .system("The descriptor \(descriptor) cannot be taken over: \(String(cString: strerror(errno))).")
        }
        let flags = fcntl(own, F_GETFL)
        if flags >= 0 { _ = fcntl(own, F_SETFL, flags | O_NONBLOCK) }
        return own
    }
}
