import Glibc
import NIOCore
import NIOEmbedded
import Testing

@testable import SocketIOTransport

/// What a connection writes: past the channel to the socket, and through the channel when the socket is full.
@Suite struct ConnectionOutputTests {
    /// A connection whose socket is one end of a pair, and whose channel records and holds what comes to it.
    private final class World {
        let channel: EmbeddedChannel
        let loop: EngineLoop
        let output: ConnectionOutput
        private let held = HeldWrites()
        private var pair: [CInt] = [-1, -1]

        init(hasDescriptor: Bool = true) throws {
            channel = EmbeddedChannel()
            loop = EngineLoop(eventLoop: channel.embeddedEventLoop, index: 0)
            #expect(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
            _ = fcntl(pair[1], F_SETFL, O_NONBLOCK)
            output = ConnectionOutput(loop: loop, descriptor: hasDescriptor ? pair[0] : -1)
            let owner = Owner()
            try channel.pipeline.syncOperations.addHandlers(held, owner)
            output.context = try channel.pipeline.syncOperations.context(handler: owner)
        }

        deinit {
            output.context = nil
            _ = try? channel.finish(acceptAlreadyClosed: true)
            for descriptor in pair where descriptor >= 0 { close(descriptor) }
        }

        /// What the peer can read now.
        func received() -> [UInt8] {
            var all: [UInt8] = []
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = read(pair[1], &bytes, bytes.count)
                guard count > 0 else { return all }
                all += bytes[..<count]
            }
        }

        /// Nothing more goes past the channel, which holds nothing that is seen here.
        func fillSocket() {
            _ = fcntl(pair[0], F_SETFL, O_NONBLOCK)
            let bytes = [UInt8](repeating: 0, count: 4096)
            while write(pair[0], bytes, bytes.count) > 0 {}
        }

        func closePeer() {
            close(pair[1])
            pair[1] = -1
        }

        /// What the channel holds.
        var heldBytes: [UInt8] { held.writes.flatMap { Array(buffer: $0.bytes) } }

        var heldSizes: [Int] { held.writes.map(\.bytes.readableBytes) }

        /// How often the channel was told to write.
        var channelFlushes: Int { held.flushes }

        /// The channel's socket took all that the channel held.
        func releaseHeld() {
            let writes = held.writes
            held.writes = []
            for write in writes { write.promise?.succeed(()) }
        }

        /// The channel has closed the socket, and says so of what it holds before it tells its handlers.
        func failHeld() {
            let writes = held.writes
            held.writes = []
            for write in writes { write.promise?.fail(ChannelError.eof) }
        }

        func append(_ bytes: [UInt8]) {
            output.append(bytes.count) { memory in
                memory.copyBytes(from: bytes)
                return bytes.count
            }
        }
    }

    /// The handler whose output it is.
    private final class Owner: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
    }

    /// Stands where the socket is, and is full.
    private final class HeldWrites: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var writes: [(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)] = []
        var flushes = 0

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            writes.append((unwrapOutboundIn(data), promise))
        }

        func flush(context: ChannelHandlerContext) {
            flushes += 1
        }
    }

    @Test func whatIsGatheredLeavesInOnePiece() throws {
        let world = try World()
        world.append(Array("abc".utf8))
        world.output.append(shared: ByteBuffer(string: "def"))
        world.append(Array("ghi".utf8))
        #expect(world.received() == [])
        world.output.flush()
        #expect(world.received() == Array("abcdefghi".utf8))
        world.output.flush()
        #expect(world.received() == [])
    }

    @Test func aSharedPieceAlone() throws {
        let world = try World()
        world.output.append(shared: ByteBuffer(string: "abc"))
        world.output.flush()
        #expect(world.received() == Array("abc".utf8))
    }

    @Test func pieceAfterPiece() throws {
        let world = try World()
        let large = [UInt8](repeating: 1, count: 20_000)
        world.output.append(shared: ByteBuffer(string: "abc"))
        world.output.append(shared: ByteBuffer(bytes: large))
        world.output.append(shared: ByteBuffer(string: "def"))
        world.output.flush()
        #expect(world.received() == Array("abc".utf8) + large + Array("def".utf8))
    }

    private func pieces(_ count: Int, of size: Int) -> [[UInt8]] {
        (0..<count).map { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: size) }
    }

    /// What others share is copied for nobody: a loop that is behind would need the time, and memory for each receiver.
    @Test func sharedPiecesLeaveTogetherAsTheyAre() throws {
        let world = try World()
        let all = pieces(40, of: 1000)
        for piece in all { world.output.append(shared: ByteBuffer(bytes: piece)) }
        #expect(world.received() == [])
        world.output.flush()
        #expect(world.received() == all.flatMap { $0 })
        // The same, where it can be seen.
        world.fillSocket()
        for piece in all { world.output.append(shared: ByteBuffer(bytes: piece)) }
        world.output.flush()
        #expect(world.heldSizes == all.map(\.count))
        world.releaseHeld()
        _ = world.received()
        world.append([1])
        world.output.flush()
        #expect(world.received() == [1] && world.heldBytes == [])
    }

    @Test func sharedPiecesAreCutWhereTheSocketIsFull() throws {
        let world = try World()
        let all = pieces(2000, of: 1111)
        for piece in all { world.output.append(shared: ByteBuffer(bytes: piece)) }
        world.output.flush()
        let taken = world.received()
        #expect(!taken.isEmpty && !world.heldBytes.isEmpty)
        #expect(taken + world.heldBytes == all.flatMap { $0 })
    }

    /// They are written when they are many, in bytes or in number.
    @Test(arguments: [(70, 1000), (300, 512)]) func sharedPiecesAreNotGatheredForEver(count: Int, size: Int) throws {
        let world = try World()
        for piece in pieces(count, of: size) { world.output.append(shared: ByteBuffer(bytes: piece)) }
        #expect(world.received().count >= 64 * 1024)
    }

    @Test func smallSharedPiecesBecomeOne() throws {
        let world = try World()
        world.fillSocket()
        for _ in 0..<3 { world.output.append(shared: ByteBuffer(string: "abc")) }
        world.output.flush()
        #expect(world.heldSizes == [9])
    }

    @Test func sharedPiecesAndOwn() throws {
        let world = try World()
        let all = pieces(30, of: 1000)
        for piece in all {
            world.output.append(shared: ByteBuffer(bytes: piece))
            world.output.append(shared: ByteBuffer(bytes: piece))
            world.append([255])
        }
        world.output.flush()
        #expect(world.received() == all.flatMap { $0 + $0 + [255] })
        for piece in all { world.output.append(shared: ByteBuffer(bytes: piece)) }
        world.append([255])
        world.output.flush()
        #expect(world.received() == all.flatMap { $0 } + [255])
        for piece in all { world.output.append(shared: ByteBuffer(bytes: piece)) }
        world.output.discard()
        world.output.flush()
        #expect(world.received() == [])
    }

    /// Behind TLS each would become a record of its own.
    @Test func withoutADescriptorSharedPiecesBecomeOne() throws {
        let world = try World(hasDescriptor: false)
        for piece in pieces(3, of: 1000) { world.output.append(shared: ByteBuffer(bytes: piece)) }
        world.output.flush()
        #expect(world.heldSizes == [3000])
    }

    @Test func muchIsNotGathered() throws {
        let world = try World()
        world.append([UInt8](repeating: 7, count: 100_000))
        #expect(world.received().count == 100_000)
    }

    @Test func lessThanWasReserved() throws {
        let world = try World()
        world.output.append(10) { memory in
            memory[0] = 1
            return 1
        }
        world.append([2])
        world.output.flush()
        #expect(world.received() == [1, 2])
    }

    @Test func discardedIsNotWritten() throws {
        let world = try World()
        world.append([1])
        world.output.discard()
        world.output.append(shared: ByteBuffer(bytes: [2]))
        world.output.discard()
        world.output.flush()
        #expect(world.received() == [])
    }

    @Test func withoutADescriptorAllGoesThroughTheChannel() throws {
        let world = try World(hasDescriptor: false)
        world.append([1, 2])
        world.output.flush()
        #expect(world.received() == [])
        #expect(world.heldBytes == [1, 2])
    }

    @Test func whatTheSocketDoesNotTakeWaitsInTheChannel() throws {
        let world = try World()
        let sent = (0..<50).map { [UInt8](repeating: UInt8($0), count: 60_000) }
        for bytes in sent {
            world.append(bytes)
            world.output.flush()
        }
        let taken = world.received()
        #expect(!taken.isEmpty)
        #expect(!world.heldBytes.isEmpty)
        // In order, and nothing twice: although there is room by now, what comes follows what waits.
        world.append([99])
        world.output.flush()
        #expect(world.received() == [])
        #expect(taken + world.heldBytes == sent.flatMap { $0 } + [99])
        world.releaseHeld()
        world.append([100])
        world.output.append(shared: ByteBuffer(bytes: [101]))
        world.output.flush()
        #expect(world.received() == [100, 101])
        #expect(world.heldBytes == [])
    }

    /// The descriptor may be that of another connection by then.
    @Test func nothingIsSentBehindTheEndOfTheSocket() throws {
        let world = try World()
        while world.heldBytes.isEmpty {
            world.append([UInt8](repeating: 0, count: 60_000))
            world.output.flush()
        }
        var hasCalled = false
        world.output.whenSent { hasCalled = true }
        _ = world.received()
        world.failHeld()
        #expect(!hasCalled)
        world.append([1])
        world.output.append(shared: ByteBuffer(bytes: [UInt8](repeating: 2, count: 50_000)))
        world.output.flush()
        #expect(world.received().isEmpty)
        #expect(world.heldBytes.count == 50_001)
        // Nor do those wait who are told when all has left.
        world.output.whenSent { hasCalled = true }
        world.failHeld()
        world.output.whenSent { hasCalled = true }
        #expect(!hasCalled)
    }

    @Test func aSharedPieceIsCutWhereTheSocketIsFull() throws {
        let world = try World()
        let piece = ByteBuffer(bytes: (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 / 1000) })
        world.output.append(shared: piece)
        world.output.flush()
        let taken = world.received()
        #expect(!taken.isEmpty && taken.count < piece.readableBytes)
        #expect(taken + world.heldBytes == Array(buffer: piece))
    }

    /// No signal, no crash: the channel meets the same error, and closes.
    @Test func aPeerThatIsGone() throws {
        let world = try World()
        world.closePeer()
        world.append([1])
        world.output.flush()
        #expect(world.heldBytes == [1])
    }

    /// A flush that fails reads, delivers and closes: not while somebody writes, who may be a handler.
    @Test func theChannelIsFlushedAtTheEndOfTheTurnOnly() throws {
        let world = try World()
        world.closePeer()
        world.append([UInt8](repeating: 1, count: 100_000))
        world.output.append(shared: ByteBuffer(bytes: [UInt8](repeating: 2, count: 100_000)))
        world.append([3])
        #expect(world.heldBytes.count == 200_000)
        #expect(world.channelFlushes == 0)
        world.output.flush()
        #expect(world.heldBytes.count == 200_001)
        #expect(world.channelFlushes == 1)
    }

    @Test func aLargeSharedPieceIsNotCopied() throws {
        let world = try World(hasDescriptor: false)
        let piece = ByteBuffer(bytes: [UInt8](repeating: 1, count: 100_000))
        world.output.append(shared: piece)
        world.append([2])
        world.output.flush()
        #expect(world.heldSizes == [100_000, 1])
    }

    /// Behind TLS the channel counts what is encrypted, which happens at the flush: before it, somebody has to be told
    /// that it has enough, once.
    @Test func aChannelWithoutADescriptorIsFullBeforeItIsFlushed() throws {
        let world = try World(hasDescriptor: false)
        var told: [Bool] = []
        world.output.whenFull { told.append($0) }
        let piece = [UInt8](repeating: 1, count: 128 * 1024)
        world.append(piece)
        world.append(piece)
        #expect(told.isEmpty && !world.output.isFull)
        world.append(piece)
        #expect(told == [true] && world.output.isFull)
        world.append(piece)
        #expect(told == [true])
        // The flush hands all over: who was told looks at the channel now.
        world.output.flush()
        #expect(told == [true, false] && !world.output.isFull)
        world.append(piece)
        #expect(told == [true, false])
        world.append(piece)
        world.append(piece)
        #expect(told == [true, false, true] && world.output.isFull)
    }

    /// The channel of one that has a descriptor can be asked at any time.
    @Test func aChannelWithADescriptorIsNeverFullHere() throws {
        let world = try World()
        world.output.whenFull { _ in Issue.record("told") }
        for _ in 0..<20 { world.append([UInt8](repeating: 1, count: 128 * 1024)) }
        #expect(!world.heldBytes.isEmpty && !world.output.isFull)
    }

    @Test func anOutputThatHasEndedTellsNobody() throws {
        let world = try World(hasDescriptor: false)
        world.output.whenFull { _ in Issue.record("told") }
        world.output.end()
        for _ in 0..<4 { world.append([UInt8](repeating: 1, count: 128 * 1024)) }
    }

    /// The descriptor of a connection that has ended may be somebody else's.
    @Test func afterTheEndNothingIsWritten() throws {
        let world = try World()
        world.append([1])
        world.output.end()
        world.append([2])
        world.output.append(shared: ByteBuffer(bytes: [UInt8](repeating: 3, count: 100_000)))
        world.output.flush()
        #expect(world.received() == [])
        #expect(world.heldBytes == [])
    }
}
