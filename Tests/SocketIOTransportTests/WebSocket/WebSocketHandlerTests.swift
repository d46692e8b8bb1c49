import EngineIOCore
import NIOCore
import NIOEmbedded
import Testing

@testable import SocketIOTransport

/// A WebSocket session in an embedded channel.
@Suite struct WebSocketHandlerTests {
    // MARK: Frames

    /// A stream of every kind of frame, and what it amounts to.
    private static let stream: [UInt8] = [
        Frame.text("4hello"), .binary([1, 2, 3]), .ping([0x61]), .start("4fr"), .ping([]), .middle("ag"), .end("ment"),
        .pong([9]), .text("4"), .binary([]), .text("4" + String(repeating: "x", count: 300)),
    ].flatMap(\.bytes)

    private static let meaning =
        ["open", "text hello", "binary 010203", "text fragment", "text ", "binary "]
        + ["text " + String(repeating: "x", count: 300)]

    @Test func manyFramesInOneRead() throws {
        let server = EmbeddedServer()
        let client = try server.connectWebSocket()
        client.send(Self.stream)
        #expect(server.recorder.lines == Self.meaning)
        #expect(client.receivedFrames() == ["pong 61", "pong "])
    }

    @Test func framesSplitAtEveryByte() throws {
        for split in 1..<Self.stream.count {
            let server = EmbeddedServer()
            let client = try server.connectWebSocket()
            client.send(Self.stream[..<split])
            client.send(Self.stream[split...])
            #expect(server.recorder.lines == Self.meaning, "split at \(split)")
            #expect(client.receivedFrames() == ["pong 61", "pong "], "split at \(split)")
        }
    }

    @Test func framesByteByByte() throws {
        let server = EmbeddedServer()
        let client = try server.connectWebSocket()
        for byte in Self.stream { client.send([byte]) }
        #expect(server.recorder.lines == Self.meaning)
        #expect(client.receivedFrames() == ["pong 61", "pong "])
    }

    @Test func aLargeMessageInSmallPieces() throws {
        let server = EmbeddedServer()
        let client = try server.connectWebSocket()
        let text = String(repeating: "0123456789", count: 30_000)
        let bytes = Frame.text("4" + text).bytes + Frame.text("4end").bytes
        for start in stride(from: 0, to: bytes.count, by: 1460) {
            client.send(bytes[start..<min(start + 1460, bytes.count)])
        }
        #expect(server.recorder.lines == ["open", "text " + text, "text end"])
    }

    @Test func binaryInTheFormOfPolling() throws {
        let server = EmbeddedServer()
        let client = try server.connectWebSocket()
        client.send(.text("bAQID"))
        #expect(server.recorder.lines == ["open", "binary 010203"])
    }

    // MARK: Writing

    @Test func whatATurnWritesLeavesAtOnce() throws {
        let server = EmbeddedServer()
        server.recorder.isEcho = true
        let client = try server.connectWebSocket()
        client.flushes.reset()
        client.send(.text("4a"), .text("4b"), .ping([7]), .text("4c"))
        #expect(client.flushes.count == 1)
        #expect(client.flushes.writes == 1)
        #expect(client.receivedFrames() == ["text 4a", "text 4b", "pong 07", "text 4c"])
    }

    @Test func whatIsSentOutsideOfAReadLeavesAtTheEndOfTheTurn() throws {
        let server = EmbeddedServer()
        let client = try server.connectWebSocket()
        let session = try #require(server.recorder.sessions.first)
        client.flushes.reset()
        session.send(EnginePacket(text: "4a"))
        session.send(text: 1) { memory in
            memory[0] = UInt8(ascii: "b")
            return 1
        }
        session.send(EnginePacket(text: "4c"))
        #expect(client.flushes.count == 0)
        server.eventLoop.run()
        #expect(client.flushes.count == 1)
        #expect(client.receivedFrames() == ["text 4a", "text 4b", "text 4c"])
    }

    @Test func aConnectionThatIsFullHoldsPacketsBack() throws {
        let server = EmbeddedServer { $0.session.bufferedBytes = 20 }
        let client = try server.connectWebSocket()
        let session = try #require(server.recorder.sessions.first)
        client.channel.isWritable = false
        client.channel.pipeline.fireChannelWritabilityChanged()
        session.send(EnginePacket(text: "4a"))
        session.send(EnginePacket(text: "4b"))
        server.eventLoop.run()
        #expect(client.receivedFrames().isEmpty)
        #expect(server.engine.bufferedBytes == 8)
        client.channel.isWritable = true
        client.channel.pipeline.fireChannelWritabilityChanged()
        server.eventLoop.run()
        #expect(client.receivedFrames() == ["text 4a", "text 4b"])
        #expect(server.engine.bufferedBytes == 0)

        client.channel.isWritable = false
        client.channel.pipeline.fireChannelWritabilityChanged()
        session.send(EnginePacket(text: "4" + String(repeating: "x", count: 30)))
        server.eventLoop.run()
        #expect(server.recorder.lines.last == "closed transport error")
        #expect(server.engine.bufferedBytes == 0)
        #expect(server.engine.sessionCount == 0)
    }

    // MARK: Violations

    private struct Violation: CustomTestStringConvertible, Sendable {
        let name: String
        let bytes: [UInt8]
        let code: Int

        init(_ name: String, _ bytes: [UInt8], _ code: Int) {
            self.name = name
            self.bytes = bytes
            self.code = code
        }

        var testDescription: String { name }
    }

    private static let violations: [Violation] = [
        Violation("not masked", Frame(first: 0x81, payload: [0x34], isMasked: false).bytes, 1002),
        Violation("a reserved bit", Frame(first: 0xC1, payload: [0x34]).bytes, 1002),
        Violation("a reserved opcode", Frame(first: 0x83, payload: [0x34]).bytes, 1002),
        Violation("a continuation of nothing", Frame.end("x").bytes, 1002),
        Violation("a message inside another", Frame.start("4a").bytes + Frame.text("4b").bytes, 1002),
        Violation("a fragmented ping", Frame(first: 0x09, payload: []).bytes, 1002),
        Violation("a ping of 126 bytes", [0x89, 0xFE], 1002),
        Violation("half a close code", Frame(first: 0x88, payload: [3]).bytes, 1002),
        Violation("a close code for local use", Frame.close(1005).bytes, 1002),
        Violation("a close reason that is not UTF-8", Frame(first: 0x88, payload: [3, 0xE8, 0xFF]).bytes, 1007),
        Violation("text that is not UTF-8", Frame(first: 0x81, payload: [0x34, 0xC0, 0x80]).bytes, 1007),
        Violation("a length with the highest bit", [0x82] + [UInt8](repeating: 0xFF, count: 9), 1002),
        Violation("a length as large as it goes", [0x82, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7), 1009),
        Violation("a byte more than the limit", [0x82, 0xFE, 0, 101], 1009),
        Violation(
            "fragments that are too large together",
            Frame.start(String(repeating: "4", count: 60)).bytes + Frame.end(String(repeating: "4", count: 41)).bytes,
            1009),
    ]

    @Test(arguments: violations)
    private func closesWithACode(_ violation: Violation) throws {
        let server = EmbeddedServer { $0.maxHTTPBufferSize = 100 }
        let client = try server.connectWebSocket()
        client.send(violation.bytes + Frame.text("4after").bytes)
        #expect(client.receivedFrames() == ["close \(violation.code)"])
        #expect(server.recorder.lines == ["open", "closed transport error"])
        #expect(server.engine.sessionCount == 0)
        // The answer of the client, or its silence, ends the connection.
        server.eventLoop.advanceTime(by: .seconds(5))
        #expect(client.isClosed)
        #expect(server.engine.connectionCount == 0)
    }

    @Test func exactlyTheLimitIsAccepted() throws {
        let server = EmbeddedServer { $0.maxHTTPBufferSize = 100 }
        let client = try server.connectWebSocket()
        client.send(Frame.binary([UInt8](repeating: 1, count: 100)))
        #expect(server.recorder.lines.last == "binary " + String(repeating: "01", count: 100))
    }

    // MARK: Packets that end a session

    private static let packets: [(String, [String], String)] = [
        ("", ["close"], "closed parse error"),
        ("x", ["close"], "closed parse error"),
        ("7", ["close"], "closed parse error"),
        ("2", ["close"], "closed transport error"),
        ("1", ["close"], "closed transport close"),
    ]

    @Test(arguments: packets)
    private func endsTheSession(_ packet: String, _ frames: [String], _ line: String) throws {
        let server = EmbeddedServer()
        let client = try server.connectWebSocket()
        client.send(.text(packet), .text("4after"))
        #expect(client.receivedFrames() == frames)
        #expect(server.recorder.lines == ["open", line])
    }

    @Test(arguments: ["0", "5", "6", "3", "0{}", "3probe"])
    private func doesNotEndTheSession(_ packet: String) throws {
        let server = EmbeddedServer()
        let client = try server.connectWebSocket()
        client.send(.text(packet), .text("4after"))
        #expect(client.receivedFrames().isEmpty)
        #expect(server.recorder.lines == ["open", "text after"])
    }

    // MARK: The end

    @Test(arguments: [(nil, "close"), (1000, "close 1000"), (1001, "close 1001"), (4999, "close 4999")])
    private func answersACloseFrame(code: UInt16?, answer: String) throws {
        let server = EmbeddedServer()
        let client = try server.connectWebSocket()
        client.send(.close(code))
        #expect(server.recorder.lines == ["open", "closed transport close"])
        #expect(client.receivedFrames() == [answer])
        #expect(client.isClosed)
        #expect(server.engine.sessionCount == 0)
        #expect(server.engine.connectionCount == 0)
    }

    @Test func whatWasWrittenBeforeACloseFrameLeaves() throws {
        let server = EmbeddedServer()
        server.recorder.isEcho = true
        let client = try server.connectWebSocket()
        client.send(.text("4last"), .close())
        #expect(client.receivedFrames() == ["text 4last", "close"])
    }

    @Test func theServerClosesInOrder() throws {
        let server = EmbeddedServer()
        let client = try server.connectWebSocket()
        let session = try #require(server.recorder.sessions.first)
        session.send(EnginePacket(text: "4bye"))
        session.close(.forcedClose)
        server.eventLoop.run()
        #expect(client.receivedFrames() == ["text 4bye", "close"])
        #expect(server.recorder.lines == ["open", "closed forced close"])
        #expect(!client.isClosed)
        client.send(.text("4late"), .ping([1]))
        #expect(client.receivedFrames().isEmpty)
        client.send(.close())
        #expect(client.isClosed)
        #expect(server.recorder.lines == ["open", "closed forced close"])
        #expect(server.engine.connectionCount == 0)
    }

    @Test func aClientThatDoesNotAnswerACloseFrameIsCutOff() throws {
        let server = EmbeddedServer()
        let client = try server.connectWebSocket()
        try #require(server.recorder.sessions.first).close(.forcedClose)
        server.eventLoop.advanceTime(by: .milliseconds(4999))
        #expect(!client.isClosed)
        server.eventLoop.advanceTime(by: .milliseconds(1))
        #expect(client.isClosed)
        #expect(server.engine.connectionCount == 0)
    }

    @Test func theConnectionIsCut() throws {
        let server = EmbeddedServer()
        let client = try server.connectWebSocket()
        client.send(Frame.text("4half").bytes.dropLast())
        client.disconnect()
        #expect(server.recorder.lines == ["open", "closed transport close"])
        #expect(server.engine.sessionCount == 0)
        #expect(server.engine.connectionCount == 0)
    }

    @Test func closingInsideAMessageIsTheEndOfTheRead() throws {
        let server = EmbeddedServer()
        let client = try server.connectWebSocket()
        client.send(.text("1"), .text("4a"), .binary([1]), .close(1000))
        #expect(server.recorder.lines == ["open", "closed transport close"])
        #expect(client.receivedFrames() == ["close"])
    }

    // MARK: Reading is paused

    @Test func aPausedLoopDoesNotRead() throws {
        let server = EmbeddedServer()
        let client = try server.connectWebSocket()
        let reads = ReadCounter()
        try client.channel.pipeline.syncOperations.addHandler(reads, position: .first)
        server.loop.pauseReading()
        client.channel.read()
        client.channel.read()
        #expect(reads.count == 0)
        server.loop.resumeReading()
        #expect(reads.count == 1)
        client.channel.read()
        #expect(reads.count == 2)
    }

    private final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }
}
