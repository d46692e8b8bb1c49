import SocketIOHandlers
import Testing

@testable import SocketIOServer

@Suite struct SlotTableTests {
    private typealias Key = SlotTable<Int>.Key

    /// A table that `#expect` may change.
    private final class Table {
        private var table: SlotTable<Int>

        init(firstGeneration: UInt32 = 1) { table = SlotTable(firstGeneration: firstGeneration) }

        var count: Int { table.count }
        subscript(key: Key) -> Int? { table[key] }
        func insert(_ value: Int) -> Key? { table.insert(value) }
        @discardableResult func remove(_ key: Key) -> Int? { table.remove(key) }
    }

    @Test func findsWhatWasPutIn() throws {
        let table = Table()
        let a = try #require(table.insert(1))
        let b = try #require(table.insert(2))
        #expect(a != b)
        #expect(table[a] == 1)
        #expect(table[b] == 2)
        #expect(table.count == 2)
    }

    @Test func aKeyIsGoodForOneValue() throws {
        let table = Table()
        let old = try #require(table.insert(8))
        #expect(table.remove(old) == 8)
        #expect(table.remove(old) == nil)
        let new = try #require(table.insert(9))
        #expect(new.slot == old.slot)
        #expect(new.generation == old.generation + 1)
        #expect(table[old] == nil)
        #expect(table.remove(old) == nil)
        #expect(table[new] == 9)
        #expect(table.count == 1)
    }

    @Test func madeUpKeysFindNothing() {
        let table = Table()
        _ = table.insert(1)
        for key in [
            Key(slot: 0, generation: 0), Key(slot: 0, generation: 2), Key(slot: 1, generation: 1),
            Key(slot: .max, generation: .max), Key(slot: 0x0FFF_FFFF, generation: 1),
        ] {
            #expect(table[key] == nil)
            #expect(table.remove(key) == nil)
        }
        #expect(table.count == 1)
    }

    /// A slot rests as long as possible: they are used again in the order they became free.
    @Test func slotsAreUsedAgainInTheirOrder() throws {
        let table = Table()
        let keys = try (0..<4).map { try #require(table.insert($0)) }
        for position in [2, 0, 3] { table.remove(keys[position]) }
        let slots = (0..<5).compactMap { table.insert($0 + 10)?.slot }
        #expect(slots == [2, 0, 3, 4, 5])
        #expect(table.count == 6)
        #expect(table[keys[1]] == 1)
    }

    @Test(arguments: [(0, 1), (1, 1), (5, 5), (0xFF_FFFF, 0xFF_FFFF), (0x100_0000, 1), (0x100_0007, 7)])
    func beginsWithAGeneration(given: UInt32, used: UInt32) throws {
        let table = Table(firstGeneration: given)
        #expect(try #require(table.insert(1)).generation == used)
        #expect(try #require(table.insert(2)).generation == used)
    }

    /// Generations have 24 bits, and none is 0.
    @Test func generationsGoRound() throws {
        let table = Table(firstGeneration: 0xFF_FFFE)
        var generations: [UInt32] = []
        for _ in 0..<4 {
            let key = try #require(table.insert(0))
            generations.append(key.generation)
            table.remove(key)
        }
        #expect(generations == [0xFF_FFFE, 0xFF_FFFF, 1, 2])
    }

    @Test func manyChangesLoseNothing() throws {
        let table = Table()
        var alive: [(key: Key, value: Int)] = []
        var dead: [Key] = []
        var random: UInt64 = 1
        for value in 0..<10_000 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if alive.count > 20 || (random >> 40) % 3 == 0, !alive.isEmpty {
                let (key, value) = alive.remove(at: Int(random >> 33) % alive.count)
                #expect(table.remove(key) == value)
                dead.append(key)
            } else {
                alive.append((try #require(table.insert(value)), value))
            }
        }
        #expect(table.count == alive.count)
        #expect(alive.allSatisfy { table[$0.key] == $0.value })
        #expect(dead.allSatisfy { table[$0] == nil })
    }
}
