import SocketIOHandlers
import Testing

@testable import SocketIOServer

@Suite struct ReplyTableTests {
    /// A table that `#expect` may change.
    private final class Table {
        private var table: ReplyTable
        private let counter = ReplyCounter()

        init(firstGeneration: UInt32 = 1) { table = ReplyTable(firstGeneration: firstGeneration) }

        /// What the table has, which is what it told the server's counters.
        var count: Int {
            let counted = counter.value
            return counted == table.count ? counted : -1
        }
        func take(_ key: ReplyTable.Key) -> ReplyTable.Reply? { table.take(key) }
        func removeAll(of socket: Handle) { table.removeAll(of: socket) }

        func insert(_ acknowledgement: UInt64, of socket: Handle, limit: Int) -> ReplyTable.Key? {
            table.insert(acknowledgement, of: socket, counter: counter, limit: limit)
        }
    }

    private let a = Handle(.socket, loop: 1, slot: 1, generation: 1)
    private let b = Handle(.socket, loop: 1, slot: 2, generation: 1)

    @Test func aReplyIsTakenOnce() throws {
        let table = Table()
        let key = try #require(table.insert(7, of: a, limit: 10))
        let reply = try #require(table.take(key))
        #expect(reply.socket == a)
        #expect(reply.acknowledgement == 7)
        #expect(table.take(key) == nil)
        #expect(table.count == 0)
    }

    @Test func theSameIdTwiceIsTwoReplies() throws {
        let table = Table()
        let first = try #require(table.insert(0, of: a, limit: 10))
        let second = try #require(table.insert(0, of: a, limit: 10))
        #expect(first != second)
        #expect(table.count == 2)
    }

    @Test func everySocketHasALimit() throws {
        let table = Table()
        let first = try #require(table.insert(1, of: a, limit: 2))
        _ = table.insert(2, of: a, limit: 2)
        #expect(table.insert(3, of: a, limit: 2) == nil)
        #expect(table.insert(3, of: b, limit: 2) != nil)
        _ = table.take(first)
        #expect(table.insert(3, of: a, limit: 2) != nil)
        #expect(table.insert(1, of: Handle.none, limit: 0) == nil)
    }

    @Test func theEndOfASocketTakesItsReplies() throws {
        let table = Table()
        let keys = try (0..<5).map { try #require(table.insert($0, of: a, limit: 10)) }
        let other = try #require(table.insert(9, of: b, limit: 10))
        _ = table.take(keys[2])
        table.removeAll(of: a)
        #expect(table.count == 1)
        for key in keys {
            #expect(table.take(key) == nil)
        }
        table.removeAll(of: a)
        #expect(table.take(other)?.acknowledgement == 9)
        table.removeAll(of: b)
        #expect(table.count == 0)
    }

    @Test func beginsWithAGeneration() throws {
        let table = Table(firstGeneration: 42)
        #expect(try #require(table.insert(1, of: a, limit: 1)).generation == 42)
    }
}
