import Testing

@testable import SocketIOTransport

/// What the streams of one connection may hold together.
@Suite struct HTTP2BudgetTests {
    @Test func beyondTheLimitOneBodyGoesOn() {
        var budget = HTTP2Budget(bodyLimit: 10, responseLimit: 10)
        #expect(budget.admitsBody(of: 1))
        for (stream, count) in [(1, 5), (3, 4)] {
            let makesRoom = budget.bodyChanged(of: stream, to: count)
            #expect(!makesRoom)
        }
        #expect(budget.admitsBody(of: 1) && budget.admitsBody(of: 3) && budget.admitsBody(of: 5))
        let makesRoom = budget.bodyChanged(of: 3, to: 5)
        #expect(!makesRoom)
        #expect(budget.admitsBody(of: 1) && !budget.admitsBody(of: 3) && !budget.admitsBody(of: 5))
    }

    @Test func theNextGoesOnWhenTheFirstIsComplete() {
        var budget = HTTP2Budget(bodyLimit: 10, responseLimit: 10)
        for (stream, count) in [(1, 20), (3, 20), (5, 20)] { _ = budget.bodyChanged(of: stream, to: count) }
        let makesRoom = budget.bodyChanged(of: 1, to: 0)
        #expect(makesRoom)
        #expect(budget.admitsBody(of: 3) && !budget.admitsBody(of: 5) && !budget.admitsBody(of: 1))
        for stream in [3, 5] {
            let makesRoom = budget.bodyChanged(of: stream, to: 0)
            #expect(makesRoom)
        }
        #expect(budget.admitsBody(of: 1))
    }

    @Test func requestsWaitForResponsesToBeSent() {
        var budget = HTTP2Budget(bodyLimit: 10, responseLimit: 10)
        budget.writing(10)
        #expect(budget.admitsRequests)
        budget.writing(1)
        #expect(!budget.admitsRequests)
        for (count, makesRoom) in [(5, false), (1, true), (5, false)] {
            let didMakeRoom = budget.wrote(count)
            #expect(didMakeRoom == makesRoom)
        }
        #expect(budget.admitsRequests)
    }
}
