import NIOCore
import NIOEmbedded
import Testing

@testable import SocketIOTransport

/// What a turn of the loop has written is flushed at its end: all of it, but not in one go.
@Suite struct FlushTests {
    private final class World {
        let eventLoop = EmbeddedEventLoop()
        let loop: EngineLoop
        var flushed: [Int] = []

        init() {
            loop = EngineLoop(eventLoop: eventLoop, index: 0)
        }
    }

    private final class Connection: Flushable {
        private let number: Int
        private unowned let world: World

        init(_ number: Int, _ world: World) {
            self.number = number
            self.world = world
        }

        func flush() { world.flushed.append(number) }
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
        #expect(world.flushed.count < 1000)
        #expect(!world.flushed.isEmpty)
        // What comes in between keeps its place behind.
        world.loop.flushLater(Connection(2000, world))
        world.eventLoop.run()
        #expect(world.flushed.count < 1000)
        world.eventLoop.advanceTime(by: .milliseconds(10))
        #expect(world.flushed == Array(0...2000))
        world.loop.flushLater(Connection(2001, world))
        world.eventLoop.run()
        #expect(world.flushed.last == 2001)
    }
}
