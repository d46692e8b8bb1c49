import EngineIOCore
import NIOCore
import NIOEmbedded
import Testing

@testable import SocketIOTransport

/// What a server told the layer above, in the order of the calls: "open", "text hello", "binary 0102", "closed
/// transport close", "request GET /".
///
/// SAFETY of `@unchecked Sendable`: an embedded loop has the test's thread only.
final class Recorder: @unchecked Sendable {
    var lines: [String] = []
    /// What lay behind the ends of sessions.
    var details: [String] = []
    var upgrades = 0
    /// Sends every message back.
    var isEcho = false
    /// What answers requests outside the path; without it they wait.
    var answer: HTTPResponse?
    /// The warnings of its log.
    var logged: [String] = []
    var sessions: [EngineSession] = []
    var exchanges: [HTTPExchange] = []
}

final class RecordingDelegate: EngineSessionDelegate {
    func opened() {}
    private let session: EngineSession
    private let recorder: Recorder

    init(_ session: EngineSession, _ recorder: Recorder) {
        self.session = session
        self.recorder = recorder
        recorder.lines.append("open")
        recorder.sessions.append(session)
    }

    func received(text: UnsafeMutableRawBufferPointer) {
        recorder.lines.append("text " + String(decoding: text, as: UTF8.self))
        guard recorder.isEcho else { return }
        session.send(text: text.count) { memory in
            memory.copyMemory(from: UnsafeRawBufferPointer(text))
            return text.count
        }
    }

    func received(binary: UnsafeMutableRawBufferPointer) {
        recorder.lines.append("binary " + hexadecimal(binary))
    }

    func upgraded() {
        recorder.upgrades += 1
    }

    func closed(_ reason: CloseReason, _ details: CloseDetails) {
        recorder.lines.append("closed " + reason.rawValue)
        recorder.details.append(details.text)
    }

    func ownerDeadlineReached() {
        recorder.lines.append("deadline")
    }

    var hearsOfDrains: Bool { true }

    func drained() {
        recorder.lines.append("drained")
    }
}

/// An Engine.IO server on one loop without threads, sockets or time.
final class EmbeddedServer {
    let eventLoop = EmbeddedEventLoop()
    let loop: EngineLoop
    let engine: EngineServer
    let recorder = Recorder()

    init(_ change: (inout EngineOptions) -> Void = { _ in }) {
        var options = EngineOptions()
        change(&options)
        let recorder = recorder
        loop = EngineLoop(eventLoop: eventLoop, index: 0)
        engine = EngineServer(
            options: options, runtime: EngineRuntime(threads: 1),
            handlers: EngineHandlers(
                session: { RecordingDelegate($0, recorder) },
                request: { exchange in
                    recorder.lines.append("request \(exchange.head.text.method) \(exchange.head.text.target)")
                    recorder.exchanges.append(exchange)
                    if let answer = recorder.answer { exchange.respond(answer) }
                },
                log: { recorder.logged.append($1) }, logLevel: { .warning }))
    }

    deinit { try? eventLoop.close() }

    /// A connection as the listener sets it up.
    func connect(from peer: PeerAddress = PeerAddress(nil), isSecure: Bool = false) throws -> EmbeddedClient {
        let client = EmbeddedClient(channel: EmbeddedChannel(loop: eventLoop))
        let handler = HTTPHandler(
            engine: engine, loop: loop, source: RequestSource(peer: peer, isSecure: isSecure), descriptor: -1)
        try client.channel.pipeline.syncOperations.addHandlers(client.flushes, handler)
        client.channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        eventLoop.run()
        return client
    }

    /// A WebSocket with a session of its own.
    func connectWebSocket() throws -> EmbeddedClient {
        let client = try connect()
        client.send(.webSocketUpgrade)
        #expect(client.received().hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
        return client
    }

    /// A polling session; its id.
    func openPolling() throws -> String {
        let client = try connect()
        client.send(.get("/socket.io/?EIO=4&transport=polling"))
        let text = client.received()
        let sid = try #require(text.split(separator: "\"").dropFirst(3).first)
        return String(sid)
    }
}

/// The peer of an embedded channel.
final class EmbeddedClient {
    let channel: EmbeddedChannel
    let flushes = FlushCounter()

    init(channel: EmbeddedChannel) {
        self.channel = channel
    }

    /// Sends bytes that arrive in one read.
    func send(_ bytes: some Sequence<UInt8>) {
        _ = try? channel.writeInbound(ByteBuffer(bytes: bytes))
        channel.embeddedEventLoop.run()
    }

    func send(_ text: String) { send(text.utf8) }

    func send(_ frames: Frame...) { send(frames.flatMap(\.bytes)) }

    /// The client ends the connection.
    func disconnect() {
        channel.close(promise: nil)
        channel.embeddedEventLoop.run()
    }

    /// All bytes since the last call.
    func receivedBytes() -> [UInt8] {
        var bytes: [UInt8] = []
        while let buffer = try? channel.readOutbound(as: ByteBuffer.self) { bytes += Array(buffer: buffer) }
        return bytes
    }

    func received() -> String { String(decoding: receivedBytes(), as: UTF8.self) }

    /// The frames since the last call: "text 4hello", "binary 01", "close 1002", "close", "pong 61".
    func receivedFrames() -> [String] { describeFrames(receivedBytes()) }

    /// The status lines and bodies of the responses since the last call: "200 ok".
    func responses() -> [String] { describeResponses(received()) }

    var isClosed: Bool { !channel.isActive }
}

/// Counts what reaches the network.
final class FlushCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private(set) var writes = 0
    private(set) var count = 0

    func reset() {
        writes = 0
        count = 0
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        writes += 1
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        if writes > 0 { count += 1 }
        context.flush()
    }
}

extension Collection {
    /// The element with this number, from 0. A test that finds fewer ends, and says what there is.
    func at(_ number: Int, sourceLocation: SourceLocation = #_sourceLocation) throws -> Element {
        let found = "number \(number) of \(count): \(Array(prefix(20)))"
        return try #require(dropFirst(number).first, "\(found)", sourceLocation: sourceLocation)
    }
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// The frames of a server: not masked, not fragmented.
func describeFrames(_ bytes: [UInt8]) -> [String] {
    var frames: [String] = []
    var rest = bytes[...]
    while rest.count >= 2, let first = rest.first {
        let short = Int(rest[rest.startIndex + 1])
        let lengthSize = short < 126 ? 0 : short == 126 ? 2 : 8
        rest = rest.dropFirst(2)
        let long = rest.prefix(lengthSize).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let length = lengthSize == 0 ? short : Int(clamping: long)
        rest = rest.dropFirst(lengthSize)
        let payload = Array(rest.prefix(length))
        rest = rest.dropFirst(length)
        switch first {
        case 0x81: frames.append("text " + String(decoding: payload, as: UTF8.self))
        case 0x82: frames.append("binary " + hexadecimal(payload))
        case 0x88: frames.append(payload.count < 2 ? "close" : "close \(Int(payload[0]) << 8 | Int(payload[1]))")
        case 0x89: frames.append("ping " + hexadecimal(payload))
        case 0x8A: frames.append("pong " + hexadecimal(payload))
        default: frames.append("frame \(first)")
        }
    }
    if !rest.isEmpty { frames.append("\(rest.count) bytes") }
    return frames
}

/// Responses with a Content-Length: the status and the body of each.
func describeResponses(_ text: String) -> [String] {
    var responses: [String] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        guard let end = rest.indices.first(where: { rest[$0...].starts(with: Array("\r\n\r\n".utf8)) }) else {
            return responses + ["cut: " + String(decoding: rest, as: UTF8.self)]
        }
        let head = String(decoding: rest[..<end], as: UTF8.self)
        rest = rest[(end + 4)...]
        guard let status = head.split(separator: " ").dropFirst().first else {
            return responses + ["no status: " + head]
        }
        let length =
            head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }
            .flatMap { UInt32($0.dropFirst(16)) }.map(Int.init) ?? 0
        let body = String(decoding: rest.prefix(length), as: UTF8.self)
        rest = rest.dropFirst(length)
        responses.append(body.isEmpty ? String(status) : "\(status) \(body)")
    }
    return responses
}

extension String {
    static let webSocketUpgrade = upgrade()

    static func upgrade(sid: String? = nil, fields: String = "") -> String {
        "GET /socket.io/?EIO=4&transport=websocket\(sid.map { "&sid=\($0)" } ?? "") HTTP/1.1\r\nHost: localhost\r\n"
            + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Version: 13\r\n\(fields)\r\n"
    }

    static func get(_ target: String, fields: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
    }

    static func post(_ target: String, fields: String = "", _ body: String) -> String {
        "POST \(target) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    static func poll(_ sid: String) -> String { get("/socket.io/?EIO=4&transport=polling&sid=\(sid)") }

    static func post(sid: String, fields: String = "", _ body: String) -> String {
        post("/socket.io/?EIO=4&transport=polling&sid=\(sid)", fields: fields, body)
    }

    /// The head of a request of a session.
    static func head(_ method: String, sid: String, _ field: String) -> String {
        "\(method) /socket.io/?transport=polling&sid=\(sid) HTTP/1.1\r\nHost: localhost\r\n\(field)\r\n\r\n"
    }
}

/// A frame as a client sends it, legal or not.
struct Frame {
    var first: UInt8
    var payload: [UInt8]
    var isMasked = true

    static func text(_ text: String) -> Frame { Frame(first: 0x81, payload: Array(text.utf8)) }
    static func binary(_ payload: [UInt8]) -> Frame { Frame(first: 0x82, payload: payload) }
    static func start(_ text: String) -> Frame { Frame(first: 0x01, payload: Array(text.utf8)) }
    static func middle(_ text: String) -> Frame { Frame(first: 0x00, payload: Array(text.utf8)) }
    static func end(_ text: String) -> Frame { Frame(first: 0x80, payload: Array(text.utf8)) }
    static func ping(_ payload: [UInt8]) -> Frame { Frame(first: 0x89, payload: payload) }
    static func pong(_ payload: [UInt8]) -> Frame { Frame(first: 0x8A, payload: payload) }
    static func close(_ code: UInt16? = nil) -> Frame {
        Frame(first: 0x88, payload: code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } ?? [])
    }

    var bytes: [UInt8] {
        let mark: UInt8 = isMasked ? 0x80 : 0
        var bytes = [first]
        switch payload.count {
        case ..<126: bytes.append(mark | UInt8(truncatingIfNeeded: payload.count))
        case ..<65536: bytes += [mark | 126] + [8, 0].map { UInt8(truncatingIfNeeded: payload.count >> $0) }
        default:
            bytes.append(mark | 127)
            bytes += (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        guard isMasked else { return bytes + payload }
        let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }
}
