import EngineIOCore
import Testing

@Suite struct MessageAssemblerTests {
    private func assemble(_ frames: [Frame], maxPayload: Int = 1_000_000) -> [Assembled] {
        EngineIOCoreTests.assemble(frames.flatMap(\.bytes), maxPayload: maxPayload)
    }

    @Test func passesWholeMessagesThroughWithoutACopy() {
        var assembler = WebSocketMessageAssembler(maxPayload: 10)
        withMemory("4hello".utf8) { memory in
            let header = WebSocketFrameHeader(fin: true, opcode: .text, length: 6, maskKey: 0, headerSize: 2)
            guard case .text(let text) = assembler.receive(header, payload: memory) else {
                Issue.record("not a text message")
                return
            }
            #expect(text.baseAddress == memory.baseAddress && text.count == memory.count)
        }
        #expect(assemble([.text("")]) == [.text("")])
        #expect(assemble([.binary([0xFF])]) == [.binary([0xFF])])
    }

    @Test func joinsFragments() {
        #expect(
            assemble([.text("4h", fin: false), .continuation([0x69], fin: false), .continuation([0x21], fin: true)])
                == [.none, .none, .assembledText("4hi!")])
        #expect(
            assemble([.binary([1], fin: false), .continuation([2], fin: true), .binary([3])])
                == [.none, .assembledBinary([1, 2]), .binary([3])])
    }

    @Test func joinsACharacterThatWasSplit() {
        let euro = Array("€".utf8)
        #expect(
            assemble([
                Frame(fin: false, opcode: 1, payload: [euro[0]]), .continuation([euro[1]], fin: false),
                .continuation([euro[2]], fin: true),
            ]) == [.none, .none, .assembledText("€")])
    }

    @Test func toleratesEmptyFragments() {
        #expect(
            assemble([.text("", fin: false), .continuation([], fin: false), .continuation([], fin: true)])
                == [.none, .none, .assembledText("")])
        let many = [Frame](repeating: .continuation([], fin: false), count: 10_000)
        #expect(
            assemble([.binary([1], fin: false)] + many + [.continuation([2], fin: true)]).last
                == .assembledBinary([1, 2]))
    }

    @Test func letsControlFramesPassBetweenFragments() {
        #expect(
            assemble([
                .text("a", fin: false), Frame(opcode: 9, payload: [1, 2]), Frame(opcode: 10, payload: [3]),
                .continuation([0x62], fin: true),
            ]) == [.none, .ping([1, 2]), .pong, .assembledText("ab")])
        #expect(assemble([.text("a", fin: false), Frame(opcode: 8)]) == [.none, .close(nil)])
    }

    @Test func refusesFragmentsOutOfPlace() {
        #expect(assemble([.continuation([1], fin: true)]) == [.violation(1002)])
        #expect(assemble([.continuation([1], fin: false)]) == [.violation(1002)])
        #expect(assemble([.text("a"), .continuation([1], fin: true)]) == [.text("a"), .violation(1002)])
        #expect(assemble([.text("a", fin: false), .text("b")]) == [.none, .violation(1002)])
        #expect(assemble([.text("a", fin: false), .binary([1], fin: false)]) == [.none, .violation(1002)])
    }

    @Test func limitsTheMessageAndNotOnlyTheFrame() {
        let start = Frame.binary([1, 2], fin: false)
        #expect(
            assemble([start, .continuation([3], fin: true)], maxPayload: 3) == [.none, .assembledBinary([1, 2, 3])])
        #expect(assemble([start, .continuation([3, 4], fin: true)], maxPayload: 3) == [.none, .violation(1009)])
        #expect(assemble([start, .continuation([3, 4], fin: false)], maxPayload: 3) == [.none, .violation(1009)])
    }

    @Test func refusesTextThatIsNotUTF8() {
        #expect(assemble([Frame(opcode: 1, payload: [0xFF])]) == [.violation(1007)])
        #expect(
            assemble([Frame(fin: false, opcode: 1, payload: [0xC3]), .continuation([0x28], fin: true)])
                == [.none, .violation(1007)])
        #expect(
            assemble([Frame(fin: false, opcode: 1, payload: [0xE2]), .continuation([0x82], fin: true)])
                == [.none, .violation(1007)])
    }

    @Test(
        arguments: [
            ([], .close(nil)), ([3], .violation(1002)), ([3, 232], .close(1000)), ([3, 232, 0x62, 0x79], .close(1000)),
            ([3, 232, 0xFF], .violation(1007)), ([0, 0], .violation(1002)), ([0xFF, 0xFF], .violation(1002)),
        ] as [([UInt8], Assembled)])
    func readsCloseFrames(payload: [UInt8], result: Assembled) {
        #expect(assemble([Frame(opcode: 8, payload: payload)]) == [result])
    }

    @Test func knowsTheCodesThatPeersMaySend() {
        let legal = Set(1000...1003 as ClosedRange<UInt16>).union(1007...1014).union(3000...4999)
        for code in UInt16.min ... .max {
            #expect(WebSocketCloseCode(rawValue: code).isLegalOnTheWire == legal.contains(code))
        }
    }

    @Test func isSilentAfterTheEnd() {
        #expect(assemble([Frame(opcode: 8), .text("a"), Frame(opcode: 9)]) == [.close(nil), .none, .none])
        #expect(assemble([.continuation([], fin: true), .text("a")]) == [.violation(1002), .none])
    }
}
