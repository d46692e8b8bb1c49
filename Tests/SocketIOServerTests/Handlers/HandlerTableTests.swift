import Synchronization
import Testing

@testable import SocketIOServer

@Suite struct HandlerTableTests {
    /// How many handlers an event has, by its hash.
    private func count(_ table: EventHandlers, _ name: String) -> Int {
        let bytes = Array(name.utf8)
        let isFound = bytes.withUnsafeBytes { table.entry(of: $0) != nil }
        #expect(isFound == (table.count(of: name) > 0))
        return table.count(of: name)
    }

    private func table(_ names: String..., any: Int = 0) -> EventHandlers {
        let table = names.reduce(EventHandlers()) { $0.adding({ _ in }, to: $1, Registration()) }
        return (0..<any).reduce(table) { table, _ in table.adding(any: { _ in }, Registration()) }
    }

    @Test func anEmptyTableHasNothing() {
        #expect(EventHandlers().isEmpty)
        #expect(EventHandlers().any.isEmpty)
        #expect(count(EventHandlers(), "a") == 0)
        #expect(count(EventHandlers(), "") == 0)
    }

    @Test func findsHandlersByName() {
        let table = table("a", "b", "a")
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
        let table = table("")
        #expect(count(table, "") == 1)
        #expect(count(table, "a") == 0)
    }

    @Test func handlersForAnythingHaveNoName() {
        let table = table(any: 1)
        #expect(!table.isEmpty)
        #expect(table.any.count == 1)
        #expect(count(table, "a") == 0)
    }

    @Test func aTableDoesNotChange() {
        let before = table("a")
        let after = before.adding({ _ in }, to: "a", Registration()).adding(any: { _ in }, Registration())
        #expect(count(before, "a") == 1)
        #expect(before.any.isEmpty)
        #expect(count(after, "a") == 2)
    }

    /// Names are compared as bytes: two spellings of "é" are two events, as they are to a client.
    @Test func namesAreBytes() {
        let table = table("\u{E9}")
        #expect(count(table, "\u{E9}") == 1)
        #expect(count(table, "e\u{301}") == 0)
    }

    @Test func manyNames() {
        let table = (0..<500).reduce(EventHandlers()) { $0.adding({ _ in }, to: "event \($1)", Registration()) }
        #expect((0..<500).allSatisfy { count(table, "event \($0)") == 1 })
        #expect((500..<1500).allSatisfy { count(table, "event \($0)") == 0 })
    }

    @Test func theLatestThatFitsIsTakenOut() throws {
        let registration = Registration()
        let full = table("a").adding({ _ in }, to: "a", registration).adding({ _ in }, to: "b", registration)
        let once = try #require(full.removing(from: "a") { $0 === registration })
        #expect(count(once, "a") == 1)
        #expect(count(once, "b") == 1)
        #expect(once.removing(from: "a") { $0 === registration } == nil)
        let twice = try #require(once.removing(from: nil) { $0 === registration })
        #expect(twice.names == ["a"])
        #expect(count(twice, "b") == 0)
    }

    @Test func allOfANameAreTakenOut() {
        let rest = table("a", "b", "a", any: 2).removingAll(of: "a")
        #expect(rest.names == ["b"])
        #expect(rest.any.count == 2)
        #expect(rest.removingAny().any.isEmpty)
    }

    @Test func twoTablesBecomeOne() {
        let both = table("a", "b", any: 1).behind(table("b", "c", any: 2))
        #expect(both.names == ["b", "c", "a"])
        #expect(count(both, "a") == 1)
        #expect(count(both, "b") == 2)
        #expect(both.any.count == 3)
    }
}
