import EngineIOCore
import Testing

@Suite struct FrameWriterTests {
    private func header(_ opcode: WebSocketOpcode, payload: Int, room: Int = 10) -> [UInt8] {
        withMemory([UInt8](repeating: 0, count: room)) { memory in
            let size = WebSocketFrameWriter.writeHeader(opcode: opcode, payload: payload, into: memory)
            return Array(memory.slice(upTo: size))
        }
    }

    @Test(
        arguments: [
            (0, [0x81, 0]), (125, [0x81, 125]), (126, [0x81, 126, 0, 126]), (65535, [0x81, 126, 0xFF, 0xFF]),
            (65536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
            (.max, [0x81, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        ] as [(Int, [UInt8])])
    func writesTheShortestForm(payload: Int, bytes: [UInt8]) {
        #expect(header(.text, payload: payload) == bytes)
        #expect(header(.text, payload: payload, room: bytes.count) == bytes)
        #expect(header(.text, payload: payload, room: bytes.count - 1) == [])
        #expect(WebSocketFrameWriter.headerSize(payload: payload) == bytes.count)
    }

    @Test func writesTheOpcode() {
        let opcodes: [WebSocketOpcode] = [.continuation, .text, .binary, .close, .ping, .pong]
        #expect(opcodes.map { header($0, payload: 0).first } == [0x80, 0x81, 0x82, 0x88, 0x89, 0x8A])
    }

    @Test func refusesANegativeSize() {
        #expect(header(.text, payload: -1) == [])
    }

    @Test func writesCloseFrames() {
        func close(_ code: WebSocketCloseCode?, room: Int) -> [UInt8] {
            withMemory([UInt8](repeating: 0, count: room)) { memory in
                Array(memory.slice(upTo: WebSocketFrameWriter.writeClose(code, into: memory)))
            }
        }
        #expect(close(nil, room: 2) == [0x88, 0])
        #expect(close(nil, room: 1) == [])
        #expect(close(.tooBig, room: 4) == [0x88, 2, 0x03, 0xF1])
        #expect(close(.tooBig, room: 3) == [])
    }
}
