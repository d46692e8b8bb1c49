import EngineIOCore
import Glibc
import Synchronization
import Testing

@testable import SocketIOTransport

/// Lines in their order, from any thread to the test's, which waits for them.
final class Lines: @unchecked Sendable {
    // SAFETY: `arrived` is a semaphore, the rest has a lock.
    private let lines = Mutex<[String]>([])
    private let arrived = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(arrived, 0, 0) }

    deinit {
        sem_destroy(arrived)
        arrived.deallocate()
    }

    func put(_ line: String) {
        lines.withLock { $0.append(line) }
        sem_post(arrived)
    }

    /// The next line; "(nothing came)" if none does for a long time.
    func next() -> String {
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += 30
        while sem_timedwait(arrived, &deadline) != 0 {
            if errno == ETIMEDOUT { return "(nothing came)" }
        }
        return lines.withLock { $0.removeFirst() }
    }

    func next(_ count: Int) -> [String] { (0..<count).map { _ in next() } }

    var isEmpty: Bool { lines.withLock { $0.isEmpty } }
}

/// The server's end of a session: sends everything back, and does what it is told by messages that begin with "!".
final class EchoingDelegate: EngineSessionDelegate {
    private let session: EngineSession
    private let lines: Lines

    init(_ session: EngineSession, _ lines: Lines) {
        self.session = session
        self.lines = lines
    }

    func opened() { lines.put("open \(session.transport.rawValue) \(session.revision.rawValue)") }

    func received(text: UnsafeMutableRawBufferPointer) {
        let message = String(decoding: text, as: UTF8.self)
        if message == "!close" { return session.close(.forcedClose) }
        if message.hasPrefix("!burst "), let count = Int(message.dropFirst(7)) {
            for number in 0..<count { session.send(EnginePacket(text: "4\(number)")) }
            return
        }
        if message.hasPrefix("!large "), let size = Int(message.dropFirst(7)) {
            return session.send(EnginePacket(text: "4" + String(repeating: "x", count: size)))
        }
        session.send(EnginePacket(text: "4\(message)"))
    }

    func received(binary: UnsafeMutableRawBufferPointer) { session.send(binary: UnsafeRawBufferPointer(binary)) }

    func upgraded() {}

    func closed(_ reason: CloseReason, _ details: CloseDetails) { lines.put("closed \(reason.rawValue)") }

    func ownerDeadlineReached() {}
}

/// What a client tells, as lines: "open polling", "text hello", "binary 0102", "upgraded", "drained", "closed forced
/// close". Its hooks run inside of the callbacks.
final class ClientRecorder: EngineClientDelegate, @unchecked Sendable {
    // SAFETY: the hooks are set before the client begins, and used on its loop.
    let lines: Lines
    var onOpened: () -> Void = {}
    var onText: (String) -> Void = { _ in }
    var onUpgraded: () -> Void = {}
    private let heartbeats = Atomic<Int>(0)
    let end = Mutex<EngineClientEnd?>(nil)
    let session = Mutex<ClientHandshake?>(nil)

    init(_ lines: Lines) { self.lines = lines }

    func opened(_ session: ClientHandshake) {
        self.session.withLock { $0 = session }
        lines.put("open \(session.transport.rawValue)")
        onOpened()
    }

    func received(text: UnsafeMutableRawBufferPointer) {
        let message = String(decoding: text, as: UTF8.self)
        // Whoever gets a message may write behind it.
        UnsafeMutableRawBufferPointer(start: text.baseAddress, count: text.count + 1)[text.count] = 0
        lines.put(message.utf8.count > 100 ? "text of \(message.utf8.count)" : "text \(message)")
        onText(message)
    }

    func received(binary: UnsafeMutableRawBufferPointer) { lines.put("binary \(hexadecimal(binary))") }

    func upgraded() {
        lines.put("upgraded")
        onUpgraded()
    }

    func heartbeat() { heartbeats.add(1, ordering: .relaxed) }

    func drained() { lines.put("drained") }

    func closed(_ end: EngineClientEnd) {
        self.end.withLock { $0 = end }
        lines.put("closed \(end.reason.rawValue)")
    }

    /// Waits for so many, but not for ever.
    func waitForHeartbeats(_ count: Int) -> Bool {
        for _ in 0..<60_000 where heartbeats.load(ordering: .relaxed) < count { usleep(500) }
        return heartbeats.load(ordering: .relaxed) >= count
    }

    /// Of an end that has come.
    var failure: EngineClientFailure? { end.withLock { $0?.failure } }
}

/// A client, and what it tells. The client's functions run on its loop.
final class TestClient: Sendable {
    let recorder: ClientRecorder
    let lines: Lines
    let client: EngineClient

    init(_ url: String, on loop: EngineLoop, _ options: EngineClientOptions) throws {
        let lines = Lines()
        let recorder = ClientRecorder(lines)
        self.lines = lines
        self.recorder = recorder
        client = EngineClient(loop: loop, url: try EngineURL(url), options: options, delegate: recorder)
    }

    /// Does something on the loop, and waits for it.
    func run(_ body: @escaping @Sendable (EngineClient) -> Void) {
        let (client, done) = (client, Lines())
        client.loop.post {
            body(client)
            done.put("")
        }
        _ = done.next()
    }

    func send(_ text: String) {
        run { client in
            client.send(text: text.utf8.count) { memory in
                memory.copyBytes(from: text.utf8)
                return text.utf8.count
            }
        }
    }

    func send(binary: [UInt8]) { run { client in binary.withUnsafeBytes { client.send(binary: $0) } } }

    /// The next line that is not "drained".
    func next() -> String {
        while true {
            let line = lines.next()
            if line != "drained" { return line }
        }
    }

    func next(_ count: Int) -> [String] { (0..<count).map { _ in next() } }
}

/// A server and clients, on two event loops of their own.
struct ClientRig {
    let runtime = EngineRuntime(threads: 2)
    let server: EngineServer
    /// What the server's sessions tell.
    let lines = Lines()

    init(_ change: (inout EngineOptions) -> Void = { _ in }) throws {
        var options = EngineOptions()
        change(&options)
        let lines = lines
        server = EngineServer(
            options: options, runtime: runtime,
            handlers: EngineHandlers(
                session: { EchoingDelegate($0, lines) },
                request: { $0.respond(HTTPResponse(status: 404)) },
                log: { _, _ in }, logLevel: { nil }))
        try runtime.start()
    }

    func listen(_ options: ListenOptions = ListenOptions()) throws {
        try server.listen(.host("127.0.0.1", port: 0), options)
    }

    var port: Int { server.addresses.first?.port ?? 0 }

    func client(
        _ url: String? = nil, _ change: (inout EngineClientOptions) -> Void = { _ in }
    ) throws -> TestClient {
        var options = EngineClientOptions()
        change(&options)
        let loop = try #require(runtime.nextLoop())
        return try TestClient(url ?? "http://127.0.0.1:\(port)/", on: loop, options)
    }

    /// The same, opened.
    func openClient(
        _ url: String? = nil, _ change: (inout EngineClientOptions) -> Void = { _ in }
    ) throws -> TestClient {
        let client = try client(url, change)
        client.run { $0.open() }
        return client
    }

    func close() {
        let done = Lines()
        server.close { done.put("closed") }
        #expect(done.next() == "closed")
        runtime.stop()
    }
}

/// Runs `body` with a server that listens.
func withRig(_ rig: ClientRig, _ body: (ClientRig) throws -> Void) throws {
    try rig.listen()
    defer { rig.close() }
    try body(rig)
}

func withRig(_ body: (ClientRig) throws -> Void) throws { try withRig(ClientRig(), body) }
