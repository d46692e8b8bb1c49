import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import SocketIOTransport

/// What a turn of the loop has written is flushed at its end: all of it, but not in one go.
@Suite struct FlushTests {
    private final class World {
        let eventLoop = EmbeddedEventLoop()
        let loop: EngineLoop
        var flushed: [Int] = []
        /// Every connection has something to write again once it was flushed.
        var isBusy = false
        /// How many connections are alive.
        var count = 0

        init() {
            loop = EngineLoop(eventLoop: eventLoop, index: 0)
        }
    }

    private final class Connection: Flushable {
        private let number: Int
        private weak var world: World?

        init(_ number: Int, _ world: World) {
            self.number = number
            self.world = world
            world.count += 1
        }

        deinit { world?.count -= 1 }

        func flush() {
            guard let world else { return }
            world.flushed.append(number)
            if world.isBusy { world.loop.flushLater(self) }
        }
    }

    @Test func atTheEndOfTheTurn() {
        let world = World()
        for number in 0..<3 { world.loop.flushLater(Connection(number, world)) }
        #expect(world.flushed.isEmpty)
        world.eventLoop.run()
        #expect(world.flushed == [0, 1, 2])
    }

    @Test func aBroadcastToManyLeavesRoomForOthers() {
        let world = World()
        for number in 0..<2000 { world.loop.flushLater(Connection(number, world)) }
        world.eventLoop.run()
        #expect(world.flushed.count == 256)
        // What comes in between keeps its place behind.
        world.loop.flushLater(Connection(2000, world))
        world.eventLoop.run()
        #expect(world.flushed.count == 256)
        world.eventLoop.advanceTime(by: .milliseconds(10))
        #expect(world.flushed == Array(0...2000))
        world.loop.flushLater(Connection(2001, world))
        world.eventLoop.run()
        #expect(world.flushed.last == 2001)
    }

    /// Work from other threads is flushed when it is done, and does not begin slices of its own.
    @Test func slicesDoNotPileUp() {
        let world = World()
        for number in 0..<2000 { world.loop.flushLater(Connection(number, world)) }
        for _ in 0..<10 {
            world.loop.post {}
            world.eventLoop.run()
        }
        #expect(world.flushed.count == 256)
        world.eventLoop.advanceTime(by: .microseconds(10))
        #expect(world.flushed.count == 512)
    }

    /// A loop that is behind looks after its connections before it has done all that others have posted. What comes
    /// later stays behind.
    @Test func muchMailIsDoneInSlices() {
        let world = World()
        let done = Mutex<[Int]>([])
        for number in 0..<6 {
            world.loop.post {
                done.withLock { $0.append(number) }
                let end = NIODeadline.now() + .milliseconds(number == 4 ? 0 : 2)
                while NIODeadline.now() < end {}
            }
        }
        var steps: [[Int]] = []
        func step() { steps.append(done.withLock { $0 }) }
        world.eventLoop.run()
        step()
        world.loop.post { done.withLock { $0.append(6) } }
        world.loop.flushLater(Connection(0, world))
        world.eventLoop.run()
        step()
        world.eventLoop.advanceTime(by: .microseconds(10))
        step()
        #expect(world.flushed == [0])
        world.eventLoop.advanceTime(by: .milliseconds(1))
        step()
        #expect(steps == [[0], [0], [0, 1], [0, 1, 2, 3, 4, 5, 6]])
        // Without any left it begins at once.
        world.loop.post { done.withLock { $0.append(7) } }
        world.eventLoop.run()
        #expect(done.withLock { $0.last } == 7)
    }

    /// Under steady load the list is never at its end, and all the same lets go of those that have been flushed.
    @Test func whoWasFlushedIsForgotten() {
        let world = World()
        world.isBusy = true
        for number in 0..<1000 { world.loop.flushLater(Connection(number, world)) }
        world.eventLoop.run()
        world.eventLoop.advanceTime(by: .microseconds(200))
        world.isBusy = false
        #expect(world.count == 1000)
        // Others come while the first ones leave.
        for number in 1000..<1500 { world.loop.flushLater(Connection(number, world)) }
        world.eventLoop.advanceTime(by: .microseconds(90))
        #expect(world.count < 1500)
        world.eventLoop.advanceTime(by: .milliseconds(1))
        #expect(world.count == 0)
    }
}
