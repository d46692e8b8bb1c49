import Testing

@testable import SocketIOCore

@Suite struct BoundedQueueTests {
    private typealias Queue = BoundedQueue<String>

    private func queue(_ policy: BufferPolicy, packets: Int = 3, bytes: Int = 100) -> Queue {
        Queue(Queue.Limits(packets: packets, bytes: bytes), policy)
    }

    private func entry(_ name: String, size: Int = 10, _ acknowledgement: UInt64? = nil) -> Queue.Entry {
        Queue.Entry(packet: name, size: size, acknowledgement: acknowledgement)
    }

    /// What became of the entry: "added", "dropped a b", "overflow a b".
    private func add(_ entry: Queue.Entry, to queue: inout Queue) -> String {
        switch queue.append(entry) {
        case .added: "added"
        case .dropped(let entries): "dropped " + entries.map(\.packet).joined(separator: " ")
        case .overflow(let entries): "overflow " + entries.map(\.packet).joined(separator: " ")
        }
    }

    private func contents(_ queue: Queue) -> String {
        var queue = queue
        return queue.removeAll().map(\.packet).joined(separator: " ")
    }

    @Test func firstInFirstOut() {
        var queue = queue(.dropNewest, packets: 1000, bytes: 10_000)
        for number in 0..<500 { expect(add(entry("\(number)"), to: &queue), is: "added") }
        expect(queue.count, is: 500)
        expect(queue.bytes, is: 5000)
        for number in 0..<500 { expect(queue.popFirst()?.packet, is: "\(number)") }
        expect(queue.popFirst()?.packet, is: nil)
        expect(queue.isEmpty, is: true)
        expect(queue.bytes, is: 0)
    }

    @Test func theNewestIsDropped() {
        var queue = queue(.dropNewest)
        for name in ["a", "b", "c"] { expect(add(entry(name), to: &queue), is: "added") }
        expect(add(entry("d"), to: &queue), is: "dropped d")
        expect(contents(queue), is: "a b c")
    }

    @Test func theOldestAreDropped() {
        var queue = queue(.dropOldest)
        for name in ["a", "b", "c"] { _ = add(entry(name), to: &queue) }
        expect(add(entry("d"), to: &queue), is: "dropped a")
        expect(add(entry("e", size: 90), to: &queue), is: "dropped b c")
        expect(contents(queue), is: "d e")
        expect(queue.bytes, is: 100)
    }

    @Test func whatNeverFitsMakesNoRoom() {
        var queue = queue(.dropOldest)
        _ = add(entry("a"), to: &queue)
        expect(add(entry("large", size: 101), to: &queue), is: "dropped large")
        expect(contents(queue), is: "a")
    }

    private func keyed(_ name: String, _ key: String, size: Int = 10) -> Queue.Entry {
        Queue.Entry(packet: name, size: size, acknowledgement: nil, key: Array(key.utf8))
    }

    @Test func aNewerOneOfTheSameKeyTakesThePlace() {
        var queue = queue(.dropNewest)
        expect(add(keyed("a", "k"), to: &queue), is: "added")
        expect(add(entry("b"), to: &queue), is: "added")
        expect(add(keyed("c", "k", size: 20), to: &queue), is: "dropped a")
        expect(contents(queue), is: "c b")
        expect(queue.bytes, is: 30)
        // One that is out has no place any more.
        _ = queue.popFirst()
        expect(add(keyed("d", "k"), to: &queue), is: "added")
        expect(contents(queue), is: "b d")
        expect(add(keyed("e", "k", size: 200), to: &queue), is: "dropped d e")
        expect(contents(queue), is: "b")
    }

    @Test func whatHasAKeyIsDroppedLast() {
        var queue = queue(.coalesce)
        _ = add(keyed("a", "k"), to: &queue)
        _ = add(entry("b"), to: &queue)
        _ = add(keyed("c", "l"), to: &queue)
        expect(add(entry("d"), to: &queue), is: "dropped b")
        expect(add(entry("e"), to: &queue), is: "dropped d")
        expect(add(keyed("f", "m", size: 85), to: &queue), is: "dropped e a")
        expect(contents(queue), is: "c f")
        for number in 0..<200 { _ = add(keyed("\(number)", "n"), to: &queue) }
        expect(contents(queue), is: "f 199")
    }

    @Test func anEventMayHaveAPolicyOfItsOwn() {
        var queue = queue(.dropNewest, packets: 1)
        _ = add(entry("a"), to: &queue)
        guard case .dropped(let entries) = queue.append(entry("b"), policy: .dropOldest) else {
            Issue.record("It fits")
            return
        }
        expect(entries.map(\.packet), is: ["a"])
    }

    @Test func allAreDroppedForTheEnd() {
        var queue = queue(.close)
        for name in ["a", "b", "c"] { _ = add(entry(name), to: &queue) }
        expect(add(entry("d"), to: &queue), is: "overflow a b c d")
        expect(queue.isEmpty, is: true)
    }

    @Test func bytesAreCountedWhereverTheyGo() {
        var queue = queue(.dropNewest, packets: 10, bytes: 30)
        for (number, name) in ["a", "b", "c"].enumerated() { _ = add(entry(name, UInt64(number)), to: &queue) }
        expect(add(entry("d"), to: &queue), is: "dropped d")
        expect(queue.remove(acknowledgement: 1)?.packet, is: "b")
        expect(queue.remove(acknowledgement: 1)?.packet, is: nil)
        expect(add(entry("e"), to: &queue), is: "added")
        expect(contents(queue), is: "a c e")
        expect(queue.first?.packet, is: "a")
    }
}
