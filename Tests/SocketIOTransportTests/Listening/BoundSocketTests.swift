import Glibc
import Testing

@testable import SocketIOTransport

@Suite struct BoundSocketTests {
    /// A failure as "kind: sentence".
    private func failure(_ endpoint: ListenEndpoint, _ options: ListenOptions = .init()) -> String {
        do throws(ListenError) {
            try BoundSocket.bind(endpoint, options).discard()
            return "none"
        } catch {
            return "\(error)"
        }
    }

    private func withDirectory(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/sio-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer {
            unlink(path + "/s")
            rmdir(path)
        }
        try body(path)
    }

    @Test(arguments: [("127.0.0.1", "127.0.0.1:"), ("localhost", ""), ("0.0.0.0", "0.0.0.0:"), ("::1", "[::1]:")])
    func picksAFreePort(host: String, prefix: String) throws {
        guard host != "::1" || hasIPv6 else { return }
        let socket = try BoundSocket.bind(.host(host, port: 0), ListenOptions())
        defer { socket.discard() }
        #expect(socket.address.port > 0)
        #expect(!socket.address.isUnix)
        #expect(socket.address.text.hasPrefix(prefix))
        #expect(socket.address.text.hasSuffix(":\(socket.address.port)"))
        #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    private var hasIPv6: Bool {
        let descriptor = socket(AF_INET6, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
            }
        }
    }

    @Test func everyAddress() throws {
        let socket = try BoundSocket.bind(.host(nil, port: 0), ListenOptions())
        defer { socket.discard() }
        #expect(["::", "0.0.0.0"].contains(socket.address.host))
    }

    @Test func aPortThatIsInUse() throws {
        let first = try BoundSocket.bind(.host("127.0.0.1", port: 0), ListenOptions())
        defer { first.discard() }
        let text = failure(.host("127.0.0.1", port: first.address.port))
        #expect(text.hasPrefix("addressInUse("))
        #expect(text.contains("127.0.0.1:\(first.address.port)"))
        #expect(text.contains("Address already in use"))
    }

    @Test func aPortThatTwoMayShare() throws {
        var options = ListenOptions()
        options.reusesPort = true
        let first = try BoundSocket.bind(.host("127.0.0.1", port: 0), options)
        defer { first.discard() }
        let second = try BoundSocket.bind(.host("127.0.0.1", port: first.address.port), options)
        second.discard()
    }

    @Test(arguments: [-1, 65536, Int.max, Int.min])
    func whatIsNoPort(port: Int) {
        let text = failure(.host("127.0.0.1", port: port))
        #expect(text.hasPrefix("argument("))
        #expect(text.contains("\(port) is not a port"))
    }

    @Test(arguments: ["256.1.1.1", "no.such.host.invalid", "", "a b", "127.0.0.1:80"])
    func whatIsNoHost(host: String) {
        let text = failure(.host(host, port: 0))
        #expect(text.hasPrefix("host("))
        #expect(text.contains("\(host):0"))
    }

    @Test func anAddressOfAnotherMachine() {
        let text = failure(.host("192.0.2.1", port: 0))
        #expect(text.hasPrefix("host("))
        #expect(text.contains("192.0.2.1:0"))
        #expect(text.contains("Cannot assign requested address"))
    }

    @Test func aPrivilegedPort() {
        guard geteuid() != 0 else { return }
        let text = failure(.host("127.0.0.1", port: 1))
        #expect(text.hasPrefix("permission("))
        #expect(text.contains("127.0.0.1:1"))
    }

    // MARK: Unix sockets

    @Test func aUnixSocket() throws {
        try withDirectory { directory in
            let path = directory + "/s"
            var options = ListenOptions()
            options.unixMode = 0o600
            let socket = try BoundSocket.bind(.unix(path: path), options)
            defer { socket.discard() }
            #expect(socket.address.isUnix)
            #expect(socket.address.port == 0)
            #expect(socket.address.text == "unix:" + path)
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
            #expect(failure(.unix(path: path)).hasPrefix("addressInUse("))
        }
    }

    @Test func aUnixSocketThatNoOneListensOnIsReplaced() throws {
        try withDirectory { directory in
            let path = directory + "/s"
            close(try BoundSocket.bind(.unix(path: path), ListenOptions()).descriptor)
            #expect(access(path, F_OK) == 0)
            try BoundSocket.bind(.unix(path: path), ListenOptions()).discard()
            #expect(access(path, F_OK) != 0)
        }
    }

    @Test func aFileIsNotReplaced() throws {
        try withDirectory { directory in
            let path = directory + "/s"
            close(open(path, O_CREAT | O_WRONLY, 0o600))
            #expect(failure(.unix(path: path)).hasPrefix("addressInUse("))
            #expect(access(path, F_OK) == 0)
        }
    }

    @Test func pathsThatAreTooShortOrTooLong() {
        #expect(failure(.unix(path: "")).hasPrefix("argument("))
        let long = "/tmp/" + String(repeating: "x", count: 103)
        #expect(failure(.unix(path: long)).hasPrefix("argument("))
        #expect(failure(.unix(path: "/tmp/no/such/directory/s")).hasPrefix("system("))
    }
}
