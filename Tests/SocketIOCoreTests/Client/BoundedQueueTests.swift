import Testing

@testable import SocketIOCore

@Suite struct BoundedQueueTests {
    private typealias Queue = BoundedQueue<String>

    private func queue(_ policy: OverflowPolicy, packets: Int = 3, bytes: Int = 100) -> Queue {
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

    @Test func whatNeverFitsIsDropped() {
        var queue = queue(.dropOldest)
        _ = add(entry("a"), to: &queue)
        expect(add(entry("large", size: 101), to: &queue), is: "dropped a large")
        expect(queue.isEmpty, is: true)
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
