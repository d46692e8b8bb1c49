import EngineIOCore
import Testing

extension OpenPacket {
    func bytes(for sid: SessionName) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size(for: sid))
        let count = bytes.withUnsafeMutableBytes { write(for: sid, into: $0) }
        return Array(bytes.slice(upTo: count))
    }
}

@Suite struct OpenPacketTests {
    private func packet(upgrades: [Transport]) throws -> [UInt8] {
        let packet = OpenPacket(upgrades: upgrades, pingInterval: 25000, pingTimeout: 20000, maxPayload: 1_000_000)
        return packet.bytes(for: try #require(SessionName("lv_VI97HAXpY6yYWAAAB")))
    }

    @Test func looksAsTheReferenceWritesIt() throws {
        let expected =
            #"0{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"#
            + #""maxPayload":1000000}"#
        #expect(try String(decoding: packet(upgrades: [.webSocket]), as: UTF8.self) == expected)
        #expect(try String(decoding: packet(upgrades: []), as: UTF8.self).contains(#""upgrades":[],"#))
    }

    @Test func announcesUpgradesThatAreEnabledAndPossible() {
        #expect(OpenPacket.upgrades(from: .polling, enabled: [.polling, .webSocket]) == [.webSocket])
        #expect(OpenPacket.upgrades(from: .polling, enabled: [.polling]) == [])
        #expect(OpenPacket.upgrades(from: .webSocket, enabled: [.polling, .webSocket]) == [])
    }
}
