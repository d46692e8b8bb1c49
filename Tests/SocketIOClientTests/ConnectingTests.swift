import SocketIOTransport
import Synchronization
import Testing

@testable import SocketIOClient

/// How a client gets into namespaces and out of them, and comes back.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ConnectingTests {
    @Test func aNamespaceIsAskedForWhenThereIsAConnection() throws {
        try withLab { lab in
            let socket = try lab.socket()
            #expect(!socket.active && !socket.connected && socket.id == nil)
            socket.connect()
            socket.connect()
            #expect(lab.inbox.next() == "engine opens")
            #expect(socket.active && !socket.connected)
            lab.server { $0.opens() }
            #expect(lab.inbox.next() == "> 0")
            lab.server { $0.says(#"0{"sid":"abc"}"#) }
            #expect(lab.inbox.next() == "connect / abc")
            #expect(socket.connected && socket.id == "abc" && !socket.recovered)
            socket.disconnect()
            #expect(lab.inbox.next(3) == ["> 1", "engine closes", "disconnect / io client disconnect"])
            #expect(!socket.active && socket.id == nil)
            lab.join(socket, "b")
            #expect(lab.engineCount == 2)
        }
    }

    @Test func namespacesShareAConnection() throws {
        try withLab { lab in
            let root = try lab.socket()
            let admin = try lab.socket("admin")
            #expect(admin.namespace == "/admin")
            #expect(try lab.manager.socket("/admin") == admin)
            lab.join(root)
            admin.connect()
            #expect(lab.inbox.next() == "> 0/admin,")
            lab.server { $0.says(#"0/admin,{"sid":"b"}"#) }
            #expect(lab.inbox.next() == "connect /admin b")
            root.disconnect()
            #expect(lab.inbox.next(2) == ["> 1", "disconnect / io client disconnect"])
            root.connect()
            #expect(lab.inbox.next() == "> 0")
            lab.server { $0.says(#"4{"message":"no","data":[1]}"#) }
            #expect(lab.inbox.next() == "error / no for good")
            lab.server { $0.says("1/admin,") }
            #expect(lab.inbox.next(2) == ["engine closes", "disconnect /admin io server disconnect"])
            #expect(lab.engineCount == 1)
        }
    }

    @Test func refusalsHaveTheServersData() throws {
        try withLab { lab in
            let socket = try lab.manager.socket()
            try socket.onConnectError { [lab] socket, failure in
                lab.inbox.put("\(failure.message) \(failure.data ?? "-") \(failure.code == .refused) \(socket.active)")
            }
            socket.connect()
            lab.server { $0.opens() }
            lab.server { $0.says(#"4{"message":"not \"you\"","data":{"code":7}}"#) }
            #expect(
                lab.inbox.next(4) == [
                    "engine opens", "> 0", "engine closes", #"not "you" {"code":7} true false"#,
                ])
        }
    }

    @Test func authIsAskedForBeforeEveryAttempt() throws {
        try withLab { lab in
            var options = ClientSocketOptions()
            options.auth = .function { [inbox = lab.inbox] request in
                inbox.put("asked \(request.attempt) \(request.lastReason ?? "-")")
                request.provide(#"{"token":\#(request.attempt)}"#)
                // The first answer counts.
                request.provide("{}")
                request.fail("too late")
            }
            let socket = try lab.socket("/", options)
            socket.connect()
            lab.server { $0.opens() }
            #expect(lab.inbox.next(3) == ["engine opens", "asked 1 -", #"> 0{"token":1}"#])
            lab.server { $0.ends(.transportClose) }
            #expect(lab.inbox.next().hasPrefix("error / "))
            #expect(lab.inbox.next() == "engine opens")
            lab.server { $0.opens() }
            #expect(lab.inbox.next().hasPrefix("asked 2 The connection ended"))
            #expect(lab.inbox.next() == #"> 0{"token":2}"#)
            lab.server { $0.says(#"0{"sid":"a"}"#) }
            lab.server { $0.ends(.pingTimeout) }
            #expect(lab.inbox.next(3) == ["connect / a", "disconnect / ping timeout", "engine opens"])
            lab.server { $0.opens() }
            #expect(lab.inbox.next() == "asked 1 ping timeout")
        }
    }

    @Test func authMayComeLater() throws {
        try withLab { lab in
            let kept = Mutex<[AuthRequest]>([])
            var options = ClientSocketOptions()
            options.auth = .function { request in kept.withLock { $0.append(request) } }
            let socket = try lab.socket("/", options)
            socket.connect()
            lab.server { $0.opens() }
            lab.server { $0.ends(.transportClose) }
            #expect(lab.inbox.next() == "engine opens")
            #expect(lab.inbox.next().hasPrefix("error / "))
            #expect(lab.inbox.next() == "engine opens")
            lab.server { $0.opens() }
            let requests = kept.withLock { $0 }
            try #require(requests.count == 2)
            // The first attempt is over.
            requests[0].provide(#"{"n":1}"#)
            requests[1].provide(#"{"n":2}"#)
            #expect(lab.inbox.next() == #"> 0{"n":2}"#)
        }
    }

    @Test func authThatFailsEndsTheAttempt() throws {
        try withLab { lab in
            for auth: ClientAuth in [.value("[1]"), .function { $0.fail("no token") }, .function { $0.provide("7") }] {
                var options = ClientSocketOptions()
                options.auth = auth
                let socket = try lab.manager.socket("/\(lab.engineCount)", options: options)
                try socket.onConnectError { [lab] socket, failure in
                    lab.inbox.put("\(failure.code == .auth) \(socket.active)")
                }
                socket.connect()
                lab.server { $0.opens() }
                #expect(lab.inbox.next(3) == ["engine opens", "engine closes", "true false"])
            }
        }
    }

    @Test func aLostConnectionIsMadeAgain() throws {
        try withLab { lab in
            lab.manager.on { [inbox = lab.inbox] _, event in
                switch event {
                case .open: inbox.put("open")
                case .upgrade: inbox.put("upgrade")
                case .drain: inbox.put("drain")
                case .ping: inbox.put("ping")
                case .close(let disconnection): inbox.put("close \(disconnection.reason)")
                case .error: inbox.put("not open")
                case .reconnectAttempt(let attempt): inbox.put("attempt \(attempt)")
                case .reconnect(let attempts): inbox.put("again \(attempts)")
                case .reconnectError(let failure): inbox.put("failed \(failure.systemError ?? 0)")
                case .reconnectFailed: inbox.put("given up")
                }
            }
            let socket = try lab.socket()
            socket.connect()
            lab.server { $0.opens() }
            lab.server { $0.says(#"0{"sid":"a"}"#) }
            #expect(lab.inbox.next(4) == ["engine opens", "> 0", "open", "connect / a"])
            lab.server { $0.ends(.transportClose) }
            #expect(
                lab.inbox.next(4) == [
                    "close transport close", "disconnect / transport close", "attempt 1", "engine opens",
                ])
            lab.server {
                $0.ends(.transportError, EngineClientFailure(.connect, systemError: 111, "Nobody listens."))
            }
            #expect(
                lab.inbox.next(5) == [
                    "not open", "error / Nobody listens.", "failed 111", "attempt 2", "engine opens",
                ])
            lab.server { $0.opens() }
            #expect(lab.inbox.next(3) == ["> 0", "open", "again 2"])
            lab.server { $0.beats() }
            #expect(lab.inbox.next() == "ping")
            lab.manager.closeAndWait()
            #expect(lab.inbox.next(2) == ["engine closes", "close forced close"])
        }
    }

    @Test func otherDelaysAndTimeouts() throws {
        var options = Lab.quick
        options.reconnectionDelay = .seconds(1000)
        options.reconnectionDelayMax = .seconds(1000)
        options.timeout = .seconds(7)
        try withLab(options) { lab in
            lab.manager.on { [inbox = lab.inbox] _, event in
                switch event {
                case .reconnectAttempt(let attempt): inbox.put("attempt \(attempt)")
                case .reconnectFailed: inbox.put("given up")
                default: break
                }
            }
            let socket = try lab.socket()
            lab.join(socket)
            lab.server { #expect($0.options.session.openTimeout == 7000) }
            var quick = Lab.quick
            quick.timeout = .seconds(9)
            lab.manager.setReconnection(quick)
            lab.server { $0.ends(.transportClose) }
            #expect(lab.inbox.next(3) == ["disconnect / transport close", "attempt 1", "engine opens"])
            lab.server { #expect($0.options.session.openTimeout == 9000) }
            // What is waited for does not come any more; but who asks gets it.
            lab.manager.setReconnection(options)
            lab.server { $0.ends(.transportError) }
            #expect(lab.inbox.next().hasPrefix("error /"))
            options.reconnection = false
            lab.manager.setReconnection(options)
            #expect(lab.inbox.next() == "given up")
            #expect(lab.manager.state.attempts == 0)
            lab.join(socket)
            lab.server { $0.ends(.transportClose) }
            #expect(lab.inbox.next() == "disconnect / transport close")
            lab.onLoop {}
            #expect(lab.inbox.isEmpty)
        }
    }

    @Test func attemptsAreUsedUp() throws {
        var options = Lab.quick
        options.reconnectionAttempts = 1
        try withLab(options) { lab in
            lab.manager.onReconnectFailed { [inbox = lab.inbox] in inbox.put("given up") }
            lab.manager.onReconnectAttempt { [inbox = lab.inbox] in inbox.put("attempt \($0)") }
            lab.manager.onReconnectError { [inbox = lab.inbox] _ in inbox.put("again in vain") }
            let socket = try lab.socket()
            socket.connect()
            lab.server { $0.ends(.transportError) }
            #expect(lab.inbox.next() == "engine opens")
            #expect(lab.inbox.next().hasPrefix("error /"))
            #expect(lab.inbox.next(2) == ["attempt 1", "engine opens"])
            lab.server { $0.ends(.transportError) }
            let end = lab.inbox.next(3)
            #expect(end.contains { $0.hasPrefix("error /") } && end.contains("again in vain"))
            #expect(end.last == "given up")
            // Who asks again begins anew.
            lab.join(socket)
        }
    }

    @Test func zeroAttemptsAreNone() throws {
        var options = Lab.quick
        options.reconnectionAttempts = 0
        try withLab(options) { lab in
            lab.manager.onReconnectFailed { [inbox = lab.inbox] in inbox.put("given up") }
            let socket = try lab.socket()
            lab.join(socket)
            lab.server { $0.ends(.transportClose) }
            #expect(lab.inbox.next(2) == ["disconnect / transport close", "given up"])
        }
    }

    @Test func withoutReconnectionItIsLeftAtThat() throws {
        var options = Lab.quick
        options.reconnection = false
        try withLab(options) { lab in
            let socket = try lab.socket()
            lab.join(socket)
            lab.server { $0.ends(.transportClose) }
            #expect(lab.inbox.next() == "disconnect / transport close")
            lab.join(socket)
            #expect(lab.engineCount == 2)
        }
    }

    @Test func whoDisconnectsInAHandlerIsNotConnectedAgain() throws {
        try withLab { lab in
            let socket = try lab.socket()
            try socket.onDisconnect { socket, _ in socket.disconnect() }
            lab.join(socket)
            lab.server { $0.ends(.transportClose) }
            #expect(lab.inbox.next() == "disconnect / transport close")
            lab.join(socket, "b")
            #expect(lab.engineCount == 2)
        }
    }

    @Test func anAttemptThatIsNotWantedIsNotMade() throws {
        try withLab { lab in
            let socket = try lab.socket()
            lab.manager.onReconnectAttempt { [inbox = lab.inbox] in
                inbox.put("attempt \($0)")
                socket.disconnect()
            }
            lab.join(socket)
            lab.server { $0.ends(.transportClose) }
            #expect(lab.inbox.next(2) == ["disconnect / transport close", "attempt 1"])
            lab.onLoop {}
            #expect(lab.engineCount == 1)
        }
    }

    @Test func aServerThatBreaksTheRulesIsLeft() throws {
        for text in ["9", "2[", #"2["disconnect"]"#, #"51-["x"]"#, "4"] where text != "4" {
            try withLab { lab in
                let socket = try lab.manager.socket()
                try socket.onDisconnect { [lab] _, disconnection in
                    lab.inbox.put("\(disconnection.reason) \(disconnection.details?.code == .protocolError)")
                }
                socket.connect()
                lab.server { $0.opens() }
                lab.server { $0.says(#"0{"sid":"a"}"#) }
                #expect(lab.inbox.next(2) == ["engine opens", "> 0"])
                // Behind the text of a binary packet comes no text.
                lab.server { $0.says(text, "2[\"y\"]") }
                #expect(lab.inbox.next(3) == ["parse error true", "engine aborts", "engine opens"])
            }
        }
    }

    @Test func aClientGoesOnWhereItWas() throws {
        try withLab { lab in
            let socket = try lab.socket()
            try socket.onAny { [inbox = lab.inbox] event in inbox.put("\(event.name) \(event.args)") }
            lab.join(socket, "a", privateID: "p")
            lab.server { $0.says(#"2["x",1,"o1"]"#, #"27["y","no offset"]"#) }
            #expect(lab.inbox.next(2) == [#"x [1,"o1"]"#, #"y ["no offset"]"#])
            lab.server { $0.ends(.transportClose) }
            #expect(lab.inbox.next(2) == ["disconnect / transport close", "engine opens"])
            lab.server { $0.opens() }
            #expect(lab.inbox.next() == #"> 0{"pid":"p","offset":"o1"}"#)
            // What it has missed comes before the answer.
            lab.server { $0.says(#"2["missed","o2"]"#, #"0{"sid":"a","pid":"p"}"#) }
            #expect(lab.inbox.next(2) == [#"missed ["o2"]"#, "connect / a again"])
            #expect(socket.recovered)
        }
    }

    @Test func moreThanALimitBeforeTheAnswerEndsTheConnection() throws {
        var options = Lab.quick
        options.maxEarlyBytes = 100
        try withLab(options) { lab in
            let socket = try lab.socket()
            socket.connect()
            lab.server { $0.opens() }
            #expect(lab.inbox.next(2) == ["engine opens", "> 0"])
            lab.server { $0.says("2[\"\(String(repeating: "a", count: 200))\"]") }
            #expect(lab.inbox.next().hasPrefix("error / The server sent more than 100 bytes"))
            #expect(lab.inbox.next(2) == ["engine aborts", "engine opens"])
        }
    }

    @Test func aServerOfSocketIO2() throws {
        var options = Lab.quick
        options.serverVersion = .automatic
        try withLab(options) { lab in
            var socketOptions = ClientSocketOptions()
            socketOptions.auth = .value(#"{"token":"a b"}"#)
            let root = try lab.socket("/", socketOptions)
            let admin = try lab.socket("/admin", socketOptions)
            root.connect()
            admin.connect()
            lab.server { $0.opens(.three) }
            #expect(lab.inbox.next(2) == ["engine opens", "> 0/admin?token=a%20b,"])
            lab.server { $0.says("0", "0/admin,") }
            #expect(lab.inbox.next(2) == ["connect / session", "connect /admin /admin#session"])
            lab.server { $0.ends(.transportClose) }
            _ = lab.inbox.next(3)
            // It is remembered.
            lab.server { #expect($0.options.revisions == .only(.three)) }
        }
    }

    @Test func aServerOfSocketIO2IsToldFromOneOf3() throws {
        try withLab { lab in
            let socket = try lab.manager.socket()
            try socket.onConnectError { [lab] _, failure in lab.inbox.put("\(failure.code == .version)") }
            socket.connect()
            lab.server { $0.opens() }
            lab.server { $0.says("0") }
            #expect(lab.inbox.next(4) == ["engine opens", "> 0", "engine closes", "true"])
        }
    }

    @Test func webSocketComesFirstOnceItHasWorked() throws {
        var options = Lab.quick
        options.rememberUpgrade = true
        try withLab(options) { lab in
            let socket = try lab.socket()
            lab.join(socket)
            lab.server {
                #expect(!$0.options.startsWithWebSocket)
                $0.ends(.transportClose)
            }
            #expect(lab.inbox.next(2) == ["disconnect / transport close", "engine opens"])
            // It is forgotten when it fails.
            lab.server {
                #expect($0.options.startsWithWebSocket)
                $0.ends(.transportError)
            }
            #expect(lab.inbox.next().hasPrefix("error /"))
            #expect(lab.inbox.next() == "engine opens")
            lab.server { #expect(!$0.options.startsWithWebSocket) }
        }
    }

    @Test func connectingIsWaitedFor() async throws {
        let lab = try Lab()
        let socket = try lab.manager.socket()
        let connected = Task { try await socket.connectAndWait() }
        #expect(await lab.inbox.nextLine() == "engine opens")
        lab.server { $0.opens() }
        lab.server { $0.says(#"0{"sid":"a"}"#) }
        try await connected.value
        #expect(socket.connected)
        try await socket.connectAndWait()
        let other = try lab.manager.socket("/other")
        let refused = Task { try await other.connectAndWait() }
        #expect(await lab.inbox.nextLine() == "> 0")
        #expect(await lab.inbox.nextLine() == "> 0/other,")
        lab.server { $0.says(#"4/other,{"message":"no"}"#) }
        await #expect(throws: ClientFailure.self) { try await refused.value }
        lab.manager.close()
        await #expect(throws: ClientFailure.self) { try await socket.connectAndWait() }
        lab.end()
    }

    /// Events that came before the server's answer are delivered first; who waits must not wait for the next connection.
    @Test func whoWaitsHearsOfADisconnectAmongTheFirstEvents() throws {
        try withLab { lab in
            let socket = try lab.socket()
            try socket.on("x") { $0.socket.disconnect() }
            socket.connect { [inbox = lab.inbox] in inbox.put("waited: \($0?.code == .lost)") }
            #expect(lab.inbox.next() == "engine opens")
            lab.server { $0.opens() }
            lab.server { $0.says(#"2["x"]"#, #"0{"sid":"a"}"#) }
            #expect(
                lab.inbox.next(5) == [
                    "> 0", "> 1", "engine closes", "waited: true", "disconnect / io client disconnect",
                ])
        }
    }

    @Test func whatIsWrongIsAnErrorAtOnce() throws {
        #expect(throws: SocketError.self) { try Manager("localhost:3000") }
        #expect(throws: SocketError.self) { try Manager("ftp://localhost") }
        var options = ManagerOptions()
        options.transports = []
        #expect(throws: SocketError.self) { try Manager("http://localhost", options: options) }
        try withLab { lab in
            for name in ["/a,b", "/\u{1}", "/" + String(repeating: "a", count: 200)] {
                #expect(throws: SocketError.self) { try lab.manager.socket(name) }
            }
            let socket = try lab.manager.socket()
            #expect(throws: SocketError.self) { try socket.on("connect") { _ in } }
            #expect(throws: SocketError.self) { try socket.emit("disconnect") }
            #expect(throws: SocketError.self) { try socket.emit("x", "not JSON") }
        }
    }
}
