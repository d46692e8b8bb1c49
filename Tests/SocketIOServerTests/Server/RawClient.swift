import Glibc
import SocketIOHandlers
import Synchronization
import Testing

@testable import SocketIOServer

/// A client that knows sockets and bytes only, so that it shares no mistake with the server.
final class RawClient {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: CInt
    private var received: [UInt8] = []

    init(_ server: SocketServer) throws {
        let port = try #require(server.boundAddresses.first).port
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(description: "connect: \(String(cString: strerror(errno)))") }
    }

    /// On a connection that exists.
    init(connected descriptor: CInt) {
        self.descriptor = descriptor
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Closes the connection, as a process does that ends.
    func hangUp() { shutdown(descriptor, CInt(SHUT_RDWR)) }

    // MARK: Bytes

    func write(_ bytes: some Sequence<UInt8>) throws {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure(description: "send: \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(count)
        }
    }

    /// False at the end of the stream.
    private func fill() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        if count < 0 {
            guard errno == ECONNRESET else { throw Failure(description: "recv: \(String(cString: strerror(errno)))") }
            return false
        }
        received += chunk[..<count]
        return count > 0
    }

    private func take(_ count: Int) throws -> [UInt8] {
        guard count >= 0 else { throw Failure(description: "a length of \(count)") }
        while received.count < count {
            guard try fill() else { throw Failure(description: "end of stream") }
        }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    private func takeHead() throws -> String {
        let mark = Array("\r\n\r\n".utf8)
        while true {
            if let end = received.indices.first(where: { received[$0...].starts(with: mark) }) {
                return String(decoding: try take(end + 4), as: UTF8.self)
            }
            guard try fill() else { throw Failure(description: "end of stream") }
        }
    }

    // MARK: HTTP

    /// The next response: its status and its body, "200 ok".
    func response() throws -> String {
        let head = try takeHead()
        guard let status = head.split(separator: " ").dropFirst().first else { throw Failure(description: head) }
        let length =
            head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }
            .flatMap { Int($0.dropFirst(16)) } ?? 0
        let body = String(decoding: try take(length), as: UTF8.self)
        return body.isEmpty ? String(status) : "\(status) \(body)"
    }

    func startGet(_ target: String) throws {
        try write("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
    }

    func get(_ target: String) throws -> String {
        try startGet(target)
        return try response()
    }

    /// Opens a polling session; returns its id.
    func openPolling() throws -> String {
        let response = try get("/socket.io/?EIO=4&transport=polling")
        return String(try #require(response.split(separator: "\"").dropFirst(3).first))
    }

    func startPoll(_ sid: String) throws { try startGet("/socket.io/?EIO=4&transport=polling&sid=\(sid)") }

    func poll(_ sid: String) throws -> String {
        try startPoll(sid)
        return try response()
    }

    func post(_ sid: String, _ body: String) throws -> String {
        try write(
            ("POST /socket.io/?EIO=4&transport=polling&sid=\(sid) HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
        return try response()
    }

    // MARK: WebSocket

    static func upgradeRequest(_ sid: String?) -> [UInt8] {
        Array(
            ("GET /socket.io/?EIO=4&transport=websocket\(sid.map { "&sid=\($0)" } ?? "") HTTP/1.1\r\n"
                + "Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nX-Test: yes\r\n\r\n")
                .utf8)
    }

    /// Becomes a WebSocket: of a session of its own, or to probe for one. `frames` leave in the same segment.
    func upgrade(_ sid: String? = nil, with frames: [String] = []) throws {
        try write(Self.upgradeRequest(sid) + frames.flatMap { Self.frame($0) })
        let head = try takeHead()
        guard head.hasPrefix("HTTP/1.1 101 ") else { throw Failure(description: head) }
        #expect(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
    }

    private static func frame(_ payload: [UInt8], opcode: UInt8) -> [UInt8] {
        var bytes = [0x80 | opcode]
        if payload.count < 126 {
            bytes.append(0x80 | UInt8(truncatingIfNeeded: payload.count))
        } else {
            bytes += [0x80 | 126] + [8, 0].map { UInt8(truncatingIfNeeded: payload.count >> $0) }
        }
        return bytes + [1, 2, 3, 4] + payload.enumerated().map { $1 ^ UInt8($0 % 4 + 1) }
    }

    private static func frame(_ text: String) -> [UInt8] { frame(Array(text.utf8), opcode: 1) }

    func send(_ texts: String...) throws { try write(texts.flatMap { Self.frame($0) }) }

    func send(binary: [UInt8]) throws { try write(Self.frame(binary, opcode: 2)) }

    func sendClose() throws { try write(Self.frame([], opcode: 8)) }

    /// The next frame: its text, "binary 01", "close", "close 1002", or "end" when the connection is gone.
    func receive() throws -> String {
        while received.isEmpty {
            guard try fill() else { return "end" }
        }
        let head = try take(2)
        var length = Int(head[1])
        if length == 126 { length = try take(2).reduce(0) { $0 << 8 | Int($1) } }
        if length == 127 { length = try take(8).reduce(0) { $0 << 8 | Int($1) } }
        let payload = try take(length)
        switch head[0] {
        case 0x81: return String(decoding: payload, as: UTF8.self)
        case 0x82: return "binary " + payload.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        case 0x88: return payload.count < 2 ? "close" : "close \(Int(payload[0]) << 8 | Int(payload[1]))"
        default: return "frame \(head[0])"
        }
    }

    // MARK: Socket.IO

    /// Opens a WebSocket session and joins a namespace; returns the socket's id.
    @discardableResult
    func join(_ namespace: String = "", auth: String = "") throws -> String {
        try open()
        return try joinAnother(namespace, auth: auth)
    }

    /// Opens a session, without asking for a namespace.
    func open() throws {
        try upgrade()
        #expect(try receive().hasPrefix(#"0{"sid":""#))
    }

    @discardableResult
    func joinAnother(_ namespace: String = "", auth: String = "") throws -> String {
        try send("40\(namespace.isEmpty ? "" : namespace + ",")\(auth)")
        let answer = try receive()
        #expect(answer.hasPrefix("40\(namespace.isEmpty ? "" : namespace + ","){\"sid\":\""))
        return String(try #require(answer.split(separator: "\"").last { $0.count == 20 }))
    }
}

/// What happened on the server's threads, in its order; the test waits for it.
final class Inbox: @unchecked Sendable {
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

    /// The next line; waits for it, but not for ever.
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

/// Waits until it is so, but not for ever.
func wait(until isSo: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    for _ in 0..<30_000 {
        if isSo() { return }
        usleep(1000)
    }
    Issue.record("It did not come to that in half a minute.", sourceLocation: sourceLocation)
}

/// A server on a free port of the loopback address, for the length of `body`.
func withServer(
    _ options: ServerOptions = ServerOptions(), threads: Int = 1, _ body: (SocketServer, Inbox) throws -> Void
) throws {
    let server = try SocketServer(options, threads: threads)
    let inbox = Inbox()
    try server.listen(host: "127.0.0.1", port: 0)
    defer {
        server.close()
        server.wait()
        #expect(server.counts == SocketServer.Counts())
        server.runtime.stop()
    }
    try body(server, inbox)
}
