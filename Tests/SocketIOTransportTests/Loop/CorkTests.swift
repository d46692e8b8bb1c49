import Glibc
import NIOPosix
import Synchronization
import Testing

@testable import SocketIOTransport

/// A thread that does much in a row wakes the loop once, at the end of it.
@Suite struct CorkTests {
    private final class World: Sendable {
        private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop: EngineLoop
        private let done = Mutex<[Int]>([])

        init() {
            loop = EngineLoop(eventLoop: group.next(), index: 0)
        }

        func post(_ numbers: Range<Int>) {
            for number in numbers {
                loop.post { [self] in done.withLock { $0.append(number) } }
            }
        }

        /// What was done, once the loop has had a turn for all that it was woken for. Where much of it took long, the
        /// rest is done in later turns: waits until so many are, but not for ever.
        func seen(_ count: Int = 0) throws -> [Int] {
            var seen: [Int] = []
            for _ in 0..<10_000 {
                try loop.eventLoop.submit {}.wait()
                seen = done.withLock { $0 }
                if seen.count >= count { break }
                usleep(1000)
            }
            return seen
        }

        func end() throws { try group.syncShutdownGracefully() }
    }

    private func onAnotherThread(_ body: @escaping @Sendable () -> Void) throws {
        let other = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try other.next().submit(body).wait()
        try other.syncShutdownGracefully()
    }

    @Test func workWaitsForTheUncork() throws {
        let world = World()
        world.loop.cork()
        world.post(0..<3)
        #expect(try world.seen() == [])
        world.loop.uncork()
        #expect(try world.seen(3) == [0, 1, 2])
        world.post(3..<4)
        #expect(try world.seen(4) == [0, 1, 2, 3])
        try world.end()
    }

    @Test func muchWorkDoesNotWait() throws {
        let world = World()
        world.loop.cork()
        world.post(0..<63)
        #expect(try world.seen() == [])
        world.post(63..<64)
        #expect(try world.seen(64) == Array(0..<64))
        // And the next begins anew.
        world.post(64..<65)
        #expect(try world.seen(64).count == 64)
        world.loop.uncork()
        #expect(try world.seen(65) == Array(0..<65))
        try world.end()
    }

    @Test func workOfAnotherThreadTakesItAlong() throws {
        let world = World()
        world.loop.cork()
        world.post(0..<1)
        try onAnotherThread { world.post(1..<2) }
        #expect(try world.seen(2) == [0, 1])
        world.loop.uncork()
        #expect(try world.seen(2) == [0, 1])
        try world.end()
    }

    @Test func oneThreadHasIt() throws {
        let world = World()
        world.loop.cork()
        world.loop.cork()
        world.post(0..<1)
        try onAnotherThread {
            world.loop.cork()
            world.loop.uncork()
        }
        #expect(try world.seen() == [])
        try onAnotherThread {
            world.loop.cork()
            world.post(1..<2)
        }
        #expect(try world.seen(2) == [0, 1])
        world.loop.uncork()
        try world.end()
    }

    @Test func onTheLoopItChangesNothing() throws {
        let world = World()
        try world.loop.eventLoop.submit {
            world.loop.cork()
            world.post(0..<1)
        }.wait()
        #expect(try world.seen(1) == [0])
        try world.end()
    }

    @Test func withoutWorkNobodyIsWoken() throws {
        let world = World()
        world.loop.uncork()
        world.loop.cork()
        world.loop.uncork()
        world.loop.cork()
        world.post(0..<1)
        world.loop.closeMailbox()
        world.loop.uncork()
        #expect(try world.seen() == [])
        try world.end()
    }
}
