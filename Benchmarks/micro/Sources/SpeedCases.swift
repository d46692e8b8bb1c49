import EngineIOCore
import SocketIOCore

/// One piece of work on one input.
struct SpeedCase {
    let name: String
    /// In a release build the work must go at this many MB/s at least: a promise for ASCII of a kilobyte and more, where
    /// the calls themselves do not count.
    let floor: Double?
    /// Makes the input, says its size for the throughput, and does the work once at each call.
    let prepare: () -> (bytes: Int, call: () -> Void)

    /// A gigabyte a second.
    static let promised = 1000.0

    init(_ name: String, floor: Double? = nil, prepare: @escaping () -> (bytes: Int, call: () -> Void)) {
        self.name = name
        self.floor = floor
        self.prepare = prepare
    }
}

extension SpeedCase {
    static var all: [SpeedCase] { json + packets + webSocket + wholeWay }

    /// What the server does to the arguments that an application emits.
    private static var json: [SpeedCase] {
        [
            json("string, 32 B", Payloads.string(32)),
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

    private static func json(
        _ name: String, _ text: @autoclosure @escaping () -> String, floor: Double? = nil
    ) -> SpeedCase {
        SpeedCase("JSON: \(name)", floor: floor) {
            let bytes = Bytes(text())
            return (
                bytes.count,
                {
                    guard UTF8Text.isValid(bytes.raw),
                        let value = try? JSONValidator.validate(bytes.raw, expecting: .any)
                    else { refused(name) }
                    use(value)
                }
            )
        }
    }

    /// What it does to a packet that comes in.
    private static var packets: [SpeedCase] {
        [
            packet("event, 32 B", event(Payloads.string(34))),
            packet("event, 1 kB string", event(Payloads.string(1024)), floor: promised),
            packet("event, 1 kB object", event(Payloads.object), floor: promised),
            packet("event, 64 kB string", event(Payloads.string(65_536)), floor: promised),
            packet("event, Cyrillic, 64 kB", event(Payloads.string(65_536, of: Payloads.cyrillic))),
            packet("event with id in a namespace", "2/chat,17[\"echo\",\(Payloads.string(34))]"),
            packet("event with attachment", #"51-["echo",{"_placeholder":true,"num":0}]"#),
            packet("acknowledgement", "317[\"ok\"]"),
        ]
    }

    private static func event(_ argument: String) -> String { "2[\"echo\",\(argument)]" }

    private static func packet(
        _ name: String, _ text: @autoclosure @escaping () -> String, floor: Double? = nil
    ) -> SpeedCase {
        SpeedCase("packet: \(name)", floor: floor) {
            let bytes = Bytes(text())
            let limits = PacketLimits()
            return (
                bytes.count,
                {
                    guard let packet = try? PacketParser.parse(bytes.raw, limits: limits) else { refused(name) }
                    use(packet)
                }
            )
        }
    }

    private static var webSocket: [SpeedCase] {
        [
            unmask("32 B", 32), unmask("1 kB", 1024), unmask("64 kB", 65_536),
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

    private static func unmask(_ name: String, _ size: Int) -> SpeedCase {
        SpeedCase("unmask: \(name)") {
            let source = Bytes([UInt8](repeating: 0x61, count: size))
            let target = Bytes([UInt8](repeating: 0, count: size))
            return (
                size, { use(WebSocketFrameParser.unmask(from: source.raw, into: target.memory, key: 0x1234_5678)) }
            )
        }
    }

    private static func utf8(_ name: String, _ text: @autoclosure @escaping () -> String) -> SpeedCase {
        SpeedCase("UTF-8: \(name)") {
            let bytes = Bytes(text())
            return (
                bytes.count,
                {
                    guard UTF8Text.isValid(bytes.raw) else { refused(name) }
                }
            )
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

    private static func wholeWay(
        _ name: String, _ text: @autoclosure @escaping () -> String, floor: Double? = nil
    ) -> SpeedCase {
        SpeedCase("frame to packet: \(name)", floor: floor) {
            let frame = Bytes(maskedFrame(of: "4\(text())"))
            let scratch = Bytes([UInt8](repeating: 0, count: frame.count))
            let limits = PacketLimits()
            var assembler = WebSocketMessageAssembler(maxPayload: 1 << 20)
            return (
                frame.count,
                {
                    guard
                        case .frame(let header) = WebSocketFrameParser.parse(
                            frame.raw, masked: true, maxPayload: 1 << 20)
                    else { refused(name) }
                    let masked = UnsafeRawBufferPointer(rebasing: frame.raw[header.headerSize...])
                    let payload = UnsafeMutableRawBufferPointer(rebasing: scratch.memory[..<header.length])
                    let isASCII = WebSocketFrameParser.unmask(from: masked, into: payload, key: header.maskKey)
                    guard case .text(let text) = assembler.receive(header, payload: payload, isASCII: isASCII),
                        let packet = try? PacketParser.parse(
                            UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(text)[1...]), limits: limits)
                    else { refused(name) }
                    use(packet)
                }
            )
        }
    }

    /// A client's frame with the text.
    private static func maskedFrame(of text: String) -> [UInt8] {
        let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]
        let payload = Array(text.utf8)
        var header = [UInt8](repeating: 0, count: WebSocketFrameWriter.maximumHeaderSize)
        let size = header.withUnsafeMutableBytes {
            WebSocketFrameWriter.writeHeader(opcode: .text, payload: payload.count, into: $0)
        }
        header[1] |= 0x80
        return header.prefix(size) + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }

    private static func refused(_ name: String) -> Never {
        fatalError("the benchmark's own input is refused: \(name)")
    }
}
