import EngineIOCore
import Testing

@Suite struct PacketTypeTests {
    @Test func digitsNameTypes() {
        let names: [PacketType] = [.open, .close, .ping, .pong, .message, .upgrade, .noop]
        for byte in UInt8.min ... .max {
            let index = Int(byte) - 0x30
            #expect(PacketType(digit: byte) == (names.indices.contains(index) ? names[index] : nil))
        }
        #expect(names.map(\.digit) == Array("0123456".utf8))
    }
}
