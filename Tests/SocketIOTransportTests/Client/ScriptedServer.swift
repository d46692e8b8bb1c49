import Glibc
import Synchronization
import Testing

@testable import EngineIOCore
@testable import SocketIOTransport

/// A server that does what a test says, byte by byte, on a thread for each connection.
final class ScriptedServer: Sendable {
    /// The server's end of one connection. What fails does nothing, and reads as nothing.
    final class Peer {
        fileprivate let descriptor: CInt
        private var received: [UInt8] = []

        fileprivate init(_ descriptor: CInt) { self.descriptor = descriptor }

        func write(_ bytes: [UInt8]) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }

        func write(_ text: String) { write(Array(text.utf8)) }

        private func fill() -> Bool {
            var chunk = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return false }
            received += chunk[..<count]
            return true
        }

        /// The head of a request, and its body behind it; "" if the connection ends before.
        func request() -> String {
            let mark = Array("\r\n\r\n".utf8)
            while true {
                if let end = received.indices.first(where: { received[$0...].starts(with: mark) }) {
                    let head = String(decoding: received[..<(end + 4)], as: UTF8.self)
                    let length =
                        head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }
                        .flatMap { UInt32($0.dropFirst(16)) }.map(Int.init) ?? 0
                    while received.count < end + 4 + length { guard fill() else { return "" } }
                    defer { received.removeFirst(end + 4 + length) }
                    return String(decoding: received[..<(end + 4 + length)], as: UTF8.self)
                }
                guard fill() else { return "" }
            }
        }

        /// The next message of a WebSocket, unmasked, behind its opcode: "1 2probe".
        func frame() -> String {
            while received.count < 6 { guard fill() else { return "" } }
            let length = Int(received[1] & 0x7F)
            guard received[1] & 0x80 != 0, length < 126 else { return "not masked, or long" }
            while received.count < 6 + length { guard fill() else { return "" } }
            defer { received.removeFirst(6 + length) }
            let key = received[2..<6]
            let payload = received[6..<(6 + length)].enumerated().map { $1 ^ key[2 + $0 % 4] }
            return "\(received[0] & 15) \(String(decoding: payload, as: UTF8.self))"
        }

        /// Waits until the client closes the connection, and throws away what it sends until then.
        func awaitEnd() { while fill() { received = [] } }

        /// Passes on what comes from either side until one of them ends.
        func pass(on other: CInt) {
            while true {
                var ready = [
                    pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: other, events: Int16(POLLIN), revents: 0),
                ]
                guard poll(&ready, 2, -1) > 0 else { return }
                for (from, to) in [(0, other), (1, descriptor)] where ready[from].revents != 0 {
                    var chunk = [UInt8](repeating: 0, count: 65536)
                    let count = recv(ready[from].fd, &chunk, chunk.count, 0)
                    guard count > 0, Glibc.send(to, chunk, count, CInt(MSG_NOSIGNAL)) == count else { return }
                }
            }
        }

        /// A response of status 200.
        func respond(_ body: String, _ fields: String = "") { respond(Array(body.utf8), fields) }

        func respond(_ body: [UInt8], _ fields: String = "") {
            write("HTTP/1.1 200 OK\r\n\(fields)Content-Length: \(body.count)\r\n\r\n")
            write(body)
        }

        /// Answers the request for a WebSocket in `head`.
        func acceptWebSocket(_ head: String, _ fields: String = "") {
            let key = head.split(separator: "\r\n").first { $0.hasPrefix("Sec-WebSocket-Key: ") }?.dropFirst(19) ?? ""
            let proof = Array(key.utf8).withUnsafeBytes { WebSocketAccept.proof(forKey: $0) }
            write(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: \(proof)\r\n\(fields)\r\n")
        }

        /// Sends a text, in one frame.
        func send(text: String) {
            var frame: [UInt8] = [0x81]
            if text.utf8.count < 126 {
                frame.append(UInt8(truncatingIfNeeded: text.utf8.count))
            } else {
                frame += [126] + [8, 0].map { UInt8(truncatingIfNeeded: text.utf8.count >> $0) }
            }
            write(frame + Array(text.utf8))
        }
    }

    static let open = #"0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100000}"#
    static let openWithUpgrade =
        #"0{"sid":"s","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100000}"#

    private let descriptor: CInt
    let port: Int
    /// What scripts tell the test.
    let lines = Lines()
    private let peers = Mutex<[CInt]>([])

    /// `script` runs once for each connection, with its number; the connection is closed when it returns.
    init(_ script: @escaping @Sendable (Peer, Int) -> Void) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        try #require(result)
        port = Int(UInt16(bigEndian: address.sin_port))
        Self.startThread {
            var number = 0
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else {
                    // Here: closed elsewhere, the number might be another socket's at the next accept.
                    close(descriptor)
                    return
                }
                self.peers.withLock { $0.append(connection) }
                let current = number
                number += 1
                Self.startThread {
                    script(Peer(connection), current)
                    self.peers.withLock { peers in
                        peers.removeAll { $0 == connection }
                        close(connection)
                    }
                }
            }
        }
    }

    /// Ends all connections, as a process does that is killed, and listens no more.
    func stop() {
        shutdown(descriptor, CInt(SHUT_RDWR))
        peers.withLock { peers in
            for peer in peers { shutdown(peer, CInt(SHUT_RDWR)) }
        }
    }

    private static func startThread(_ work: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Box(work))
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { box in
                if let box { Unmanaged<Box>.fromOpaque(box).takeRetainedValue().work() }
                return nil
            }, box.toOpaque())
        pthread_detach(thread)
    }

    private final class Box: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
}

/// Runs `body` with a scripted server and a rig for clients.
func withScript(_ server: ScriptedServer, _ body: (ScriptedServer, ClientRig) throws -> Void) throws {
    let rig = try ClientRig()
    defer {
        server.stop()
        rig.close()
    }
    try body(server, rig)
}

extension ClientRig {
    /// A client of a scripted server, opened.
    func openClient(
        of server: ScriptedServer, scheme: String = "http", _ change: (inout EngineClientOptions) -> Void = { _ in }
    ) throws -> TestClient {
        try openClient("\(scheme)://127.0.0.1:\(server.port)/", change)
    }
}
