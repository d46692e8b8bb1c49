import EngineIOCore
import SocketIOHandlers
import SocketIOTransport
import Synchronization
import Testing

@testable import SocketIOClient

/// Random steps of a program and of a server, in handlers too, and what has to hold whatever they are. A seed makes the
/// same steps again, but for the time that passes between them.
@Suite(.serialized, .timeLimit(.minutes(5))) struct WalkTests {
    @Test(arguments: [false, true]) func whateverHappens(retries: Bool) throws {
        for seed in 0..<UInt64(100) {
            let walk = try Walk(seed: seed, retries: retries)
            let broken = walk.run()
            guard broken.isEmpty else {
                Issue.record("seed \(seed): \(broken)\n\(walk.story.joined(separator: "\n"))")
                return
            }
        }
    }
}

/// SAFETY of `@unchecked Sendable`: used on the loop, but for its beginning and end.
final class Walk: @unchecked Sendable {
    var state: UInt64
    var story: [String] = []
    var broken: [String] = []
    let runtime = ClientRuntime(threads: 1)
    let manager: Manager
    let engines = Engines()
    var sockets: [Life] = []
    var depth = 0
    var auths: [AuthRequest] = []
    var opens: [OpenRequest] = []
    var isOver = false
    var quick = 0
    var isDone = false

    final class Life: @unchecked Sendable {
        let socket: ClientSocket
        var isIn = false
        var isTold = false
        var acks = 0
        var waits = 0
        var emitted = 0
        init(_ socket: ClientSocket) { self.socket = socket }
    }

    final class Engines: @unchecked Sendable {
        var all: [Engine] = []
        weak var walk: Walk?
    }

    init(seed: UInt64, retries: Bool) throws {
        state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        var options = ManagerOptions()
        options.reconnectionDelay = .milliseconds(1)
        options.reconnectionDelayMax = .milliseconds(1)
        if seed % 3 == 0 { options.maxBufferedPackets = 3 }
        if seed % 5 == 0 { options.overflowPolicy = .close }
        let engines = engines
        manager = try Manager("http://localhost:1", options: options, runtime: runtime) { _, _, _, delegate in
            let engine = Engine(engines.walk, delegate)
            engines.all.append(engine)
            return engine
        }
        engines.walk = self
        if seed % 4 == 0 {
            manager.beforeOpening { [weak self] request in
                guard let self else { return }
                tell("asked where")
                if random(2) == 0 { try? request.open() } else { opens.append(request) }
            }
        }
        for name in ["/", "/a", "/b"] {
            var socketOptions = ClientSocketOptions()
            if retries {
                socketOptions.retries = 2
                socketOptions.ackTimeout = .milliseconds(2)
            }
            if name == "/a" {
                socketOptions.auth = .function { [weak self] request in
                    guard let self else { return }
                    tell("asked what")
                    switch random(3) {
                    case 0: request.provide("{}")
                    default: auths.append(request)
                    }
                }
            }
            let socket = try manager.socket(name, options: socketOptions)
            let life = Life(socket)
            sockets.append(life)
            try socket.onConnect { [weak self] _ in
                guard let self else { return }
                tell("connect \(name)")
                if life.isTold { breaks("connected twice") }
                life.isTold = true
                life.isIn = true
                inHandler()
            }
            try socket.onDisconnect { [weak self] _, why in
                guard let self else { return }
                tell("disconnect \(name) \(why.reason)")
                if !life.isIn { breaks("disconnected, and was not connected") }
                life.isIn = false
                life.isTold = false
                inHandler()
            }
            try socket.onConnectError { [weak self] _, failure in
                guard let self else { return }
                tell("error \(name) \(failure.message)")
                if isOver { breaks("an error behind the end") }
                inHandler()
            }
            try socket.onAny { [weak self] event in
                guard let self else { return }
                tell("event \(name)")
                // What came before the server's answer goes first.
                life.isIn = true
                if isOver { breaks("an event behind the end") }
                if random(3) == 0 { try? event.ack?.reply() }
                inHandler()
            }
        }
        manager.on { [weak self] _, event in
            guard let self else { return }
            tell("manager \(event)")
            if case .close = event {} else if isOver { breaks("a manager's event behind the end") }
            inHandler()
        }
    }

    func random(_ below: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int((state >> 11) % UInt64(below))
    }

    func tell(_ line: String) { story.append(String(repeating: "  ", count: depth) + line) }
    func breaks(_ what: String) {
        tell("!!! \(what)")
        broken.append(what)
    }

    func inHandler() {
        guard depth < 3, random(3) == 0 else { return }
        depth += 1
        program()
        depth -= 1
    }

    func program() {
        let life = sockets[random(sockets.count)]
        let (socket, name) = (life.socket, life.socket.namespace)
        switch random(isOver ? 12 : 24) {
        case 0..<3:
            tell("connect() \(name)")
            socket.connect()
        case 3..<5:
            tell("disconnect() \(name)")
            socket.disconnect()
        case 5:
            tell("connect(and wait) \(name)")
            life.waits += 1
            socket.connect { [weak self] failure in
                guard let self else { return }
                tell("waited \(name) \(failure?.message ?? "in")")
                life.waits -= 1
                if life.waits < 0 { breaks("waited twice") }
                inHandler()
            }
        case 6..<8:
            life.emitted += 1
            tell("emit \(life.emitted) \(name)")
            try? socket.emit("x", "[\(life.emitted)]", volatile: random(4) == 0)
        case 8..<11:
            life.emitted += 1
            let number = life.emitted
            let once = Inbox()
            tell("emit with ack \(number) \(name)")
            do {
                life.acks += 1
                try socket.emit(
                    "x", "[\(number)]", volatile: random(6) == 0,
                    timeout: random(2) == 0 ? .milliseconds(random(3) + 1) : nil
                ) { [weak self] _, outcome in
                    guard let self else { return }
                    switch consume outcome {
                    case .success: tell("ack \(number) \(name)")
                    case .failure(let failure): tell("ack \(number) \(name) \(failure)")
                    }
                    if !once.isEmpty { breaks("acked twice") }
                    once.put("acked")
                    life.acks -= 1
                    inHandler()
                }
            } catch { life.acks -= 1 }
        case 11:
            tell("manager.disconnect()")
            manager.disconnect()
        case 12..<15 where !auths.isEmpty:
            let request = auths.remove(at: random(auths.count))
            tell("auth answered")
            if random(4) == 0 { request.fail("no") } else { request.provide("{}") }
        case 15..<17 where !opens.isEmpty:
            let request = opens.remove(at: random(opens.count))
            tell("open answered")
            if random(4) == 0 { request.fail("no") } else { try? request.open() }
        case 17 where random(8) == 0:
            tell("close()")
            isOver = true
            manager.close()
        default: break
        }
    }

    func check() {
        guard !isOver else { return }
        let living = engines.all.filter { $0.delegate != nil && !$0.isLeaving }
        if living.count > 1 { breaks("two connections") }
        for life in sockets {
            let socket = life.socket
            if socket.connected != life.isIn { breaks("\(socket.namespace): connected is \(socket.connected)") }
            if socket.active != manager.machine.isActive(socket.wireNameBytes) { breaks("active is \(socket.active)") }
            if !socket.active, life.waits > 0 { breaks("\(socket.namespace): somebody waits in vain") }
        }
    }

    func onLoop(_ body: @escaping @Sendable () -> Void) {
        let signal = Signal()
        manager.loop.run {
            body()
            signal.signal()
        }
        signal.wait()
    }

    /// Time for what is set to happen later.
    func pass(milliseconds: Int64) {
        let signal = Signal()
        manager.loop.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) { signal.signal() }
        signal.wait()
    }

    func run() -> [String] {
        for _ in 0..<60 {
            onLoop { [self] in
                for _ in 0..<(random(3) + 1) {
                    if random(2) == 0 { program() } else { server() }
                    check()
                }
            }
            onLoop { [self] in quick = random(3) }
            if quick == 0 { pass(milliseconds: 2) }
        }
        // A server that is good at last has all in that want to be.
        onLoop { [self] in
            tell("good from now on")
            depth = 9
        }
        for _ in 0..<200 {
            isDone = false
            onLoop { [self] in
                guard !isOver else {
                    isDone = true
                    return
                }
                while !auths.isEmpty { auths.removeFirst().provide("{}") }
                while !opens.isEmpty { try? opens.removeFirst().open() }
                if let engine = engines.all.last(where: { $0.delegate != nil && !$0.isLeaving }) {
                    engine.bufferedBytes = 0
                    if !engine.isOpen {
                        tell("opened")
                        engine.isOpen = true
                        engine.delegate?.opened(ClientHandshake(sid: "s", transport: .webSocket))
                    }
                    for asked in engine.asked {
                        engine.asked.remove(asked)
                        engine.joined.insert(asked)
                        engine.says("0\(asked == "/" ? "" : asked + ","){\"sid\":\"i\",\"pid\":\"p\"}")
                    }
                    engine.delegate?.drained()
                    for (name, id) in engine.acks { engine.says("3\(name == "/" ? "" : name + ",")\(id)[]") }
                    engine.acks = []
                }
                check()
                isDone = sockets.allSatisfy {
                    !$0.socket.active
                        || ($0.socket.connected && $0.acks == 0 && $0.socket.bufferedEvents == 0
                            && $0.socket.pendingAcks == 0)
                }
            }
            if isDone { break }
            pass(milliseconds: 1)
        }
        onLoop { [self] in
            if !isOver {
                for life in sockets where life.socket.active && !life.socket.connected {
                    breaks("\(life.socket.namespace) does not come in")
                }
                for life in sockets where life.socket.connected && (life.socket.bufferedEvents > 0 || life.acks > 0) {
                    breaks("\(life.socket.namespace): \(life.socket.bufferedEvents) wait, \(life.acks) acks")
                }
            }
            tell("the end")
            isOver = true
        }
        manager.close()
        onLoop { [self] in for engine in engines.all { engine.ends(.forcedClose) } }
        manager.wait()
        for life in sockets {
            if life.isIn { breaks("\(life.socket.namespace): not told of the end") }
            if life.acks != 0 { breaks("\(life.socket.namespace): \(life.acks) acks never ended") }
            if life.waits != 0 { breaks("\(life.socket.namespace): somebody waits for ever") }
        }
        runtime.stop()
        return broken
    }
}
