import Glibc
import Testing

@testable import SocketIOTransport

/// Listening sockets that somebody else has made.
@Suite struct GivenSocketTests {
    private func failure(_ descriptor: CInt, _ change: (inout ListenOptions) -> Void = { _ in }) -> String {
        var options = ListenOptions()
        change(&options)
        do throws(ListenError) {
            _ = try BoundSocket.bind(.descriptor(descriptor), options)
            return "none"
        } catch {
            return "\(error)"
        }
    }

    private func makeSocket(_ family: CInt, _ type: __socket_type = SOCK_STREAM) -> CInt {
        socket(family, CInt(type.rawValue), 0)
    }

    @Test func tcp() throws {
        let descriptor = makeSocket(AF_INET)
        defer { close(descriptor) }
        try #require(listen(descriptor, 5) == 0)
        let given = try BoundSocket.bind(.descriptor(descriptor), ListenOptions())
        #expect(given.address.host == "0.0.0.0")
        #expect(given.address.port > 0)
        #expect(given.descriptor != descriptor)
        #expect(fcntl(given.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        #expect(fcntl(given.descriptor, F_GETFL) & O_NONBLOCK != 0)
        // Whose it was, keeps it.
        given.discard()
        #expect(fcntl(descriptor, F_GETFD) >= 0)
    }

    @Test func aUnixSocketKeepsItsFile() throws {
        let path = "/tmp/sio-test-given-\(getpid())"
        defer { unlink(path) }
        let bound = try BoundSocket.bind(.unix(path: path), ListenOptions())
        let given = try BoundSocket.bind(.descriptor(bound.descriptor), ListenOptions())
        #expect(given.address.text == "unix:" + path)
        given.discard()
        given.removeFile()
        #expect(access(path, F_OK) == 0)
        bound.discard()
        #expect(access(path, F_OK) != 0)
    }

    @Test func anAbstractUnixSocket() throws {
        let path = "@sio-test-given-\(getpid())"
        let bound = try BoundSocket.bind(.unix(path: path), ListenOptions())
        defer { bound.discard() }
        #expect(bound.address.text == "unix:" + path)
        let given = try BoundSocket.bind(.descriptor(bound.descriptor), ListenOptions())
        defer { given.discard() }
        #expect(given.address.text == "unix:" + path)
        // The name and nothing behind it: no zeros.
        #expect(BoundSocket.unixAddress(of: bound.descriptor).host == path)
    }

    @Test func whatDoesNotListen() {
        #expect(failure(-1).contains("-1 is not an open file descriptor"))
        #expect(failure(1_000_000).contains("not an open file descriptor"))
        let file = open("/dev/null", O_RDONLY)
        #expect(failure(file).contains("is not a socket"))
        let datagrams = makeSocket(AF_INET, SOCK_DGRAM)
        #expect(failure(datagrams).contains("is not a stream socket"))
        let silent = makeSocket(AF_INET)
        #expect(failure(silent).contains("does not listen"))
        // None of them was closed, or changed.
        for descriptor in [file, datagrams, silent] {
            #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK == 0)
            #expect(close(descriptor) == 0)
        }
    }

    @Test func optionsThatComeTooLate() throws {
        let descriptor = makeSocket(AF_INET)
        defer { close(descriptor) }
        try #require(listen(descriptor, 5) == 0)
        #expect(failure(descriptor) { $0.reusesPort = true }.contains("bound already"))
        #expect(failure(descriptor) { $0.device = "lo" }.contains("bound already"))
        #expect(failure(descriptor) { $0.unixMode = 0o600 }.contains("bound already"))
        #expect(failure(descriptor) { $0.keepAlive = .init(idle: 1_000_000) }.contains("descriptor \(descriptor)"))
        #expect(failure(descriptor) { $0.keepAlive = .init(idle: 10) } == "none")
    }

    // MARK: systemd

    private func parse(
        pid: String? = "42", count: String? = "2", names: String? = "web:admin", wanted: String? = nil
    ) -> String {
        do throws(ListenError) {
            return "\(try SystemdSockets.parse(pid: pid, count: count, names: names, wanted: wanted, process: 42))"
        } catch {
            return "\(error)"
        }
    }

    @Test func systemdsVariables() {
        #expect(parse() == "[3, 4]")
        #expect(parse(count: "1", names: nil) == "[3]")
        #expect(parse(wanted: "web") == "[3]")
        #expect(parse(wanted: "admin") == "[4]")
        #expect(parse(count: "4", names: "web:admin:web:web", wanted: "web") == "[3, 5, 6]")
        #expect(parse(count: "3", names: ":a:", wanted: "") == "[3, 5]")
        // A name too many names nothing.
        #expect(parse(count: "1", names: "a:b", wanted: "b").hasPrefix("argument("))
    }

    @Test func systemdHasPassedNothing() {
        #expect(parse(pid: nil).contains("LISTEN_FDS is not set"))
        #expect(parse(count: nil).contains("LISTEN_FDS is not set"))
        #expect(parse(pid: "43").contains("LISTEN_PID is 43, and this is 42"))
        #expect(parse(pid: "x").hasPrefix("state("))
        for count in ["0", "-1", "x", "", "99999999999", "2147483647"] {
            #expect(parse(count: count).contains("LISTEN_FDS is \(count)"))
        }
        #expect(parse(wanted: "none").contains("but web, admin: the name"))
        #expect(parse(names: nil, wanted: "web").hasPrefix("argument("))
    }
}
