import EngineIOCore
import Testing

@Suite struct FrameParserTests {
    private enum Parsed: Equatable {
        case incomplete
        case frame(WebSocketFrameHeader)
        case violation(UInt16)
    }

    private func parse(_ bytes: some Collection<UInt8>, masked: Bool = true, maxPayload: Int = 1_000_000) -> Parsed {
        withMemory(bytes) { memory in
            let bytes = UnsafeRawBufferPointer(memory)
            return switch WebSocketFrameParser.parse(bytes, masked: masked, maxPayload: maxPayload) {
            case .incomplete: .incomplete
            case .frame(let header): .frame(header)
            case .violation(let code, _): .violation(code.rawValue)
            }
        }
    }

    private let key = withUnsafeBytes(of: [0x12, 0x34, 0x56, 0x78] as [4 of UInt8]) { $0.load(as: UInt32.self) }

    @Test(arguments: [(0, 2), (1, 2), (125, 2), (126, 4), (127, 4), (65535, 4), (65536, 10), (100_000, 10)])
    func readsEveryFormOfLength(length: Int, unmaskedSize: Int) {
        var frame = Frame.binary([UInt8](repeating: 0, count: length))
        var header = WebSocketFrameHeader(
            fin: true, opcode: .binary, length: length, maskKey: key, headerSize: unmaskedSize + 4)
        #expect(parse(frame.bytes) == .frame(header))
        #expect(header.frameSize == frame.bytes.count)

        frame.key = nil
        header.maskKey = 0
        header.headerSize = unmaskedSize
        #expect(parse(frame.bytes, masked: false) == .frame(header))
    }

    @Test(arguments: [0, 125, 126, 65535, 65536])
    func waitsForAWholeHeader(length: Int) {
        let frame = Frame.binary([UInt8](repeating: 0, count: length))
        let headerSize = frame.bytes.count - length
        for count in 0..<headerSize {
            #expect(parse(frame.bytes.prefix(count)) == .incomplete)
        }
        // The payload need not be there.
        #expect(parse(frame.bytes.prefix(headerSize)) != .incomplete)
    }

    @Test func acceptsLengthsThatAreNotInTheirShortestForm() {
        for size in [2, 8] {
            var frame = Frame.text("abc")
            frame.lengthSize = size
            let header = WebSocketFrameHeader(
                fin: true, opcode: .text, length: 3, maskKey: key, headerSize: 6 + size)
            #expect(parse(frame.bytes) == .frame(header))
        }
    }

    @Test func refusesALengthWithItsHighestBitSet() {
        #expect(parse([0x82] + [UInt8](repeating: 0xFF, count: 9)) == .violation(1002))
        #expect(parse([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]) == .violation(1002))
        #expect(parse([0x82, 0x7F] + [UInt8](repeating: 0xFF, count: 8), masked: false) == .violation(1002))
    }

    @Test func refusesAPayloadByItsDeclaredLength() {
        #expect(parse([0x82, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7)) == .violation(1009))
        #expect(
            parse([0x82, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7) + [0, 0, 0, 0], maxPayload: .max)
                == .violation(1009))
        #expect(parse(Frame.binary([0, 0, 0]).bytes, maxPayload: 2) == .violation(1009))
        #expect(parse(Frame.binary([0, 0]).bytes, maxPayload: 2) != .violation(1009))
        #expect(parse(Frame.binary([0]).bytes, maxPayload: -1) == .violation(1009))
        // Control frames are no messages.
        #expect(parse(Frame(opcode: 9, payload: [0, 0, 0]).bytes, maxPayload: 2) != .violation(1009))
    }

    @Test func refusesReservedBits() {
        for reserved in 1...7 as ClosedRange<UInt8> {
            #expect(parse(Frame(reserved: reserved, opcode: 1).bytes) == .violation(1002))
        }
    }

    @Test func refusesReservedOpcodes() {
        for opcode in 0...15 as ClosedRange<UInt8> {
            let isKnown = [0, 1, 2, 8, 9, 10].contains(opcode)
            #expect((parse(Frame(opcode: opcode).bytes) == .violation(1002)) == !isKnown)
        }
    }

    @Test(arguments: [8, 9, 10] as [UInt8])
    func refusesControlFramesThatAreFragmentedOrLong(opcode: UInt8) {
        let full = [UInt8](repeating: 0, count: 125)
        #expect(parse(Frame(fin: false, opcode: opcode).bytes) == .violation(1002))
        #expect(parse(Frame(opcode: opcode, payload: full + [0]).bytes) == .violation(1002))
        #expect(parse(Frame(opcode: opcode, lengthSize: 2).bytes) == .violation(1002))
        #expect(parse(Frame(opcode: opcode, lengthSize: 8).bytes) == .violation(1002))
        #expect(parse(Frame(opcode: opcode, payload: full).bytes) != .violation(1002))
    }

    @Test func refusesTheWrongMasking() {
        #expect(parse(Frame(opcode: 1, key: nil).bytes) == .violation(1002))
        #expect(parse(Frame(opcode: 1).bytes, masked: false) == .violation(1002))
    }

    @Test func unmasksEveryLengthAtEveryPhase() {
        var random = SplitMix64(seed: 4)
        for count in Array(0...40) + [63, 64, 65, 96, 100] {
            for phase in 0...4 {
                let keyBytes = random.bytes(4)
                let key = keyBytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
                let masked = random.bytes(count)
                let plain = masked.enumerated().map { $1 ^ keyBytes[($0 + phase) % 4] }
                withMemory(masked) { memory in
                    let source = UnsafeRawBufferPointer(memory)
                    withMemory([UInt8](repeating: 0, count: count)) { copy in
                        WebSocketFrameParser.unmask(from: source, into: copy, key: key, phase: phase)
                        #expect(Array(copy) == plain)
                    }
                    WebSocketFrameParser.unmask(from: source, into: memory, key: key, phase: phase)
                    #expect(Array(memory) == plain)
                }
            }
        }
    }

    /// A single byte outside ASCII, at each place of each length around the sizes that are looked at together.
    @Test func tellsWhetherTheTextIsASCII() {
        for count in 0...70 {
            withMemory([UInt8](repeating: 0, count: count)) { memory in
                for place in 0...count {
                    for (keyByte, plain) in [(0x81, 0x00), (0x00, 0x7F)] as [(UInt8, UInt8)] {
                        let key = UInt32(keyByte) &* 0x0101_0101
                        let masked = (0..<count).map { ($0 == place ? 0x80 : plain) ^ keyByte }
                        withMemory(masked) { source in
                            let isASCII = WebSocketFrameParser.unmask(
                                from: UnsafeRawBufferPointer(source), into: memory, key: key)
                            #expect(isASCII == (place == count), "byte \(place) of \(count)")
                        }
                    }
                }
            }
        }
    }

    @Test func unmasksOverItsOwnHeader() {
        for gap in 0...14 {
            let plain = Array(0..<100 as Range<UInt8>)
            let masked = plain.enumerated().map { $1 ^ [1, 2, 3, 4][$0 % 4] }
            let key = withUnsafeBytes(of: [1, 2, 3, 4] as [4 of UInt8]) { $0.load(as: UInt32.self) }
            withMemory([UInt8](repeating: 0, count: gap) + masked) { memory in
                let source = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[gap...])
                WebSocketFrameParser.unmask(from: source, into: memory, key: key)
                #expect(Array(memory.prefix(plain.count)) == plain)
            }
        }
    }

    @Test func unmasksNoMoreThanFits() {
        withMemory([1, 2, 3, 4, 5]) { memory in
            let short = UnsafeMutableRawBufferPointer(rebasing: memory[..<2])
            WebSocketFrameParser.unmask(from: UnsafeRawBufferPointer(memory), into: short, key: .max)
            #expect(Array(memory) == [0xFE, 0xFD, 3, 4, 5])
            WebSocketFrameParser.unmask(from: UnsafeRawBufferPointer(short), into: memory, key: .max)
            #expect(Array(memory) == [1, 2, 3, 4, 5])
        }
    }

    @Test func survivesDamagedStreams() {
        var random = SplitMix64(seed: 5)
        let seeds: [[UInt8]] = [
            Frame.text("42[\"hello\"]").bytes + Frame(opcode: 9, payload: [1, 2]).bytes,
            Frame.text("4é", fin: false).bytes + Frame.continuation([], fin: false).bytes
                + Frame.continuation(Array("€".utf8), fin: true).bytes,
            Frame.binary([UInt8](repeating: 7, count: 130)).bytes + Frame(opcode: 8, payload: [3, 232]).bytes,
            Frame(opcode: 2, payload: [1], lengthSize: 8).bytes + Frame(opcode: 10).bytes,
        ]
        let alphabet: [UInt8] = [0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x88, 0x89, 0x7F, 0xFE, 0xFF]
        for _ in 0..<30_000 {
            let stream = random.mutation(of: seeds, alphabet: alphabet)
            let results = assemble(stream, maxPayload: 200)
            let end = results.firstIndex {
                switch $0 {
                case .close, .violation: true
                default: false
                }
            }
            if let end {
                // The assembler is silent after the end; the parser may still find fault with a later header.
                for result in results.dropFirst(end + 1).dropLast() { #expect(result == .none) }
            }
        }
    }
}
