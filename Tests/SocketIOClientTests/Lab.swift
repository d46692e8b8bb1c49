import EngineIOCore
import Glibc
import SocketIOHandlers
import SocketIOTransport
import Synchronization
import Testing

@testable import SocketIOClient

/// Lines of what has happened, in order, for the test to take out.
final class Inbox: Sendable {
    private let lines = Mutex<[String]>([])

    func put(_ line: String) { lines.withLock { $0.append(line) } }

    /// The next line; waits for it, but not for ever.
    func next() -> String {
        for _ in 0..<60_000 {
            if let line = lines.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return line }
            usleep(500)
        }
        return "(nothing)"
    }

    /// The same for tests that are tasks: it blocks no thread that another task needs.
    func nextLine() async -> String {
        for _ in 0..<60_000 {
            if let line = lines.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return line }
            try? await Task.sleep(for: .microseconds(500))
        }
        return "(nothing)"
    }

    func next(_ count: Int) -> [String] { (0..<count).map { _ in next() } }

    var isEmpty: Bool { lines.withLock { $0.isEmpty } }
}

/// What stands behind the header of a frame that is not masked.
func payload(ofFrame frame: some Collection<UInt8>) -> [UInt8] {
    let length = frame.dropFirst().first
    return Array(frame.dropFirst(length == 126 ? 4 : length == 127 ? 10 : 2))
}

/// A connection without a network: what is sent is written down, and the test plays the server.
///
/// SAFETY of `@unchecked Sendable`: used on the loop.
final class FakeEngine: ClientEngine, @unchecked Sendable {
    private let inbox: Inbox
    private var delegate: (any EngineClientDelegate)?
    let url: EngineURL
    let options: EngineClientOptions
    var transport: Transport { .webSocket }
    var canSendNow = true
    var bufferedBytes = 0

    init(
        _ inbox: Inbox, _ url: EngineURL, _ options: EngineClientOptions, _ delegate: any EngineClientDelegate
    ) {
        self.inbox = inbox
        self.url = url
        self.options = options
        self.delegate = delegate
    }

    // MARK: What the client does

    func open() { inbox.put("engine opens") }

    func send(text size: Int, compresses: Bool, _ encode: (UnsafeMutableRawBufferPointer) -> Int) {
        withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { memory in
            let count = encode(memory)
            guard (0...size).contains(count) else { return inbox.put("> \(count) bytes of \(size)") }
            inbox.put("> " + String(decoding: memory[..<count], as: UTF8.self) + (compresses ? "" : " (plain)"))
        }
    }

    func send(binary bytes: UnsafeRawBufferPointer, compresses: Bool) { inbox.put("> \(Array(bytes))") }

    func send(_ packet: EnginePacket) {
        // A frame: its header, and the text with its type.
        let payload = payload(ofFrame: packet.frame.readableBytesView)
        inbox.put(packet.isBinary ? "> \(Array(payload))" : "> " + String(decoding: payload.dropFirst(), as: UTF8.self))
    }

    func close() {
        inbox.put("engine closes")
        ends(.forcedClose)
    }

    func abort() {
        inbox.put("engine aborts")
        ends(.forcedClose)
    }

    // MARK: What the server does

    func opens(_ revision: ProtocolRevision = .four) {
        delegate?.opened(ClientHandshake(sid: "session", transport: .webSocket, revision: revision))
    }

    func upgrades() { delegate?.upgraded() }

    func beats() { delegate?.heartbeat() }

    func says(_ texts: String...) {
        for text in texts {
            let bytes = Array(text.utf8)
            withUnsafeTemporaryAllocation(byteCount: bytes.count + 1, alignment: 1) { memory in
                memory.copyBytes(from: bytes)
                delegate?.received(text: UnsafeMutableRawBufferPointer(rebasing: memory[..<bytes.count]))
            }
        }
    }

    func says(binary bytes: [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: bytes.count + 1, alignment: 1) { memory in
            memory.copyBytes(from: bytes)
            delegate?.received(binary: UnsafeMutableRawBufferPointer(rebasing: memory[..<bytes.count]))
        }
    }

    func ends(_ reason: CloseReason, _ failure: EngineClientFailure? = nil, hadFailedUpgrade: Bool = false) {
        let delegate = delegate
        self.delegate = nil
        delegate?.closed(EngineClientEnd(reason: reason, failure: failure, hadFailedUpgrade: hadFailedUpgrade))
    }

    func takesAll() {
        bufferedBytes = 0
        delegate?.drained()
    }
}

/// A client whose connections are fakes.
final class Lab: Sendable {
    let inbox = Inbox()
    let runtime = ClientRuntime(threads: 1)
    let manager: Manager
    private let engines: Engines

    /// SAFETY of `@unchecked Sendable`: used on the loop.
    private final class Engines: @unchecked Sendable {
        var all: [FakeEngine] = []
    }

    /// With delays of a millisecond, unless the test says something else.
    static var quick: ManagerOptions {
        var options = ManagerOptions()
        options.reconnectionDelay = .milliseconds(1)
        options.reconnectionDelayMax = .milliseconds(1)
        return options
    }

    init(_ options: ManagerOptions = Lab.quick) throws {
        let engines = Engines()
        self.engines = engines
        manager = try Manager("http://localhost:1", options: options, runtime: runtime) {
            [inbox] _, url, options, delegate in
            let engine = FakeEngine(inbox, url, options, delegate)
            engines.all.append(engine)
            return engine
        }
    }

    /// They know the manager, which knows who makes them.
    deinit { engines.all = [] }

    /// Runs `body` on the loop, with the last connection, and waits for it.
    func server(_ body: @escaping @Sendable (FakeEngine) -> Void) {
        onLoop { [engines] in
            guard let engine = engines.all.last else {
                Issue.record("There is no connection")
                return
            }
            body(engine)
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

    /// How many connections there were.
    var engineCount: Int {
        let count = Mutex(0)
        onLoop { [engines] in count.withLock { $0 = engines.all.count } }
        return count.withLock { $0 }
    }

    /// A socket whose life is written down.
    func socket(
        _ namespace: String = "/", _ options: ClientSocketOptions = ClientSocketOptions()
    ) throws -> ClientSocket {
        let socket = try manager.socket(namespace, options: options)
        try socket.onConnect { [inbox] in
            inbox.put("connect \($0.namespace) \($0.id ?? "-")\($0.recovered ? " again" : "")")
        }
        try socket.onConnectError { [inbox] in
            inbox.put("error \($0.namespace) \($1.message)\($0.active ? "" : " for good")")
        }
        try socket.onDisconnect { [inbox] in inbox.put("disconnect \($0.namespace) \($1.reason)") }
        return socket
    }

    /// Connects `socket`, which is not, and waits until it is.
    func join(_ socket: ClientSocket, _ id: String = "a", privateID: String? = nil) {
        socket.connect()
        #expect(inbox.next() == "engine opens")
        accept(socket, id, privateID: privateID)
    }

    func accept(_ socket: ClientSocket, _ id: String = "a", privateID: String? = nil) {
        server { $0.opens() }
        let name = socket.namespace == "/" ? "" : socket.namespace + ","
        #expect(inbox.next().hasPrefix("> 0\(name)"))
        let session = privateID.map { ",\"pid\":\"\($0)\"" } ?? ""
        server { $0.says("0\(name){\"sid\":\"\(id)\"\(session)}") }
        #expect(inbox.next().hasPrefix("connect \(socket.namespace) \(id)"))
    }

    /// Writes down how an emit ends.
    func ack(_ name: String) -> ClientAckHandler {
        { [inbox] _, outcome in
            switch consume outcome {
            case .success(let reply): inbox.put("\(name): \(reply.args) \(reply.attachments.count)")
            case .failure(let failure): inbox.put("\(name): \(failure)")
            }
        }
    }

    func end() {
        manager.closeAndWait()
        runtime.stop()
    }
}

/// Runs a test with a client, and closes it.
func withLab(_ options: ManagerOptions = Lab.quick, _ body: (Lab) throws -> Void) throws {
    let lab = try Lab(options)
    defer { lab.end() }
    try body(lab)
}
