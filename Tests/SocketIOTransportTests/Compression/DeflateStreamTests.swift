import EngineIOCore
import Testing

@testable import SocketIOTransport

@Suite struct DeflateStreamTests {
    private func withBytes<Result>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { body($0) }
    }

    private func compressed(_ message: [UInt8], _ stream: DeflateStream) -> [UInt8]? {
        var memory = OutputMemory(capacity: 64)
        defer { memory.deallocate() }
        return withBytes(message) { stream.flush($0, into: &memory) } ? Array(memory.bytes) : nil
    }

    private func inflated(
        _ message: [UInt8], _ stream: InflateStream, limit: Int = 10_000_000
    ) -> (InflateStream.Outcome, [UInt8]) {
        var memory = OutputMemory(capacity: 64)
        defer { memory.deallocate() }
        let outcome = withBytes(message) { stream.inflate($0, limit: limit, into: &memory) }
        return (outcome, Array(memory.bytes))
    }

    private func random(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
    }

    // MARK: RFC 7692, section 7.2.3

    @Test func theMessagesOfTheRFC() throws {
        let stream = try #require(InflateStream(windowBits: 15))
        let hello = Array("Hello".utf8)
        let messages: [[UInt8]] = [
            [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
            // Refers back to the message before.
            [0xF2, 0x00, 0x11, 0x00, 0x00],
            // Not compressed.
            [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00],
            // With a last block, and what follows it.
            [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00],
            // In two blocks.
            [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00],
        ]
        for message in messages {
            let (outcome, bytes) = inflated(message, stream)
            #expect(outcome == .done && bytes == hello, "\(message)")
        }
    }

    @Test func theWindowOutlivesALastBlock() throws {
        let stream = try #require(InflateStream(windowBits: 15))
        // Some compressors leave out the empty block behind it.
        #expect(inflated([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], stream).1 == Array("Hello".utf8))
        #expect(inflated([0xF2, 0x00, 0x11, 0x00, 0x00], stream).1 == Array("Hello".utf8))
    }

    @Test func emptyMessages() throws {
        let stream = try #require(InflateStream(windowBits: 15))
        for message: [UInt8] in [[0x00], [], [0x02, 0x00], [0x00]] {
            let (outcome, bytes) = inflated(message, stream)
            #expect(outcome == .done && bytes.isEmpty, "\(message)")
        }
        #expect(inflated([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], stream).1 == Array("Hello".utf8))
    }

    // MARK: Both ways

    @Test(arguments: 9...15, [1, 6, 9])
    private func messagesComeBack(windowBits: Int32, level: Int32) throws {
        let parameters = DeflateParameters(format: .raw, windowBits: windowBits, level: level, memLevel: level)
        let deflate = try #require(DeflateStream(parameters))
        let inflate = try #require(InflateStream(windowBits: windowBits))
        let text = Array(String(repeating: "the same again, ", count: 5000).utf8)
        for message in [text, Array("x".utf8), random(200_000), text, random(1), random(40_000) + random(40_000)] {
            let small = try #require(compressed(message, deflate))
            let (outcome, bytes) = inflated(small, inflate)
            #expect(outcome == .done && bytes == message, "\(message.count) bytes")
        }
    }

    @Test func contextIsTakenOverUnlessReset() throws {
        let stream = try #require(DeflateStream(DeflateParameters(format: .raw)))
        let message = random(1000)
        let first = try #require(compressed(message, stream))
        let second = try #require(compressed(message, stream))
        #expect(first.count > 1000 && second.count < 30)
        stream.reset()
        #expect(compressed(message, stream) == first)
    }

    /// No message of the largest size is refused for what a compressor makes of it.
    @Test(arguments: 1...9)
    private func whatDoesNotCompressStaysBelowTheLimitOfFrames(memLevel: Int32) throws {
        let stream = try #require(DeflateStream(DeflateParameters(format: .raw, windowBits: 9, memLevel: memLevel)))
        for size in [1, 100, 10_000, 1_000_000] {
            let small = try #require(compressed(random(size), stream))
            #expect(small.count <= WebSocketMessageAssembler.maxCompressed(size), "\(size) bytes")
        }
    }

    // MARK: Hostile messages

    /// A bomb (Daphne CVE-2026-44545, aiohttp and others): 1 MB that holds 1 GB stops at the limit, and so does what
    /// holds one byte too many; what just fits is delivered.
    @Test func bombsStopAtTheLimit() throws {
        let deflate = try #require(DeflateStream(DeflateParameters(format: .raw, level: 9)))
        var bomb: [UInt8] = []
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for _ in 0..<1024 { bomb += (compressed(zeros, deflate) ?? []) + DeflateStream.tail }
        #expect(bomb.count < 1_200_000)
        var memory = OutputMemory(capacity: 64)
        defer { memory.deallocate() }
        let inflate = try #require(InflateStream(windowBits: 15))
        #expect(withBytes(bomb) { inflate.inflate($0, limit: 100_000, into: &memory) } == .tooBig)
        #expect(memory.capacity <= 400_000)

        deflate.reset()
        let message = try #require(compressed([UInt8](repeating: 7, count: 5000), deflate))
        inflate.reset()
        #expect(inflated(message, inflate, limit: 4999).0 == .tooBig)
        inflate.reset()
        #expect(inflated(message, inflate, limit: 5000).0 == .done)
    }

    /// swift-nio-extras GHSA-xhhr-p2r9-jmm7: what is cut off is no message, and not part of the next one.
    @Test func truncatedMessagesAreCorrupt() throws {
        let deflate = try #require(DeflateStream(DeflateParameters(format: .raw)))
        let message = try #require(compressed(random(300) + [UInt8](repeating: 1, count: 3000), deflate))
        try #require(message.count > 1)
        for size in 1..<message.count {
            let inflate = try #require(InflateStream(windowBits: 15))
            let (outcome, bytes) = inflated(Array(message[..<size]), inflate)
            // Some parts are whole blocks by themselves, and then a message; but a shorter one.
            #expect(outcome == .corrupt || bytes.count < 3300, "\(size) bytes")
        }
        let stored: [UInt8] = [0x00, 0x09, 0x00, 0xF6, 0xFF, 0x48]
        let inflate = try #require(InflateStream(windowBits: 15))
        #expect(inflated(stored, inflate).0 == .corrupt)
    }

    @Test func noiseIsCorruptOrBounded() throws {
        let inflate = try #require(InflateStream(windowBits: 15))
        for seed in 0..<3000 {
            let (outcome, bytes) = inflated(random(64, seed: UInt64(seed)), inflate, limit: 2000)
            #expect(bytes.count <= 2001)
            if outcome != .done { inflate.reset() }
        }
        #expect(inflated([0x07, 0x00], inflate).0 == .corrupt)
    }

    @Test func whatRefersBackTooFarIsCorrupt() throws {
        let deflate = try #require(DeflateStream(DeflateParameters(format: .raw)))
        let inflate = try #require(InflateStream(windowBits: 9))
        let text = random(2000)
        #expect(inflated(try #require(compressed(text, deflate)), inflate).0 == .done)
        #expect(inflated(try #require(compressed(text, deflate)), inflate).0 == .corrupt)
    }

    /// A message of half a million last blocks takes no longer than its bytes.
    @Test(.timeLimit(.minutes(1))) func manyLastBlocksAreCheap() throws {
        let inflate = try #require(InflateStream(windowBits: 15))
        let deflate = try #require(DeflateStream(DeflateParameters(format: .raw)))
        let filler = try #require(compressed(random(32_768), deflate))
        #expect(inflated(filler, inflate).0 == .done)
        let message = Array([[UInt8]](repeating: [0x03, 0x00], count: 500_000).joined())
        let clock = ContinuousClock()
        let time = clock.measure { #expect(inflated(message, inflate).0 == .done) }
        #expect(time < .seconds(30))
    }

    // MARK: The loop's

    @Test func theLoopsStreamsAreMadeOnceAndForget() throws {
        let server = EmbeddedServer()
        let parameters = DeflateParameters(format: .raw, windowBits: 10)
        let first = try #require(server.loop.compression.deflate(parameters))
        let message = random(500)
        let before = compressed(message, first)
        let second = try #require(server.loop.compression.deflate(parameters))
        #expect(first === second)
        #expect(compressed(message, second) == before)
        let inflate = try #require(server.loop.compression.inflate(windowBits: 10))
        #expect(inflate === server.loop.compression.inflate(windowBits: 10))
        #expect(inflate !== server.loop.compression.inflate(windowBits: 11))
    }
}
