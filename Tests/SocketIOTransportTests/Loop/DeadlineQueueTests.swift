import EngineIOCore
import NIOCore
import NIOEmbedded
import Testing

@testable import SocketIOTransport

/// The queue reads the clock, so these deadlines are of the past, and due as soon as the loop runs, or so far ahead
/// that they are not.
@Suite struct DeadlineQueueTests {
    private static let never: Instant = .max / 2

    private final class Target: DeadlineTarget {
        var deadlinePosition: Int32 = -1
        var scheduledDeadline: Instant = 0
        let name: Int
        private let world: World

        init(_ name: Int, _ world: World) {
            self.name = name
            self.world = world
        }

        func deadlineReached(now: Instant) {
            world.fired.append(name)
            world.onFire?(self)
        }
    }

    private final class World {
        let eventLoop = EmbeddedEventLoop()
        let loop: EngineLoop
        let queue: DeadlineQueue<Target>
        var fired: [Int] = []
        var onFire: ((Target) -> Void)?

        init() {
            loop = EngineLoop(eventLoop: eventLoop, index: 0)
            queue = DeadlineQueue(loop: loop)
        }

        func targets(_ count: Int) -> [Target] { (0..<count).map { Target($0, self) } }

        deinit { try? eventLoop.close() }
    }

    @Test func firesInTheOrderOfTheDeadlines() {
        let world = World()
        let targets = world.targets(100)
        for target in targets { world.queue.schedule(target, at: Instant(-(target.name &* 37 % 100))) }
        world.eventLoop.run()
        #expect(world.fired == targets.map(\.name).sorted { $0 &* 37 % 100 > $1 &* 37 % 100 })
        #expect(targets.allSatisfy { $0.deadlinePosition == -1 })
    }

    @Test func doesNotFireBefore() {
        let world = World()
        let targets = world.targets(3)
        world.queue.schedule(targets[0], at: Self.never)
        world.queue.schedule(targets[1], at: -1)
        world.queue.schedule(targets[2], at: Self.never)
        world.eventLoop.run()
        #expect(world.fired == [1])
        #expect(targets[0].deadlinePosition >= 0)
    }

    @Test func movesAndRemoves() {
        let world = World()
        let targets = world.targets(5)
        for target in targets { world.queue.schedule(target, at: Instant(target.name &- 10)) }
        world.queue.schedule(targets[0], at: -1)
        world.queue.schedule(targets[4], at: -20)
        world.queue.schedule(targets[1], at: Self.never)
        world.queue.schedule(targets[2], at: nil)
        world.queue.remove(targets[2])
        world.eventLoop.run()
        #expect(world.fired == [4, 3, 0])
    }

    @Test func aTargetFiresOnceAndMayBeScheduledAgainWhileItFires() {
        let world = World()
        let targets = world.targets(2)
        world.onFire = { target in
            if world.fired.count < 4 { world.queue.schedule(target, at: -5) }
        }
        world.queue.schedule(targets[0], at: -9)
        world.eventLoop.run()
        #expect(world.fired == [0, 0, 0, 0])
        world.onFire = nil
    }

    @Test func aTargetMayRemoveAnotherWhileItFires() {
        let world = World()
        let targets = world.targets(3)
        world.onFire = { target in
            if target.name == 0 { world.queue.remove(targets[1]) }
        }
        for target in targets { world.queue.schedule(target, at: Instant(target.name &- 9)) }
        world.eventLoop.run()
        #expect(world.fired == [0, 2])
        world.onFire = nil
    }

    @Test func keepsItsOrderThroughManyChanges() {
        let world = World()
        let targets = world.targets(200)
        var random: UInt64 = 1
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % bound
        }
        var expected: [Int: Instant] = [:]
        for _ in 0..<5000 {
            let target = targets[next(200)]
            if next(4) == 0 {
                world.queue.remove(target)
                expected[target.name] = nil
            } else {
                let deadline = Instant(-1 &- next(1000))
                world.queue.schedule(target, at: deadline)
                expected[target.name] = deadline
            }
        }
        world.eventLoop.run()
        #expect(world.fired.sorted() == expected.keys.sorted())
        let times = world.fired.map { expected[$0] ?? 0 }
        #expect(times == times.sorted())
    }
}
