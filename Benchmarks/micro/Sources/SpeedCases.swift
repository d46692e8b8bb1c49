import EngineIOCore
import SocketIOCore

/// One piece of work on one input.
struct SpeedCase {
    let name: String
    /// The size of the input, for the throughput.
    let bytes: Int
    let call: () -> Void
    /// In a release build the work must go at this many MB/s at least.
    var floor: Double?

    /// A gigabyte a second: what is promised for ordinary ASCII text.
    static let promised = 1000.0
}

extension SpeedCase {
    static var all: [SpeedCase] { json + packets + webSocket + wholeWay }

    /// What the server does to the arguments that an application emits.
    private static var json: [SpeedCase] {
        [
            json("string, 32 B", Payloads.string(32), floor: promised),
            json("string, 1 kB", Payloads.string(1024), floor: promised),
            json("string, 64 kB", Payloads.string(65_536), floor: promised),
            json("object, 1 kB", Payloads.object, floor: promised),
            json("records, 1 MB", Payloads.records(1 << 20)),
            json("numbers, 1 kB", Payloads.numbers(1024)),
            json("numbers, 64 kB", Payloads.numbers(65_536)),
            json("nested pairs, 1 kB", Payloads.pairs(1024)),
            json("512 levels", Payloads.nested(512)),
            json("escapes, 64 kB", Payloads.string(65_536, of: Payloads.escapes)),
            json("Cyrillic, 64 kB", Payloads.string(65_536, of: Payloads.cyrillic)),
            json("Chinese, 64 kB", Payloads.string(65_536, of: Payloads.chinese)),
            json("emoji, 64 kB", Payloads.string(65_536, of: Payloads.emoji)),
        ]
    }

    private static func json(_ name: String, _ text: String, floor: Double? = nil) -> SpeedCase {
        let bytes = Bytes(text)
        return SpeedCase(
            name: "JSON: \(name)", bytes: bytes.count,
            call: {
                guard let value = try? JSONValidator.validate(bytes.raw, expecting: .any) else { refused(name) }
                use(value)
            }, floor: floor)
    }

    /// What it does to a packet that comes in.
    private static var packets: [SpeedCase] {
        [
            packet("event, 32 B", event(Payloads.string(34))),
            packet("event, 1 kB string", event(Payloads.string(1024)), floor: promised),
            packet("event, 1 kB object", event(Payloads.object), floor: promised),
            packet("event, 64 kB string", event(Payloads.string(65_536)), floor: promised),
            packet("event, Cyrillic, 64 kB", event(Payloads.string(65_536, of: Payloads.cyrillic))),
            packet("event with id in a namespace", "2/chat,17[\"echo\",\"\(String(repeating: "x", count: 32))\"]"),
            packet("event with attachment", #"51-["echo",{"_placeholder":true,"num":0}]"#),
            packet("acknowledgement", "317[\"ok\"]"),
        ]
    }

    private static func event(_ argument: String) -> String { "2[\"echo\",\(argument)]" }

    private static func packet(_ name: String, _ text: String, floor: Double? = nil) -> SpeedCase {
        let bytes = Bytes(text)
        let limits = PacketLimits()
        return SpeedCase(
            name: "packet: \(name)", bytes: bytes.count,
            call: {
                guard let packet = try? PacketParser.parse(bytes.raw, limits: limits) else { refused(name) }
                use(packet)
            }, floor: floor)
    }

    private static var webSocket: [SpeedCase] {
        [32, 1024, 65_536].map(unmask) + [
            utf8("ASCII, 32 B", Payloads.string(32)),
            utf8("ASCII, 1 kB", Payloads.string(1024)),
            utf8("ASCII, 64 kB", Payloads.string(65_536)),
            utf8("Cyrillic, 32 B", Payloads.string(32, of: Payloads.cyrillic)),
            utf8("Cyrillic, 1 kB", Payloads.string(1024, of: Payloads.cyrillic)),
            utf8("Cyrillic, 64 kB", Payloads.string(65_536, of: Payloads.cyrillic)),
            utf8("Chinese, 64 kB", Payloads.string(65_536, of: Payloads.chinese)),
            utf8("emoji, 64 kB", Payloads.string(65_536, of: Payloads.emoji)),
        ]
    }

    private static func unmask(_ size: Int) -> SpeedCase {
        let source = Bytes([UInt8](repeating: 0x61, count: size))
        let target = Bytes([UInt8](repeating: 0, count: size))
        return SpeedCase(name: "unmask: \(size) B", bytes: size) {
            WebSocketFrameParser.unmask(from: source.raw, into: target.memory, key: 0x1234_5678)
        }
    }

    private static func utf8(_ name: String, _ text: String) -> SpeedCase {
        let bytes = Bytes(text)
        return SpeedCase(name: "UTF-8: \(name)", bytes: bytes.count) {
            guard UTF8Text.isValid(bytes.raw) else { refused(name) }
        }
    }

    /// From the frame in the receive buffer to the parsed packet: all that is done before somebody's handler runs.
    private static var wholeWay: [SpeedCase] {
        [
            wholeWay("32 B", event(Payloads.string(34))),
            wholeWay("1 kB object", event(Payloads.object), floor: promised),
            wholeWay("64 kB", event(Payloads.string(65_536)), floor: promised),
            wholeWay("Cyrillic, 64 kB", event(Payloads.string(65_536, of: Payloads.cyrillic))),
        ]
    }

    private static func wholeWay(_ name: String, _ text: String, floor: Double? = nil) -> SpeedCase {
        let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        let payload = Array("4\(text)".utf8)
        let length: [UInt8] =
            payload.count < 126
            ? [0x80 | UInt8(payload.count)]
            : payload.count < 65_536
                ? [0xFE] + bigEndian(payload.count, bytes: 2) : [0xFF] + bigEndian(payload.count, bytes: 8)
        let frame = Bytes([0x81] + length + key + payload.enumerated().map { $1 ^ key[$0 % 4] })
        let scratch = Bytes([UInt8](repeating: 0, count: payload.count))
        let limits = PacketLimits()
        var assembler = WebSocketMessageAssembler(maxPayload: 1 << 20)
        return SpeedCase(
            name: "frame to packet: \(name)", bytes: frame.count,
            call: {
                guard
                    case .frame(let header) = WebSocketFrameParser.parse(frame.raw, masked: true, maxPayload: 1 << 20)
                else { refused(name) }
                let masked = UnsafeRawBufferPointer(rebasing: frame.raw[header.headerSize...])
                WebSocketFrameParser.unmask(from: masked, into: scratch.memory, key: header.maskKey)
                guard case .text(let text) = assembler.receive(header, payload: scratch.memory),
                    let packet = try? PacketParser.parse(
                        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[1...]), limits: limits)
                else { refused(name) }
                use(packet)
            }, floor: floor)
    }

    private static func bigEndian(_ value: Int, bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func refused(_ name: String) -> Never {
        fatalError("the benchmark's own input is refused: \(name)")
    }
}
