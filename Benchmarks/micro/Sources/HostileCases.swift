import EngineIOCore
import SocketIOCore

/// An input that somebody once made a parser slow with: what it costs must grow as its size does.
///
/// The list of CVEs behind it is in the hostile cases of `Tests/SocketIOCoreTests/Packet/HostilePacketTests.swift`.
struct HostileCase {
    let name: String
    /// Makes the input of about `size` bytes, and the work on it.
    let make: (_ size: Int) -> () -> Void

    /// The time for twice the size may be this much longer.
    static let allowedRatio = 2.5
    static let size = 500_000
}

extension HostileCase {
    static var all: [HostileCase] { packets + texts }

    private static var packets: [HostileCase] {
        [
            packet("51 and digits", "5", "1"),
            packet("an id of digits", "2", "1", "[\"a\"]"),
            packet("opening brackets", "2[\"a\",", "["),
            packet("opening brackets, any depth", "2[\"a\",", "[", depth: .max),
            packet("opening braces, any depth", "2[\"a\",", "{\"a\":", depth: .max),
            packet("a long namespace", "0/", "a", ","),
            packet("a long namespace outside ASCII", "0/", "é", ","),
            packet("a long event name", "2[\"", "a", "\"]"),
            packet("an event name of escapes", "2[\"", "\\u0063", "\"]"),
            packet("an event name without end", "2[\"", "\\\\"),
            packet("a string of alternating text and escapes", "2[\"a\",\"", "a\\n", "\"]"),
            packet("a string of alternating scripts", "2[\"a\",\"", "aé", "\"]"),
            packet("a number", "2[\"a\",", "1", "]"),
            packet("a number that ends wrong", "2[\"a\",", "1", "x"),
            packet("whitespace", "2[\"a\"", " ", "]"),
            packet("whitespace behind the packet", "2[\"a\"]", " ", "x"),
            packet("commas", "2[\"a\"", ","),
            packet("empty arrays", "2[\"a\"", ",[]", "]"),
            packet("empty strings", "2[\"a\"", ",\"\"", "]"),
            packet("placeholders", "51-[\"a\"", ",{\"_placeholder\":true,\"num\":0}", "]"),
            packet("a placeholder's number", "51-[\"a\",{\"_placeholder\":true,\"num\":", "0", "}]"),
            packet("keys that might be a placeholder's", "51-[\"a\"", ",{\"_placeholde\":0,\"nun\":1}", "]"),
            packet("escaped keys", "51-[\"a\"", ",{\"\\u006e\\u0075\\u006d\":1}", "]"),
        ]
    }

    private static func packet(
        _ name: String, _ prefix: String, _ repeated: String, _ suffix: String = "", depth: Int = 512
    ) -> HostileCase {
        HostileCase(name: "packet: \(name)") { size in
            let bytes = Bytes(prefix + String(repeating: repeated, count: size / repeated.utf8.count) + suffix)
            let limits = PacketLimits(depth: depth)
            return {
                let packet = try? PacketParser.parse(bytes.raw, limits: limits)
                use(packet)
            }
        }
    }

    private static var texts: [HostileCase] {
        [
            HostileCase(name: "UTF-8: ASCII and the rest in turn") { size in
                let bytes = Bytes(String(repeating: "aé", count: size / 3))
                return { use(UTF8Text.isValid(bytes.raw)) }
            },
            HostileCase(name: "UTF-8: wrong at the end") { size in
                let bytes = Bytes(Array(String(repeating: "é", count: size / 2).utf8) + [0xFF])
                return { use(UTF8Text.isValid(bytes.raw)) }
            },
            HostileCase(name: "WebSocket: empty fragments") { size in
                let header = WebSocketFrameHeader(fin: false, opcode: .text, length: 0, maskKey: 0, headerSize: 6)
                let next = WebSocketFrameHeader(fin: false, opcode: .continuation, length: 0, maskKey: 0, headerSize: 6)
                let payload = Bytes([])
                return {
                    var assembler = WebSocketMessageAssembler(maxPayload: 1 << 20)
                    use(assembler.receive(header, payload: payload.memory))
                    for _ in 0..<(size / 6) { use(assembler.receive(next, payload: payload.memory)) }
                }
            },
            HostileCase(name: "WebSocket: fragments of one byte") { size in
                let header = WebSocketFrameHeader(fin: false, opcode: .text, length: 1, maskKey: 0, headerSize: 6)
                let next = WebSocketFrameHeader(fin: false, opcode: .continuation, length: 1, maskKey: 0, headerSize: 6)
                let payload = Bytes([0x61])
                return {
                    var assembler = WebSocketMessageAssembler(maxPayload: .max)
                    use(assembler.receive(header, payload: payload.memory))
                    for _ in 0..<(size / 7) { use(assembler.receive(next, payload: payload.memory)) }
                }
            },
            HostileCase(name: "polling: separators") { size in
                let bytes = Bytes(String(repeating: "4\u{1E}", count: size / 2) + "4")
                return {
                    var decoder = PayloadDecoder(bytes.memory)
                    while let packet = decoder.next() { use(packet) }
                }
            },
        ]
    }
}

extension HostileCase {
    /// Nanoseconds a call, and how many times longer a call with twice the size takes.
    ///
    /// Either may be disturbed, so they are measured in turn until the ratio is as it should be, or has had its chances.
    func measure() -> (time: Double, ratio: Double) {
        let single = make(Self.size)
        let double = make(2 * Self.size)
        var best = (single: Double.infinity, double: Double.infinity)
        for round in 0..<30 where round < 3 || best.double / best.single > Self.allowedRatio {
            best.single = min(best.single, Measurement.nanosecondsPerCall(repetitions: 2, single))
            best.double = min(best.double, Measurement.nanosecondsPerCall(repetitions: 2, double))
        }
        return (best.single, best.double / best.single)
    }
}
