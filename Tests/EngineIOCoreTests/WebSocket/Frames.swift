import EngineIOCore
import Testing

/// A frame as a peer would send it, legal or not.
struct Frame {
    var fin = true
    var reserved: UInt8 = 0
    var opcode: UInt8
    var payload: [UInt8] = []
    var key: [UInt8]? = [0x12, 0x34, 0x56, 0x78]
    /// The size of the length field, where it is not the shortest: 2 or 8.
    var lengthSize: Int?

    static func text(_ text: String, fin: Bool = true) -> Frame {
        Frame(fin: fin, opcode: 1, payload: Array(text.utf8))
    }

    static func binary(_ payload: [UInt8], fin: Bool = true) -> Frame {
        Frame(fin: fin, opcode: 2, payload: payload)
    }

    static func continuation(_ payload: [UInt8], fin: Bool) -> Frame {
        Frame(fin: fin, opcode: 0, payload: payload)
    }

    var bytes: [UInt8] {
        let size = lengthSize ?? (payload.count < 126 ? 0 : payload.count < 65536 ? 2 : 8)
        let mark: UInt8 = size == 0 ? UInt8(truncatingIfNeeded: payload.count) : size == 2 ? 126 : 127
        var bytes = [(fin ? 0x80 : 0) | reserved << 4 | opcode, (key == nil ? 0 : 0x80) | mark]
        bytes += (0..<size).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        guard let key else { return bytes + payload }
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }
}

/// A ``WebSocketAssembly`` that owns its payload.
enum Assembled: Equatable {
    case none
    case text(String)
    case binary([UInt8])
    case assembledText(String)
    case assembledBinary([UInt8])
    case compressed([UInt8], isText: Bool)
    case ping([UInt8])
    case pong
    case close(UInt16?)
    case violation(UInt16)

    init(_ assembly: WebSocketAssembly) {
        self =
            switch assembly {
            case .none: .none
            case .text(let payload): .text(String(decoding: payload, as: UTF8.self))
            case .binary(let payload): .binary(Array(payload))
            case .assembledText(let bytes): .assembledText(String(decoding: bytes, as: UTF8.self))
            case .assembledBinary(let bytes): .assembledBinary(bytes)
            case .compressed(let payload, let isText): .compressed(Array(payload), isText: isText)
            case .assembledCompressed(let bytes, let isText): .compressed(bytes, isText: isText)
            case .ping(let payload): .ping(Array(payload))
            case .pong: .pong
            case .close(let code): .close(code?.rawValue)
            case .violation(let code, _): .violation(code.rawValue)
            }
    }
}

/// Parses, unmasks and assembles a whole stream, as a connection does, and stops at the first violation of the parser.
func assemble(_ stream: [UInt8], maxPayload: Int = 1_000_000) -> [Assembled] {
    var assembler = WebSocketMessageAssembler(maxPayload: maxPayload)
    return withMemory(stream) { stream in
        var results: [Assembled] = []
        var rest = stream
        while true {
            switch WebSocketFrameParser.parse(UnsafeRawBufferPointer(rest), masked: true, maxPayload: maxPayload) {
            case .incomplete:
                return results
            case .violation(let code, _):
                return results + [.violation(code.rawValue)]
            case .frame(let header):
                guard rest.count >= header.frameSize else { return results }
                let payload = UnsafeMutableRawBufferPointer(
                    rebasing: rest.slice(from: header.headerSize, upTo: header.frameSize))
                let isASCII = WebSocketFrameParser.unmask(
                    from: UnsafeRawBufferPointer(payload), into: payload, key: header.maskKey)
                results.append(Assembled(assembler.receive(header, payload: payload, isASCII: isASCII)))
                rest = UnsafeMutableRawBufferPointer(rebasing: rest.slice(from: header.frameSize))
            }
        }
    }
}
