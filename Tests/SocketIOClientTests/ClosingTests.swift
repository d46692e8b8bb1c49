import Glibc
import SocketIOHandlers
import SocketIOTransport
import Synchronization
import Testing

@testable import SocketIOClient

/// The end: legal in every state, from every place, and nothing runs behind it.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ClosingTests {
    /// How far a client has come when it is closed.
    enum State: CaseIterable, Sendable {
        case fresh, idle, unopened, opening, awaitingAuth, asking, connected, congested, left, backingOff, buffering
    }

    /// Who closes it.
    enum Place: CaseIterable, Sendable {
        case anotherThread, loop, waiting, twice
    }

    private static func bring(_ lab: Lab, to state: State) throws -> ClientSocket? {
        guard state != .fresh else { return nil }
        var options = ClientSocketOptions()
        if state == .awaitingAuth { options.auth = .function { _ in } }
        let socket = try lab.socket("/", options)
        switch state {
        case .fresh, .idle: break
        case .buffering: try socket.emit("x", completion: lab.ack("x"))
        case .unopened:
            lab.manager.beforeOpening { _ in }
            socket.connect()
        case .opening: socket.connect()
        case .awaitingAuth, .asking:
            socket.connect()
            lab.server { $0.opens() }
        case .connected, .congested, .left, .backingOff:
            lab.join(socket)
            if state == .left { socket.disconnect() }
            if state == .congested {
                lab.server { $0.bufferedBytes = 5_000_000 }
                try socket.emit("x", completion: lab.ack("x"))
            }
            if state == .backingOff { lab.server { $0.ends(.transportClose) } }
        }
        return socket
    }

    private static func slow(_ delay: Duration) -> ManagerOptions {
        var options = ManagerOptions()
        options.reconnectionDelay = delay
        options.reconnectionDelayMax = delay
        options.randomizationFactor = 0
        return options
    }

    @Test(arguments: State.allCases, Place.allCases)
    func itEndsOnce(state: State, place: Place) throws {
        // Long enough to be closed meanwhile, and it is waited for.
        let delay = state == .backingOff ? 3000 : 30
        let lab = try Lab(Self.slow(.milliseconds(delay)))
        let socket = try Self.bring(lab, to: state)
        lab.onLoop {}
        while !lab.inbox.isEmpty { _ = lab.inbox.next() }
        let ended = Signal()
        let end: @Sendable () -> Void = {
            lab.manager.close { ended.signal() }
            if place == .twice { lab.manager.close() }
        }
        switch place {
        case .anotherThread, .twice: end()
        case .loop: lab.onLoop(end)
        case .waiting:
            lab.manager.closeAndWait()
            end()
        }
        ended.wait()
        lab.onLoop {}
        var lines: [String] = []
        while !lab.inbox.isEmpty { lines.append(lab.inbox.next()) }
        switch state {
        case .fresh, .idle, .unopened, .left, .backingOff: #expect(lines == [])
        case .buffering: #expect(lines == ["x: closed"])
        case .opening, .awaitingAuth, .asking: #expect(lines == ["engine closes"])
        case .connected: #expect(lines == ["> 1", "engine closes", "disconnect / io client disconnect"])
        case .congested:
            #expect(
                lines == [
                    #"> 20["x"]"#, "> 1", "engine closes", "x: closed", "disconnect / io client disconnect",
                ])
        }
        // Nothing runs again: not the timer that was set, and nothing that is asked for.
        let wait = Signal()
        lab.manager.loop.eventLoop.scheduleTask(in: .milliseconds(Int64(delay + 20))) { wait.signal() }
        wait.wait()
        socket?.connect()
        socket?.disconnect()
        lab.manager.disconnect()
        lab.onLoop {}
        #expect(lab.inbox.isEmpty)
        #expect(throws: SocketError.self) { try lab.manager.socket("/new") }
        if let socket {
            #expect(!socket.connected && !socket.active)
            #expect(throws: SocketError.self) { try socket.emit("x") }
            #expect(throws: SocketError.self) { try socket.on("x") { _ in } }
            #expect(throws: SocketError.self) { try socket.emit("x", completion: lab.ack("late")) }
        }
        lab.runtime.stop()
    }

    /// Closes in a handler; no other runs behind it, and nothing is left in memory.
    private func closesInHandler(
        _ expected: [String], _ prepare: (Lab, ClientSocket) throws -> Void,
        _ provoke: (Lab, ClientSocket) throws -> Void
    ) throws {
        weak var manager: Manager?
        weak var socket: ClientSocket?
        try {
            let lab = try Lab()
            let one = try lab.manager.socket()
            try prepare(lab, one)
            (manager, socket) = (lab.manager, one)
            try provoke(lab, one)
            var lines: [String] = []
            while lines.last != "over", lines.last != "(nothing)" { lines.append(lab.inbox.next()) }
            #expect(lines.dropLast() == expected[...])
            lab.onLoop {}
            #expect(lab.inbox.isEmpty)
            lab.runtime.stop()
        }()
        #expect(manager == nil)
        #expect(socket == nil)
    }

    private func connect(_ lab: Lab, _ socket: ClientSocket) {
        socket.connect()
        lab.server { $0.opens() }
        lab.server { $0.says(#"0{"sid":"a"}"#) }
    }

    @Test func inAnEventHandler() throws {
        try closesInHandler(["engine opens", "> 0", "event", "> 1", "engine closes", "left"]) { lab, socket in
            try socket.on("x") { [inbox = lab.inbox] event in
                inbox.put("event")
                event.socket.manager.close { inbox.put("over") }
                // The arguments are still there.
                #expect(event.args == "[1]")
            }
            try socket.on("x") { _ in Issue.record("It runs behind the end") }
            try socket.onDisconnect { [inbox = lab.inbox] _, _ in inbox.put("left") }
        } _: { lab, socket in
            connect(lab, socket)
            lab.server { $0.says(#"2["x",1]"#, #"2["x",1]"#) }
        }
    }

    @Test func inAConnectHandler() throws {
        try closesInHandler(["engine opens", "> 0", "> 1", "engine closes"]) { lab, socket in
            try socket.onConnect { [inbox = lab.inbox] in $0.manager.close { inbox.put("over") } }
            try socket.onConnect { _ in Issue.record("It runs behind the end") }
        } _: {
            connect($0, $1)
        }
    }

    @Test func inADisconnectHandler() throws {
        try closesInHandler(["engine opens", "> 0"]) { lab, socket in
            try socket.onDisconnect { [inbox = lab.inbox] socket, _ in socket.manager.close { inbox.put("over") } }
        } _: { lab, socket in
            connect(lab, socket)
            lab.server { $0.ends(.transportClose) }
        }
    }

    @Test func inAConnectErrorHandler() throws {
        try closesInHandler(["engine opens"]) { lab, socket in
            try socket.onConnectError { [inbox = lab.inbox] socket, _ in socket.manager.close { inbox.put("over") } }
        } _: { lab, socket in
            socket.connect()
            lab.server { $0.ends(.transportError) }
        }
    }

    @Test func inAReconnectHandler() throws {
        try closesInHandler(["engine opens", "> 0"]) { lab, socket in
            lab.manager.onReconnectAttempt { [inbox = lab.inbox, weak manager = lab.manager] _ in
                manager?.close { inbox.put("over") }
            }
        } _: { lab, socket in
            connect(lab, socket)
            lab.server { $0.ends(.transportClose) }
        }
    }

    @Test func inAnAck() throws {
        try closesInHandler(["engine opens", "> 0", #"> 20["x"]"#, "> 1", "engine closes"]) { lab, socket in
            try socket.emit("x") { [inbox = lab.inbox] socket, _ in socket.manager.close { inbox.put("over") } }
        } _: { lab, socket in
            connect(lab, socket)
            lab.server { $0.says("30[]") }
        }
    }

    /// The connection is lost, and its acks end before the disconnect handlers are called: they are called all the same.
    @Test func inAnAckOfALostConnection() throws {
        try closesInHandler(["engine opens", "> 0", #"> 20["x"]"#, "left", "left"]) { lab, socket in
            for _ in 0..<2 { try socket.onDisconnect { [inbox = lab.inbox] _, _ in inbox.put("left") } }
            try socket.emit("x") { [inbox = lab.inbox] socket, _ in socket.manager.close { inbox.put("over") } }
        } _: { lab, socket in
            connect(lab, socket)
            lab.server { $0.ends(.transportClose) }
        }
    }

    @Test func whileAuthIsAsked() throws {
        let lab = try Lab()
        var options = ClientSocketOptions()
        options.auth = .function { request in
            request.socket.manager.close()
            request.provide("{}")
        }
        let socket = try lab.socket("/", options)
        socket.connect()
        lab.server { $0.opens() }
        lab.onLoop {}
        #expect(lab.inbox.next(2) == ["engine opens", "engine closes"])
        #expect(lab.inbox.isEmpty)
        lab.end()
    }

    /// Handlers are let go of, and so is what is asked before each attempt: it may know the socket.
    @Test func authThatKeepsItsSocket() throws {
        weak var socket: ClientSocket?
        try withLab { lab in
            let kept = Mutex<ClientSocket?>(nil)
            var options = ClientSocketOptions()
            options.auth = .function { request in
                kept.withLock { $0 = request.socket }
                request.provide()
            }
            let one = try lab.socket("/", options)
            socket = one
            lab.join(one)
        }
        #expect(socket == nil)
    }

    /// The flag is set before the loop hears of it: what comes between belongs to the end.
    @Test func aConnectionThatGoesMeanwhile() throws {
        let lab = try Lab()
        let socket = try lab.socket()
        lab.join(socket)
        try socket.emit("x", completion: lab.ack("x"))
        #expect(lab.inbox.next() == #"> 20["x"]"#)
        let isBusy = Signal()
        let goOn = Signal()
        lab.manager.loop.run {
            isBusy.signal()
            goOn.wait()
        }
        isBusy.wait()
        lab.manager.loop.run { [inbox = lab.inbox] in inbox.put("lost") }
        lab.manager.close()
        goOn.signal()
        lab.manager.closeAndWait()
        #expect(
            lab.inbox.next(5) == [
                "lost", "> 1", "engine closes", "x: closed", "disconnect / io client disconnect",
            ])
        lab.end()
    }

    @Test func manyThreadsCloseAtOnce() throws {
        for _ in 0..<20 {
            let lab = try Lab()
            let socket = try lab.socket()
            lab.join(socket)
            let ended = Mutex(0)
            let threads = (0..<4).map { _ in
                start {
                    for _ in 0..<10 { try? socket.emit("x") }
                    lab.manager.close { ended.withLock { $0 += 1 } }
                    socket.connect()
                }
            }
            for thread in threads { pthread_join(thread, nil) }
            lab.manager.closeAndWait()
            #expect(ended.withLock { $0 } == 4)
            lab.runtime.stop()
        }
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private func start(_ body: @escaping @Sendable () -> Void) -> pthread_t {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body)).toOpaque()
        pthread_create(
            &thread, nil,
            { pointer in
                if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body() }
                return nil
            }, work)
        return thread
    }

    @Test func aRuntimeThatHasEndedTakesNothing() throws {
        weak var manager: Manager?
        try {
            let lab = try Lab()
            manager = lab.manager
            let socket = try lab.socket()
            lab.join(socket)
            lab.runtime.stop()
            try socket.emit("x", completion: lab.ack("x"))
            #expect(lab.inbox.next() == "x: closed")
            lab.manager.closeAndWait()
            // Nothing can be sent any more.
            #expect(lab.inbox.next() == "disconnect / io client disconnect")
            #expect(lab.inbox.isEmpty)
            #expect(throws: SocketError.self) {
                try Manager("http://localhost", options: ManagerOptions(), runtime: lab.runtime)
            }
        }()
        #expect(manager == nil)
    }
}
