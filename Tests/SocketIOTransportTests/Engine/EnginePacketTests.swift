import EngineIOCore
import NIOCore
import Testing

@testable import SocketIOTransport

@Suite struct EnginePacketTests {
    private struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let packets: [EnginePacket]
        let body: String

        var testDescription: String { name }
    }

    private static func binary(_ bytes: [UInt8]) -> EnginePacket {
        EnginePacket(isBinary: true, payload: bytes.count) { memory in
            memory.copyBytes(from: bytes)
            return bytes.count
        }
    }

    private static let cases: [Case] = [
        Case(name: "nothing", packets: [], body: ""),
        Case(name: "one", packets: [EnginePacket(text: "4hello")], body: "4hello"),
        Case(name: "an empty message", packets: [EnginePacket(text: "4")], body: "4"),
        Case(name: "farewell", packets: [.noop, .close], body: "6\u{1e}1"),
        Case(
            name: "protocol.md 2.2", packets: [EnginePacket(text: "4hello"), binary([1, 2, 3, 4]), .ping],
            body: "4hello\u{1e}bAQIDBA==\u{1e}2"),
        Case(name: "empty binary", packets: [binary([])], body: "b"),
        Case(name: "no UTF-16 in the way", packets: [EnginePacket(text: "4€😀")], body: "4€😀"),
        // Headers of 2, 4 and 10 bytes are left out of a polling body.
        Case(
            name: "125 bytes", packets: [EnginePacket(text: String(repeating: "x", count: 125))],
            body: String(repeating: "x", count: 125)),
        Case(
            name: "126 bytes", packets: [EnginePacket(text: String(repeating: "x", count: 126)), .noop],
            body: String(repeating: "x", count: 126) + "\u{1e}6"),
        Case(
            name: "65536 bytes", packets: [EnginePacket(text: String(repeating: "x", count: 65536)), .noop],
            body: String(repeating: "x", count: 65536) + "\u{1e}6"),
    ]

    @Test(arguments: cases)
    private func joinsPayloads(_ test: Case) {
        #expect(String(buffer: PollingBody(test.packets, .separated).bytes) == test.body)
    }

    /// protocol.md, section 25.3: revision 3.
    @Test func countsPayloads() {
        func body(_ packets: [EnginePacket]) -> String {
            String(buffer: PollingBody(packets, .counted).bytes)
        }
        #expect(body([EnginePacket(text: "4hello")]) == "6:4hello")
        #expect(body([EnginePacket(text: "4€")]) == "2:4€")
        #expect(body([EnginePacket(text: "4😀")]) == "3:4😀")
        #expect(body([EnginePacket(text: "4€"), Self.binary([1, 2, 3, 4])]) == "2:4€10:b4AQIDBA==")
        #expect(body([.ping, EnginePacket(text: "2probe"), .close]) == "1:26:2probe1:1")
        #expect(body([EnginePacket(text: "42[\"euro\",\"€😀\"]")]) == "16:42[\"euro\",\"€😀\"]")
        let long = String(repeating: "€", count: 70_000)
        #expect(body([EnginePacket(text: "4" + long), .noop]) == "70001:4\(long)1:6")
    }

    @Test func writesPayloadsOfBytes() {
        func body(_ packets: [EnginePacket]) -> [UInt8] {
            Array(buffer: PollingBody(packets, .binary).bytes)
        }
        #expect(
            body([EnginePacket(text: "4€"), Self.binary([1, 2, 3, 4])])
                == [0, 4, 0xFF, 0x34, 0xE2, 0x82, 0xAC, 1, 5, 0xFF, 4, 1, 2, 3, 4])
        #expect(
            body([Self.binary([UInt8](repeating: 0, count: 10))]) == [1, 1, 1, 0xFF, 4]
                + [UInt8](repeating: 0, count: 10))
    }

    @Test func bytesAreUsedWhereThereAreSomeAndTheClientTakesThem() {
        func form(_ target: String, _ packets: [EnginePacket]) -> PayloadForm {
            PollingFormat(RequestQuery(target: target)).form(of: packets)
        }
        let binary = [EnginePacket.noop, Self.binary([1])]
        #expect(form("?EIO=3", binary) == .binary)
        #expect(form("?EIO=3", [.noop]) == .counted)
        #expect(form("?EIO=3&b64=1", binary) == .counted)
        #expect(form("?EIO=3&j=0", binary) == .counted)
        #expect(form("?EIO=4", binary) == .separated)
        #expect(form("?EIO=4&j=0", binary) == .separated)
    }

    @Test func isAWholeFrame() {
        #expect(Array(buffer: EnginePacket(text: "3probe").frame) == [0x81, 6] + Array("3probe".utf8))
        #expect(Array(buffer: Self.binary([1, 2]).frame) == [0x82, 2, 1, 2])
        #expect(Self.binary([1, 2]).byteCount == 4)
        let large = EnginePacket(text: String(repeating: "x", count: 200))
        #expect(Array(buffer: large.frame).prefix(4) == [0x81, 126, 0, 200])
    }
}
