import Glibc

/// Where a socket is bound.
package struct BoundAddress: Sendable {
    package let host: String
    /// 0 for a Unix socket.
    package let port: Int
    package let isUnix: Bool

    /// "127.0.0.1:3000", "[::1]:3000", "unix:/run/io.sock", "unix:@name".
    package var text: String {
        if isUnix { return "unix:\(host)" }
        return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// A listening socket, bound on the calling thread so that the caller learns what failed.
struct BoundSocket: Sendable {
    let descriptor: CInt
    let address: BoundAddress
    /// Who has made it.
    let origin: Origin
    /// Connections that may wait to be accepted.
    let backlog: CInt

    enum Origin {
        /// We.
        case bound
        /// We, and a file for it, which goes with the socket.
        case boundToFile
        /// Somebody else, who has to end with it only once it serves.
        case given
    }

    /// Undoes what making it did: it will not serve.
    func discard() {
        removeFile()
        _ = Glibc.close(descriptor)
    }

    /// The end of its service.
    func removeFile() {
        if case .boundToFile = origin { unlink(address.host) }
    }

    static func bind(_ endpoint: ListenEndpoint, _ options: ListenOptions) throws(ListenError) -> BoundSocket {
        switch endpoint {
        case .unix(let path): return try bindUnix(path, options)
        case .descriptor(let descriptor): return try given(descriptor, options)
        case .host(nil, let port):
            // A machine may have no IPv6: then IPv4 is every address.
            do throws(ListenError) {
                return try bindHost("::", port, options)
            } catch .system(let sentence) {
                guard !options.isIPv6Only else { throw .system(sentence) }
                return try bindHost("0.0.0.0", port, options)
            }
        case .host(let host?, let port): return try bindHost(host, port, options)
        }
    }

    // MARK: TCP

    private static func bindHost(
        _ host: String, _ port: Int, _ options: ListenOptions
    ) throws(ListenError) -> BoundSocket {
        guard (0...65535).contains(port) else {
            throw .argument("\(port) is not a port: use 1 to 65535, or 0 for a free one.")
        }
        guard options.unixMode == nil, options.unixOwner == nil, options.unixGroup == nil else {
            throw .argument("Mode, owner and group are those of a Unix socket's file: \(host) is none.")
        }
        let isIPv6 = host.utf8.count { $0 == UInt8(ascii: ":") } > 1
        let name = isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)"
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &found)
        defer { if let found { freeaddrinfo(found) } }
        guard result == 0, let first = found else {
            throw .host(
                "Cannot listen on \(name): no such host (\(String(cString: gai_strerror(result)))). "
                    + "Give an address of this machine, such as 127.0.0.1, ::1, 0.0.0.0 or ::.")
        }
        var failure: ListenError?
        var candidate: UnsafeMutablePointer<addrinfo>? = first
        while let info = candidate {
            do throws(ListenError) {
                return try bind(info.pointee, name: name, options)
            } catch {
                failure = failure ?? error
            }
            candidate = info.pointee.ai_next
        }
        throw failure ?? .host("Cannot listen on \(name): it has no address.")
    }

    private static func bind(
        _ info: addrinfo, name: String, _ options: ListenOptions
    ) throws(ListenError) -> BoundSocket {
        let descriptor = try open(info.ai_family, name)
        do throws(ListenError) {
            let socket = SocketOptions(descriptor: descriptor, name: name)
            if options.reusesAddress { try socket.set(SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR") }
            if options.reusesPort { try socket.set(SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT") }
            if info.ai_family == AF_INET6 {
                try socket.set(CInt(IPPROTO_IPV6), IPV6_V6ONLY, options.isIPv6Only ? 1 : 0, "IPV6_V6ONLY")
            }
            if let device = options.device { try socket.bind(toDevice: device) }
            try socket.setInherited(options, isUnix: false)
            guard Glibc.bind(descriptor, info.ai_addr, info.ai_addrlen) == 0 else { throw failure(errno, name) }
            try listen(descriptor, name, options)
            return BoundSocket(
                descriptor: descriptor, address: boundAddress(of: descriptor), origin: .bound, backlog: backlog(options)
            )
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
    }

    static func boundAddress(of descriptor: CInt) -> BoundAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: 64)
        var service = [CChar](repeating: 0, count: 16)
        withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getsockname(descriptor, address, &length) == 0 else { return }
                _ = getnameinfo(
                    address, length, &host, socklen_t(host.count), &service, socklen_t(service.count),
                    NI_NUMERICHOST | NI_NUMERICSERV)
            }
        }
        return BoundAddress(host: text(host), port: Int(text(service)) ?? 0, isUnix: false)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: Both

    static func open(_ family: CInt, _ name: String) throws(ListenError) -> CInt {
        let descriptor = socket(family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure(errno, name) }
        return descriptor
    }

    static func listen(_ descriptor: CInt, _ name: String, _ options: ListenOptions) throws(ListenError) {
        guard Glibc.listen(descriptor, backlog(options)) == 0 else { throw failure(errno, name) }
    }

    static func backlog(_ options: ListenOptions) -> CInt { CInt(clamping: options.backlog ?? 1024) }

    static func failure(_ code: CInt, _ name: String) -> ListenError {
        let cause = String(cString: strerror(code))
        let isUnix = name.utf8.starts(with: "unix:".utf8)
        switch code {
        case EADDRINUSE where isUnix:
            return .addressInUse(
                "Cannot listen on \(name): another program does already, or the file is no socket (\(cause)). "
                    + "Stop it, or choose another path.")
        case EACCES where isUnix, EPERM where isUnix:
            return .permission(
                "Cannot listen on \(name): the system does not permit it (\(cause)). "
                    + "Choose a directory that this program may write to.")
        case ENOENT where isUnix, ENOTDIR where isUnix:
            return .system(
                "Cannot listen on \(name): the directory does not exist (\(cause)). Make it, or choose another path.")
        case EADDRINUSE:
            return .addressInUse(
                "Cannot listen on \(name): another program does already (\(cause)). "
                    + "Stop it, or choose another port; 0 picks a free one.")
        case EACCES, EPERM:
            return .permission(
                "Cannot listen on \(name): the system does not permit it (\(cause)). "
                    + "Ports below 1024 need root or CAP_NET_BIND_SERVICE; choose a higher one.")
        case EADDRNOTAVAIL:
            return .host(
                "Cannot listen on \(name): this machine does not have that address (\(cause)). "
                    + "Use one of its own, or 0.0.0.0 or :: for all of them.")
        default: return .system("Cannot listen on \(name): \(cause).")
        }
    }
}
