import EngineIOCore
import Testing

@testable import SocketIOTransport

@Suite struct AddressTableTests {
    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test func anAddressHasAsManyAsItMay() throws {
        let table = AddressTable(limit: 2)
        let (one, other) = (try address("192.0.2.1"), try address("192.0.2.2"))
        #expect(table.enter(one) && table.enter(one))
        #expect(!table.enter(one))
        #expect(table.enter(other))
        table.leave(one)
        #expect(table.enter(one))
        // One that moves to another loop is not refused, and counts on.
        table.enterAgain(one)
        table.leave(one)
        #expect(!table.enter(one))
    }

    @Test func whoHasLeftIsForgotten() throws {
        let table = AddressTable(limit: 5)
        for low in 0..<1000 { #expect(table.enter(IPAddress(high: 1, low: UInt64(low)))) }
        #expect(table.count == 1000)
        for low in 0..<1000 { table.leave(IPAddress(high: 1, low: UInt64(low))) }
        #expect(table.count == 0)
        table.leave(try address("192.0.2.1"))
        #expect(table.count == 0)
    }

    @Test func aNetworkOfIPv6IsOneClient() throws {
        #expect(try address("2001:db8::1").network == address("2001:db8::2:3").network)
        #expect(try address("2001:db8::1").network != address("2001:db8:0:1::1").network)
        #expect(try address("192.0.2.1").network != address("192.0.2.2").network)
    }
}
