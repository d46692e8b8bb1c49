import Glibc
import Testing

@testable import SocketIOTransport

/// What `setsockopt` was told, by the system's word: of the listening socket, and of a connection that it brings.
@Suite struct SocketOptionsTests {
    private func option(_ descriptor: CInt, _ level: CInt, _ option: CInt) -> CInt {
        var value: CInt = -1
        var length = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, level, option, &value, &length) == 0 ? value : -1
    }

    private func lingering(_ descriptor: CInt) -> linger {
        var value = linger()
        var length = socklen_t(MemoryLayout<linger>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_LINGER, &value, &length)
        return value
    }

    /// Calls `body` with the listening socket, and with a connection that was accepted from it.
    private func withSockets(
        _ options: ListenOptions, _ body: (_ listening: CInt, _ accepted: CInt) -> Void
    ) throws {
        let listening = try BoundSocket.bind(.host("127.0.0.1", port: 0), options)
        defer { listening.discard() }
        let client = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        var address = sockaddr()
        var length = socklen_t(MemoryLayout<sockaddr>.size)
        try #require(getsockname(listening.descriptor, &address, &length) == 0)
        try #require(connect(client, &address, length) == 0)
        let accepted = accept(listening.descriptor, nil, nil)
        defer { close(accepted) }
        try #require(accepted >= 0)
        body(listening.descriptor, accepted)
    }

    private let tcp = CInt(IPPROTO_TCP)

    @Test func defaults() throws {
        try withSockets(ListenOptions()) { listening, accepted in
            #expect(option(listening, SOL_SOCKET, SO_REUSEADDR) == 1)
            #expect(option(listening, SOL_SOCKET, SO_REUSEPORT) == 0)
            #expect(option(accepted, tcp, TCP_NODELAY) == 1)
            #expect(option(accepted, SOL_SOCKET, SO_KEEPALIVE) == 0)
            #expect(lingering(accepted).l_onoff == 0)
        }
    }

    @Test func whatIsSaidOnceConnectionsInherit() throws {
        var options = ListenOptions()
        options.reusesAddress = false
        options.reusesPort = true
        options.isNoDelay = false
        options.keepAlive = .init(idle: 70, interval: 11, count: 4)
        options.linger = .seconds(3)
        options.receiveBufferSize = 20_000
        options.sendBufferSize = 30_000
        options.device = "lo"
        try withSockets(options) { listening, accepted in
            #expect(option(listening, SOL_SOCKET, SO_REUSEADDR) == 0)
            #expect(option(listening, SOL_SOCKET, SO_REUSEPORT) == 1)
            #expect(option(accepted, tcp, TCP_NODELAY) == 0)
            #expect(option(accepted, SOL_SOCKET, SO_KEEPALIVE) == 1)
            #expect(option(accepted, tcp, TCP_KEEPIDLE) == 70)
            #expect(option(accepted, tcp, TCP_KEEPINTVL) == 11)
            #expect(option(accepted, tcp, TCP_KEEPCNT) == 4)
            #expect(lingering(accepted).l_onoff == 1)
            #expect(lingering(accepted).l_linger == 3)
            // The kernel counts its own part, too.
            #expect(option(accepted, SOL_SOCKET, SO_RCVBUF) == 40_000)
            #expect(option(accepted, SOL_SOCKET, SO_SNDBUF) == 60_000)
            var name = [CChar](repeating: 0, count: 16)
            var length = socklen_t(name.count)
            #expect(getsockopt(listening, SOL_SOCKET, SO_BINDTODEVICE, &name, &length) == 0)
            #expect(name.prefix(2).elementsEqual("lo".utf8CString.dropLast()))
        }
    }

    @Test func lingeringForNoTime() throws {
        var options = ListenOptions()
        options.linger = .reset
        try withSockets(options) { _, accepted in
            #expect(lingering(accepted).l_onoff == 1)
            #expect(lingering(accepted).l_linger == 0)
        }
    }

    private func failure(_ endpoint: ListenEndpoint, _ change: (inout ListenOptions) -> Void) -> String {
        var options = ListenOptions()
        change(&options)
        do throws(ListenError) {
            try BoundSocket.bind(endpoint, options).discard()
            return "none"
        } catch {
            return "\(error)"
        }
    }

    @Test func whatTheSystemRefusesIsNamed() {
        func tcp(_ change: (inout ListenOptions) -> Void) -> String { failure(.host("127.0.0.1", port: 0), change) }
        let idle = tcp { $0.keepAlive = .init(idle: 1_000_000) }
        #expect(idle.hasPrefix("argument(") && idle.contains("127.0.0.1:0") && idle.contains("1000000s"))
        #expect(tcp { $0.keepAlive = .init(count: 1000) }.contains("probes to 1000 failed (Invalid argument)"))
        #expect(tcp { $0.device = "no-such-device" }.contains("there is no network interface"))
        #expect(tcp { $0.device = "a-name-that-is-too-long" }.hasPrefix("argument("))
        #expect(tcp { $0.device = "" }.hasPrefix("argument("))
        #expect(tcp { $0.unixMode = 0o600 }.contains("127.0.0.1 is none"))
        #expect(tcp { $0.unixOwner = "root" }.hasPrefix("argument("))
    }

    @Test func whatUnixSocketsHaveNot() {
        func unix(_ change: (inout ListenOptions) -> Void) -> String {
            failure(.unix(path: "@sio-test-options-\(getpid())"), change)
        }
        #expect(unix { _ in } == "none")
        #expect(unix { $0.unixMode = 0o600 }.contains("has no file"))
        #expect(unix { $0.unixGroup = "root" }.contains("has no file"))
        #expect(unix { $0.keepAlive = .init() }.contains("is a Unix socket"))
        #expect(unix { $0.device = "lo" }.contains("is a Unix socket"))
    }

    @Test func ownerAndGroup() throws {
        let path = "/tmp/sio-test-owner-\(getpid())"
        func owned(_ user: String?, _ group: String?) -> String {
            failure(.unix(path: path)) {
                $0.unixOwner = user
                $0.unixGroup = group
            }
        }
        #expect(owned("no such user", nil).contains("There is no user"))
        #expect(owned(nil, "no such group").contains("There is no group"))
        #expect(owned("-1", nil).hasPrefix("argument("))
        #expect(access(path, F_OK) != 0)
        guard geteuid() == 0 else {
            #expect(owned("root", nil).hasPrefix("permission("))
            return
        }
        var options = ListenOptions()
        options.unixOwner = "nobody"
        options.unixGroup = "12345"
        let socket = try BoundSocket.bind(.unix(path: path), options)
        defer { socket.discard() }
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_uid == getpwnam("nobody").pointee.pw_uid)
        #expect(status.st_gid == 12345)
    }
}
