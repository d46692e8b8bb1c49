import Glibc
import SocketIOHandlers
import SocketIOServer
import SocketIOTransport
import Synchronization
import Testing

@testable import SocketIOClient

/// A client and our server in one process, over the network's own interface.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ServerTests {
    /// How the client comes.
    enum Way: CaseIterable, Sendable {
        case polling, webSocket, upgrade, old, msgpack
    }

    private func options(_ way: Way) -> ManagerOptions {
        var options = Lab.quick
        switch way {
        case .polling: options.transports = [.polling]
        case .webSocket: options.transports = [.webSocket]
        case .upgrade: break
        case .old: options.serverVersion = .old
        case .msgpack: options.parser = .msgpack
        }
        return options
    }

    private func withServer(
        _ change: (inout ServerOptions) -> Void = { _ in }, _ body: (SocketServer, String, Inbox) throws -> Void
    ) throws {
        var options = ServerOptions()
        change(&options)
        let server = try SocketServer(options)
        try server.listen(host: "127.0.0.1", port: 0)
        let url = "http://127.0.0.1:\(server.boundAddresses.first?.port ?? 0)"
        let inbox = Inbox()
        try body(server, url, inbox)
        server.close()
        server.wait()
    }

    @Test(arguments: Way.allCases)
    func talks(way: Way) throws {
        try withServer {
            $0.parser = way == .msgpack ? .msgpack : .json
        } _: { server, url, inbox in
            try server.on("echo") { event in
                try? event.socket.emit("echo", event.args, attachments: event.attachments)
            }
            try server.on("ask") { event in try? event.ack?.reply(event.args) }
            server.onConnection { [inbox] socket in
                inbox.put("joined \(socket.auth)")
                try? socket.emit("question", "[1]") { _, outcome in
                    if case .success(let reply) = consume outcome { inbox.put("answer \(reply.args)") }
                }
            }
            let manager = try Manager(url, options: options(way))
            var socketOptions = ClientSocketOptions()
            socketOptions.auth = .value(#"{"token":"t"}"#)
            let socket = try manager.socket("/", options: socketOptions)
            try socket.on("echo") { [inbox] event in inbox.put("echo \(event.args) \(event.attachments.map(\.count))") }
            try socket.on("question") { event in try? event.ack?.reply(event.args) }
            try socket.onConnect { [inbox] in inbox.put("connected \($0.id?.isEmpty == false)") }
            try socket.onDisconnect { [inbox] in inbox.put("disconnected \($1.reason)") }
            socket.connect()
            // Both sides talk at once.
            let lines = Set(inbox.next(3))
            #expect(lines == ["joined \(way == .old ? "{}" : #"{"token":"t"}"#)", "connected true", "answer [1]"])
            try socket.emit("echo", #"["text",{"a":[1,2]}]"#)
            #expect(inbox.next() == #"echo ["text",{"a":[1,2]}] []"#)
            let bytes = [UInt8](repeating: 7, count: 100_000)
            try socket.emit("echo", #"[{"_placeholder":true,"num":0},2]"#, attachments: [bytes])
            #expect(inbox.next() == #"echo [{"_placeholder":true,"num":0},2] [100000]"#)
            try socket.emit("ask", "[5]") { [inbox] _, outcome in
                if case .success(let reply) = consume outcome { inbox.put("reply \(reply.args)") }
            }
            #expect(inbox.next() == "reply [5]")
            for number in 0..<200 { try socket.emit("echo", "[\(number)]") }
            for number in 0..<200 { #expect(inbox.next() == "echo [\(number)] []") }
            manager.closeAndWait()
            #expect(inbox.next() == "disconnected io client disconnect")
        }
    }

    @Test(arguments: [Way.polling, .webSocket, .upgrade])
    func isDisconnectedByTheServer(way: Way) throws {
        try withServer { server, url, inbox in
            try server.on("go") { event in try? event.socket.disconnect() }
            try server.of("/no").use { request in try? request.reject("Forbidden", data: #"{"code":1}"#) }
            let manager = try Manager(url, options: options(way))
            let socket = try manager.socket("/")
            try socket.onDisconnect { [inbox] in inbox.put("\($1.reason) \($0.active)") }
            socket.connect()
            try socket.emit("go")
            #expect(inbox.next() == "io server disconnect false")
            let refused = try manager.socket("/no")
            try refused.onConnectError { [inbox] in inbox.put("\($1.message) \($1.data ?? "")") }
            refused.connect()
            #expect(inbox.next() == #"Forbidden {"code":1}"#)
            let missing = try manager.socket("/missing")
            try missing.onConnectError { [inbox] in inbox.put($1.message) }
            missing.connect()
            #expect(inbox.next() == "Invalid namespace")
            manager.closeAndWait()
        }
    }

    @Test func comesBackToAServerThatWasAway() throws {
        let inbox = Inbox()
        let port = Mutex(0)
        let first = try SocketServer()
        try first.listen(host: "127.0.0.1", port: 0)
        port.withLock { $0 = first.boundAddresses.first?.port ?? 0 }
        let manager = try Manager("http://127.0.0.1:\(port.withLock { $0 })", options: options(.webSocket))
        let socket = try manager.socket()
        try socket.onConnect { [inbox] _ in inbox.put("connect") }
        try socket.onDisconnect { [inbox] in inbox.put("disconnect \($1.reason)") }
        manager.onReconnect { [inbox] _ in inbox.put("again") }
        socket.connect()
        #expect(inbox.next() == "connect")
        first.close()
        first.wait()
        #expect(inbox.next() == "disconnect transport close")
        // The first attempt may have met the server on its way out; then nobody is there.
        let wasRefused = Mutex(false)
        let isRefused = Signal()
        try socket.onConnectError { [inbox] _, failure in
            if failure.code == .connect {
                wasRefused.withLock { $0 = true }
                isRefused.signal()
            } else if wasRefused.withLock({ $0 }) {
                inbox.put("\(failure.code)")
            }
        }
        isRefused.wait()
        try socket.emit("kept", "[1]")
        let second = try SocketServer()
        try second.on("kept") { [inbox] event in inbox.put("kept \(event.args)") }
        try second.listen(host: "127.0.0.1", port: port.withLock { $0 })
        #expect(Set(inbox.next(3)) == ["again", "connect", "kept [1]"])
        manager.closeAndWait()
        second.close()
        second.wait()
    }

    @Test func goesOnWhereItWas() throws {
        try withServer {
            $0.connectionStateRecovery = ConnectionStateRecovery()
        } _: { server, url, inbox in
            try server.on("join") { event in
                try? event.socket.join("room")
                try? event.ack?.reply()
            }
            var options = options(.webSocket)
            // It connects again when something was emitted meanwhile.
            options.reconnection = false
            let manager = try Manager(url, options: options)
            let socket = try manager.socket()
            try socket.on("x") { [inbox] event in inbox.put("x \(event.args.prefix(2))") }
            try socket.onConnect { [inbox] in inbox.put("connect \($0.recovered)") }
            try socket.onDisconnect { [inbox] _, _ in inbox.put("disconnect") }
            socket.connect()
            #expect(inbox.next() == "connect false")
            let id = socket.id
            try socket.emit("join") { [inbox] _, _ in inbox.put("joined") }
            #expect(inbox.next() == "joined")
            try server.to("room").emit("x", "[1]")
            #expect(inbox.next() == "x [1")
            manager.loop.run { manager.connection?.engine?.abort() }
            #expect(inbox.next() == "disconnect")
            try server.to("room").emit("x", "[2]")
            socket.connect()
            #expect(inbox.next(2) == ["x [2", "connect true"])
            #expect(socket.id == id)
            manager.closeAndWait()
        }
    }

    @Test func nothingIsLeft() throws {
        weak var manager: Manager?
        try withServer { server, url, inbox in
            for way in [Way.polling, .webSocket, .upgrade] {
                let one = try Manager(url, options: options(way))
                manager = one
                let socket = try one.socket()
                try socket.onConnect { [inbox] _ in inbox.put("connect") }
                socket.connect()
                #expect(inbox.next() == "connect")
                one.closeAndWait()
            }
        }
        // The engine goes when the server has heard of the end.
        for _ in 0..<30_000 where manager != nil { usleep(1000) }
        #expect(manager == nil)
    }

    @Test func aServerThatDoesNotAnswerIsNotWaitedForLong() throws {
        let inbox = Inbox()
        // The system takes the connection, and nobody answers.
        let listener = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listener, $0, size)
                _ = listen(listener, 1)
                _ = getsockname(listener, $0, &size)
            }
        }
        var options = Lab.quick
        options.timeout = .milliseconds(20)
        options.reconnectionAttempts = 1
        let manager = try Manager("http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))", options: options)
        let socket = try manager.socket()
        try socket.onConnectError { [inbox] _, failure in inbox.put("\(failure.code == .timeout)") }
        manager.onReconnectFailed { [inbox] in inbox.put("given up") }
        socket.connect()
        #expect(inbox.next(3) == ["true", "true", "given up"])
        manager.closeAndWait()
    }

    @Test func whatDoesNotConnectSaysWhy() throws {
        let inbox = Inbox()
        var options = Lab.quick
        options.reconnection = false
        let manager = try Manager("http://127.0.0.1:1", options: options)
        let socket = try manager.socket()
        try socket.onConnectError { [inbox] _, failure in
            inbox.put("\(failure.code == .connect) \(failure.systemError ?? 0) \(failure.message.isEmpty)")
        }
        socket.connect()
        #expect(inbox.next() == "true 111 false")
        manager.closeAndWait()
    }
}
