import EngineIOCore
import NIOCore

/// A server's slow end: no new sessions, and those that there are end one after the other.
extension EngineServer {
    /// How often a loop looks for sessions whose time has come.
    private static var drainTick: TimeAmount { .milliseconds(10) }
    /// How long the last sessions may take for their goodbye.
    private static var farewellTime: Instant { 2000 }

    /// Refuses handshakes from now on, ends the sessions over `spread` milliseconds, each behind what was sent to it, and
    /// calls `completion`, on a loop: then the server is to be closed. False if it drains already, or closes.
    package func drain(over spread: Int64, _ completion: @escaping @Sendable () -> Void) -> Bool {
        guard !isClosing, !draining.exchange(true, ordering: .acquiringAndReleasing) else { return false }
        let loops = runtime.loops
        log(.info) { "The server drains: \(sessionCount) sessions end within \(spread) ms." }
        let busy = Remaining(loops.count + 1)
        for loop in loops {
            let isPosted = loop.post {
                let own = self.sessions(on: loop)
                let drain = LoopDrain(
                    engine: self, loop: loop, sessions: own,
                    plan: DrainPlan(sessions: own.count, start: loop.now, spread: spread)
                ) {
                    if busy.decrement() { completion() }
                }
                drain.proceed()
            }
            if !isPosted, busy.decrement() { completion() }
        }
        if busy.decrement() { completion() }
        return true
    }

    /// What a load balancer is told at the path that is for it; nil for every other request.
    func readiness(for exchange: HTTPExchange) -> HTTPResponse? {
        guard let path = options.readyPath, exchange.isFor(ownPath: path) else { return nil }
        let isReady = !isDraining && !isClosing
        return HTTPResponse(
            status: isReady ? 200 : 503,
            fields: "Content-Type: text/plain; charset=utf-8\r\ncache-control: no-store\r\n",
            body: .text(isReady ? "ready\n" : "draining\n"))
    }

    /// The sessions of one loop that drain.
    ///
    /// SAFETY of `@unchecked Sendable`: used on the loop's thread only.
    private final class LoopDrain: @unchecked Sendable {
        private let engine: EngineServer
        private let loop: EngineLoop
        private let sessions: [SessionName]
        private let plan: DrainPlan
        private let completion: () -> Void
        private var ended = 0
        private var farewellEnd: Instant?

        init(
            engine: EngineServer, loop: EngineLoop, sessions: [SessionName], plan: DrainPlan,
            _ completion: @escaping () -> Void
        ) {
            self.engine = engine
            self.loop = loop
            self.sessions = sessions
            self.plan = plan
            self.completion = completion
        }

        /// Ends those whose time has come, and comes back for the others.
        func proceed() {
            guard !engine.isClosing else { return completion() }
            let now = loop.now
            let due = plan.due(at: now)
            while ended < due {
                engine.session(named: sessions[ended])?.close(.serverShuttingDown)
                ended &+= 1
            }
            loop.flush()
            if plan.isOver(at: now) {
                let end = farewellEnd ?? now &+ EngineServer.farewellTime
                farewellEnd = end
                guard now < end, !engine.sessions(on: loop).isEmpty else { return completion() }
            }
            loop.eventLoop.scheduleTask(in: EngineServer.drainTick) { self.proceed() }
        }
    }
}
