import Testing

@testable import SocketIOCore

/// protocol.md, section 18.6.
@Suite struct RetryQueueTests {
    private func queue(retries: Int, packets: Int = 10) -> RetryQueue<String> {
        RetryQueue(retries: retries, .init(packets: packets, bytes: 1000), .dropNewest)
    }

    private func add(_ id: UInt64, to queue: inout RetryQueue<String>) {
        _ = queue.append(.init(packet: "\(id)", size: 1, acknowledgement: id))
    }

    @Test func oneAfterTheOther() {
        var queue = queue(retries: 3)
        add(1, to: &queue)
        add(2, to: &queue)
        expect(queue.next()?.packet, is: "1")
        expect(queue.next()?.packet, is: nil)
        expect(queue.acknowledged(2), is: false)
        expect(queue.acknowledged(1), is: true)
        expect(queue.acknowledged(1), is: false)
        expect(queue.next()?.packet, is: "2")
        expect(queue.acknowledged(2), is: true)
        expect(queue.next()?.packet, is: nil)
        expect(queue.count, is: 0)
    }

    @Test func oneIsTriedOnceMoreThanThereAreRetries() {
        var queue = queue(retries: 2)
        add(1, to: &queue)
        add(2, to: &queue)
        for _ in 0..<2 {
            expect(queue.next()?.packet, is: "1")
            expect(queue.timedOut(1), is: .again)
        }
        expect(queue.next()?.packet, is: "1")
        expect(queue.timedOut(1), is: .givenUp)
        expect(queue.next()?.packet, is: "2")
    }

    @Test func withoutRetriesThereIsOneTry() {
        var queue = queue(retries: 0)
        add(1, to: &queue)
        _ = queue.next()
        expect(queue.timedOut(1), is: .givenUp)
        expect(queue.count, is: 0)
    }

    @Test func theOneInFlightIsSentAgainOnTheNextConnection() {
        var queue = queue(retries: 1)
        add(1, to: &queue)
        expect(queue.disconnected(), is: nil)
        expect(queue.next()?.packet, is: "1")
        expect(queue.disconnected(), is: nil)
        expect(queue.disconnected(), is: nil)
        expect(queue.next()?.packet, is: "1")
        // The second try was the last.
        expect(queue.disconnected(), is: 1)
        expect(queue.count, is: 0)
    }

    @Test func aLateReplyCounts() {
        var queue = queue(retries: 5)
        add(1, to: &queue)
        _ = queue.next()
        expect(queue.timedOut(1), is: .again)
        expect(queue.acknowledged(1), is: true)
        expect(queue.timedOut(1), is: .ignored)
    }

    @Test func itIsBounded() {
        var queue = queue(retries: 1, packets: 2)
        for id: UInt64 in 1...2 { add(id, to: &queue) }
        guard case .dropped(let entries) = queue.append(.init(packet: "3", size: 1, acknowledgement: 3)) else {
            Issue.record("The third fits")
            return
        }
        expect(entries.map(\.packet), is: ["3"])
        expect(queue.removeAll().map(\.packet), is: ["1", "2"])
    }
}
