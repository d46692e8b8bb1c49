import EngineIOCore
import Testing

@Suite struct DrainPlanTests {
    @Test func sessionsEndEvenly() {
        let plan = DrainPlan(sessions: 10, start: 1000, spread: 500)
        #expect(
            [900, 1000, 1049, 1050, 1249, 1250, 1499, 1500, 9000].map { plan.due(at: $0) }
                == [0, 0, 0, 1, 4, 5, 9, 10, 10])
        #expect(!plan.isOver(at: 1499) && plan.isOver(at: 1500))
    }

    @Test func withoutATimeAllEndAtOnce() {
        for spread: Instant in [0, -5, .min] {
            let plan = DrainPlan(sessions: 3, start: 7, spread: spread)
            #expect(plan.due(at: 7) == 3 && plan.isOver(at: 7))
        }
    }

    @Test func hugeNumbersAreNoMore() {
        let plan = DrainPlan(sessions: .max, start: 0, spread: .max)
        #expect(plan.due(at: .max - 1) <= .max)
        #expect(DrainPlan(sessions: -1, start: 0, spread: 0).due(at: 0) == 0)
    }
}
