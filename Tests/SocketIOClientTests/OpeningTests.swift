import EngineIOCore
import SocketIOTransport
import Synchronization
import Testing

@testable import SocketIOClient

/// Where a client connects, which is asked before every attempt; and what is told of the connection.
@Suite(.serialized, .timeLimit(.minutes(2))) struct OpeningTests {
    @Test func itIsAskedBeforeEveryAttempt() throws {
        try withLab { lab in
            let socket = try lab.socket()
            lab.manager.beforeOpening { [inbox = lab.inbox] request in
                inbox.put("asked \(request.attempt) \(request.lastReason ?? "-")")
                #expect(throws: SocketError.self) { try request.open(url: "nowhere") }
                #expect(throws: SocketError.self) { try request.open(headers: [("a b", "c")]) }
                switch (request.attempt, request.lastReason) {
                case (1, nil): try? request.open(url: "https://first", headers: [("x", "1")])
                case (1, _): request.fail("not yet")
                default: try? request.open()
                }
                request.fail("too late")
            }
            socket.connect()
            #expect(lab.inbox.next(2) == ["asked 1 -", "engine opens"])
            lab.server {
                #expect($0.url.host == "first" && $0.url.port == 443)
                #expect($0.options.headers.map(\.value) == ["1"])
            }
            lab.accept(socket)
            lab.server { $0.ends(.transportClose) }
            #expect(
                lab.inbox.next(4) == [
                    "disconnect / transport close", "asked 1 transport close", "error / not yet", "asked 2 not yet",
                ])
            #expect(lab.inbox.next() == "engine opens")
            lab.server {
                #expect($0.url.host == "first")
                #expect($0.options.headers.map(\.value) == ["1"])
            }
            lab.accept(socket)
            // Nobody is asked any more.
            lab.manager.beforeOpening(nil)
            lab.server { $0.ends(.transportClose) }
            #expect(lab.inbox.next(2) == ["disconnect / transport close", "engine opens"])
            #expect(lab.engineCount == 3)
        }
    }

    /// Answers from other threads; and those that come when nobody waits for them.
    @Test func itMayBeKnownLater() throws {
        try withLab { lab in
            let socket = try lab.socket()
            let requests = Mutex<[OpenRequest]>([])
            lab.manager.beforeOpening { [inbox = lab.inbox] request in
                requests.withLock { $0.append(request) }
                inbox.put("asked \(request.attempt)")
            }
            socket.connect()
            #expect(lab.inbox.next() == "asked 1")
            socket.disconnect()
            socket.connect()
            #expect(lab.inbox.next() == "asked 2")
            try requests.withLock { $0 }.first?.open()
            lab.onLoop {}
            #expect(lab.inbox.isEmpty && lab.engineCount == 0)
            try requests.withLock { $0 }.last?.open()
            #expect(lab.inbox.next() == "engine opens")
            lab.accept(socket)
        }
    }

    /// An answer that goes over the network takes back the Unix socket of the options, or of an answer before.
    @Test func aUnixSocketIsLeft() throws {
        var options = Lab.quick
        options.unixSocket = "/run/first"
        try withLab(options) { lab in
            let socket = try lab.socket()
            lab.manager.beforeOpening { request in
                typealias Answer = OpenRequest.Answer
                #expect(throws: Never.self) {
                    switch request.attempt {
                    case 1: request.open(try Answer(url: nil, headers: nil))
                    case 2: request.open(try Answer(url: "http://host", headers: nil, unixSocket: .unused))
                    default:
                        request.open(
                            try Answer(url: "http://localhost", headers: nil, unixSocket: .path("/run/second")))
                    }
                }
            }
            socket.connect()
            for path in ["/run/first", nil, "/run/second"] {
                #expect(lab.inbox.next() == "engine opens")
                lab.server {
                    #expect($0.options.unixPath == path)
                    $0.ends(.transportError)
                }
                #expect(lab.inbox.next().hasPrefix("error /"))
            }
        }
    }

    /// python-engineio holds everything back once a probe was lost on the way: the next session must not come to that.
    @Test func aSessionThatFallsSilentBehindAFailedUpgradeIsFollowedByOneWithout() throws {
        try withLab { lab in
            let socket = try lab.socket()
            lab.join(socket)
            func comesBack(after reason: CloseReason, hadFailedUpgrade: Bool, upgrading: Bool) {
                lab.server { $0.ends(reason, hadFailedUpgrade: hadFailedUpgrade) }
                #expect(lab.inbox.next(2) == ["disconnect / \(reason.rawValue)", "engine opens"])
                // An attempt that fails makes no difference.
                lab.server { $0.ends(.transportError) }
                #expect(lab.inbox.next().hasPrefix("error /"))
                #expect(lab.inbox.next() == "engine opens")
                lab.server { #expect($0.options.session.upgrades == upgrading) }
                lab.accept(socket)
            }
            comesBack(after: .pingTimeout, hadFailedUpgrade: false, upgrading: true)
            comesBack(after: .transportClose, hadFailedUpgrade: true, upgrading: true)
            comesBack(after: .pingTimeout, hadFailedUpgrade: true, upgrading: false)
            comesBack(after: .transportClose, hadFailedUpgrade: false, upgrading: true)
        }
    }

    @Test func upgradesAndDrains() throws {
        try withLab { lab in
            let socket = try lab.socket()
            lab.manager.onUpgrade { [inbox = lab.inbox] in inbox.put("upgrade") }
            let drains = lab.manager.onDrain { [inbox = lab.inbox] in inbox.put("drain") }
            lab.join(socket)
            lab.server { $0.upgrades() }
            #expect(lab.inbox.next() == "upgrade")
            lab.server { $0.bufferedBytes = 5_000_000 }
            try socket.emit("x")
            lab.server { $0.takesAll() }
            #expect(lab.inbox.next(2) == [#"> 2["x"]"#, "drain"])
            #expect(lab.manager.off(drains))
            lab.server { $0.takesAll() }
            lab.onLoop {}
            #expect(lab.inbox.isEmpty)
        }
    }
}
