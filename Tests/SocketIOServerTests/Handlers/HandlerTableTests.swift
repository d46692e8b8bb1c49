import Synchronization
import Testing

@testable import SocketIOServer

@Suite struct HandlerTableTests {
    /// How many handlers an event has.
    private func count(_ table: HandlerTable, _ name: String) -> Int {
        let bytes = Array(name.utf8)
        return bytes.withUnsafeBytes { table.handlers(of: $0).count }
    }

    @Test func anEmptyTableHasNothing() {
        #expect(HandlerTable.empty.isEmpty)
        #expect(HandlerTable.empty.any.isEmpty)
        #expect(count(.empty, "a") == 0)
        #expect(count(.empty, "") == 0)
    }

    @Test func findsHandlersByName() {
        let table = HandlerTable.empty.adding({ _ in }, to: "a").adding({ _ in }, to: "b").adding({ _ in }, to: "a")
        #expect(!table.isEmpty)
        #expect(count(table, "a") == 2)
        #expect(count(table, "b") == 1)
        #expect(count(table, "c") == 0)
        #expect(count(table, "A") == 0)
        #expect(count(table, "a ") == 0)
        #expect(count(table, "") == 0)
        #expect(table.any.isEmpty)
    }

    @Test func theEmptyNameIsAName() {
        let table = HandlerTable.empty.adding({ _ in }, to: "")
        #expect(count(table, "") == 1)
        #expect(count(table, "a") == 0)
    }

    @Test func handlersForAnythingHaveNoName() {
        let table = HandlerTable.empty.adding(any: { _ in })
        #expect(!table.isEmpty)
        #expect(table.any.count == 1)
        #expect(count(table, "a") == 0)
    }

    @Test func aTableDoesNotChange() {
        let before = HandlerTable.empty.adding({ _ in }, to: "a")
        let after = before.adding({ _ in }, to: "a").adding(any: { _ in })
        #expect(count(before, "a") == 1)
        #expect(before.any.isEmpty)
        #expect(count(after, "a") == 2)
    }

    /// Names are compared as bytes: two spellings of "é" are two events, as they are to a client.
    @Test func namesAreBytes() {
        let table = HandlerTable.empty.adding({ _ in }, to: "\u{E9}")
        #expect(count(table, "\u{E9}") == 1)
        #expect(count(table, "e\u{301}") == 0)
    }

    @Test func manyNames() {
        let table = (0..<500).reduce(HandlerTable.empty) { $0.adding({ _ in }, to: "event \($1)") }
        #expect((0..<500).allSatisfy { count(table, "event \($0)") == 1 })
        #expect((500..<1500).allSatisfy { count(table, "event \($0)") == 0 })
    }
}
