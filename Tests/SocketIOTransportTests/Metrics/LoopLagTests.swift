import NIOEmbedded
import Testing

@testable import SocketIOTransport

@Suite struct LoopLagTests {
    private let eventLoop = EmbeddedEventLoop()

    @Test func aLoopIsMeasuredWhenSomebodyAsks() {
        let loop = EngineLoop(eventLoop: eventLoop, index: 0)
        #expect(loop.lag.histogram.count == 0)
        loop.lag.measure(on: loop)
        #expect(loop.lag.histogram.count == 0)
        eventLoop.run()
        #expect(loop.lag.histogram.count == 1)
        loop.lag.measure(on: loop)
        loop.lag.measure(on: loop)
        // Where the first took long, the loop looks after its connections before it does the second.
        eventLoop.advanceTime(by: .milliseconds(1))
        #expect(loop.lag.histogram.count == 3)
    }

    @Test func andOnceASecondFromThenOn() {
        let loop = EngineLoop(eventLoop: eventLoop, index: 0)
        let lag = LoopLag()
        lag.measure(on: loop)
        // Two questions do not make two measurements a second.
        lag.measure(on: loop)
        eventLoop.advanceTime(by: .milliseconds(999))
        #expect(lag.histogram.count == 2)
        eventLoop.advanceTime(by: .milliseconds(1))
        #expect(lag.histogram.count == 3)
        eventLoop.advanceTime(by: .seconds(10))
        #expect(lag.histogram.count == 13)
    }

    @Test func untilNobodyHasAskedForAWhile() {
        let loop = EngineLoop(eventLoop: eventLoop, index: 0)
        let lag = LoopLag(patience: 0)
        lag.measure(on: loop)
        eventLoop.advanceTime(by: .seconds(1))
        #expect(lag.histogram.count == 2)
        eventLoop.advanceTime(by: .seconds(100))
        #expect(lag.histogram.count == 2)
        lag.measure(on: loop)
        eventLoop.advanceTime(by: .seconds(1))
        #expect(lag.histogram.count == 4)
    }
}
