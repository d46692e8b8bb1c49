import Testing

@testable import SocketIOCore

/// protocol.md, section 18.3: when a client connects again.
@Suite struct ReconnectionMachineTests {
    private func machine(reconnects: Bool = true, attempts: Int? = nil) -> ReconnectionMachine {
        var options = Backoff.Options()
        options.attempts = attempts
        options.randomization = 0
        return ReconnectionMachine(reconnects: reconnects, options)
    }

    @Test func theFirstAttemptIsNoReconnection() {
        var machine = machine()
        expect(machine.isActive, is: false)
        expect(machine.wanted(), is: true)
        expect(machine.wanted(), is: false)
        expect(machine.opened(), is: nil)
        expect(machine.isOpen, is: true)
        expect(machine.wanted(), is: false)
    }

    @Test func aFirstAttemptThatFailsIsFollowedByOthers() {
        var machine = machine()
        _ = machine.wanted()
        expect(machine.end(), is: "0, wait(1000)")
        expect(machine.wanted(), is: false)
        expect(machine.delayPassed(), is: 1)
        expect(machine.end(), is: "1, wait(2000)")
        expect(machine.delayPassed(), is: 2)
        expect(machine.opened(), is: 2)
    }

    @Test func aLostConnectionBeginsAnew() {
        var machine = machine()
        _ = machine.wanted()
        _ = machine.opened()
        for _ in 0..<3 {
            expect(machine.end(), is: "nil, wait(1000)")
            expect(machine.delayPassed(), is: 1)
            expect(machine.opened(), is: 1)
        }
    }

    @Test func attemptsAreUsedUp() {
        var machine = machine(attempts: 1)
        _ = machine.wanted()
        expect(machine.end(), is: "0, wait(1000)")
        _ = machine.delayPassed()
        expect(machine.end(), is: "1, giveUp")
        expect(machine.isActive, is: false)
        // Somebody may ask again, and it is the first attempt again.
        expect(machine.wanted(), is: true)
        expect(machine.end(), is: "0, wait(1000)")
    }

    @Test func noAttemptsAreNone() {
        var machine = machine(attempts: 0)
        _ = machine.wanted()
        _ = machine.opened()
        expect(machine.end(), is: "nil, giveUp")
    }

    @Test func withoutReconnectionItStays() {
        var machine = machine(reconnects: false)
        _ = machine.wanted()
        expect(machine.end(), is: "0, stay")
        expect(machine.wanted(), is: true)
    }

    @Test func otherOptionsCountFromTheNextEnd() {
        var machine = machine()
        var options = Backoff.Options()
        options.delay = 70
        options.randomization = 0
        // Without reconnection: what is there, or on its way, stays.
        _ = machine.wanted()
        expect(machine.change(reconnects: false, options), is: false)
        _ = machine.opened()
        expect(machine.change(reconnects: false, options), is: false)
        expect(machine.end(), is: "nil, stay")
        // With it: not before the next end.
        expect(machine.change(reconnects: true, options), is: false)
        expect(machine.isActive, is: false)
        _ = machine.wanted()
        expect(machine.end(), is: "0, wait(70)")
        // What is waited for does not come.
        expect(machine.change(reconnects: true, options), is: false)
        expect(machine.change(reconnects: false, options), is: true)
        expect(machine.delayPassed(), is: nil)
        expect(machine.change(reconnects: false, options), is: false)
        _ = machine.change(reconnects: true, options)
        expect(machine.wanted(), is: true)
        expect(machine.end(), is: "0, wait(70)")
        machine.close()
        expect(machine.change(reconnects: false, options), is: false)
        expect(machine.isClosed, is: true)
    }

    @Test func withoutReconnectionAnAttemptOnItsWayIsTheLast() {
        var machine = machine()
        _ = machine.wanted()
        expect(machine.end(), is: "0, wait(1000)")
        expect(machine.delayPassed(), is: 1)
        expect(machine.change(reconnects: false, Backoff.Options()), is: false)
        expect(machine.end(), is: "1, giveUp")
        expect(machine.isActive, is: false)
    }

    @Test func nothingFollowsWhatIsNotWanted() {
        for prepare: (inout ReconnectionMachine) -> Void in [
            { _ in }, { _ = $0.wanted() },
            {
                _ = $0.wanted()
                _ = $0.opened()
            },
            {
                _ = $0.wanted()
                _ = $0.ended(random: 0)
            },
        ] {
            var machine = machine()
            prepare(&machine)
            machine.unwanted()
            expect(machine.isActive, is: false)
            expect(machine.delayPassed(), is: nil)
            expect(machine.opened(), is: nil)
            expect(machine.end(), is: nil)
            // It can be wanted again; once it is closed, it cannot.
            expect(machine.wanted(), is: true)
            machine.close()
            expect(machine.isClosed, is: true)
            expect(machine.wanted(), is: false)
            expect(machine.opened(), is: nil)
            expect(machine.end(), is: nil)
            machine.unwanted()
            expect(machine.isClosed, is: true)
        }
    }
}

extension ReconnectionMachine {
    /// "0, wait(1000)": which attempt it was, if it was one, and what is next.
    fileprivate mutating func end() -> String? {
        guard let (attempt, next) = ended(random: 0) else { return nil }
        return "\(attempt.map { "\($0)" } ?? "nil"), \(next)"
    }
}
