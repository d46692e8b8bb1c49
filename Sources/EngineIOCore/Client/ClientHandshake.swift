/// The terms on which a server has opened a session.
public struct ClientHandshake: Sendable, Equatable {
    /// The session's id. It is a secret: whoever knows it speaks for the session.
    public let sid: String
    /// What the session may upgrade to, of the transports that are known here.
    public let upgrades: [Transport]
    /// In milliseconds.
    public let pingInterval: Int64
    public let pingTimeout: Int64
    /// The largest body of a POST that the server takes; nil: it does not say.
    public let maxPayload: Int?
    /// What carries the session as it begins.
    public let transport: Transport
    public let revision: ProtocolRevision

    public init(
        sid: String, upgrades: [Transport] = [], pingInterval: Int64 = 25_000, pingTimeout: Int64 = 20_000,
        maxPayload: Int? = nil, transport: Transport, revision: ProtocolRevision = .four
    ) {
        self.sid = sid
        self.upgrades = upgrades
        self.pingInterval = pingInterval
        self.pingTimeout = pingTimeout
        self.maxPayload = maxPayload
        self.transport = transport
        self.revision = revision
    }

    /// The same, in another revision.
    public func speaking(_ revision: ProtocolRevision) -> ClientHandshake {
        ClientHandshake(
            sid: sid, upgrades: upgrades, pingInterval: pingInterval, pingTimeout: pingTimeout, maxPayload: maxPayload,
            transport: transport, revision: revision)
    }

    /// Reads what stands behind the type of an open packet; nil for what is none.
    ///
    /// Unknown members are skipped, and those that are not there have the defaults of Node's server: servers of many
    /// hands send this. A time of no sense is brought to one.
    public init?(json: UnsafeRawBufferPointer, transport: Transport, revision: ProtocolRevision) {
        var reader = HandshakeReader(bytes: json)
        guard let members = reader.read(), let sid = members.sid, !sid.isEmpty, sid.utf8.count <= Self.longestSID else {
            return nil
        }
        self.init(
            sid: sid, upgrades: members.upgrades.compactMap(Transport.init),
            pingInterval: Self.time(members.pingInterval, 25_000), pingTimeout: Self.time(members.pingTimeout, 20_000),
            maxPayload: members.maxPayload.flatMap { $0 >= 1 ? Int(exactly: $0.rounded(.down)) : nil },
            transport: transport, revision: revision)
    }

    private static var longestSID: Int { 1024 }

    private static func time(_ number: Double?, _ missing: Int64) -> Int64 {
        guard let number, number == number else { return missing }
        return Int64(max(1, min(number, Double(Int32.max))))
    }
}

/// Reads the one JSON object that Engine.IO has. A few members are looked for; the others are skipped, however deep.
private struct HandshakeReader {
    struct Members {
        var sid: String?
        var upgrades: [String] = []
        var pingInterval: Double?
        var pingTimeout: Double?
        var maxPayload: Double?
    }

    let bytes: UnsafeRawBufferPointer
    var offset = 0

    init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func read() -> Members? {
        var members = Members()
        guard take("{") else { return nil }
        if take("}") { return members }
        repeat {
            guard let name = string(), take(":") else { return nil }
            switch name {
            case "sid":
                guard let sid = string() else { return nil }
                members.sid = sid
            case "upgrades":
                guard let upgrades = strings() else { return nil }
                members.upgrades = upgrades
            case "pingInterval": members.pingInterval = number()
            case "pingTimeout": members.pingTimeout = number()
            case "maxPayload": members.maxPayload = number()
            default: break
            }
            // What was read ends here; what was not, or is of another kind, is skipped.
            guard skipValue() else { return nil }
        } while take(",")
        return take("}") ? members : nil
    }

    private mutating func skipBlanks() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset &+= 1
            default: return
            }
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
        offset &+= 1
        return true
    }

    private mutating func strings() -> [String]? {
        guard take("[") else { return nil }
        var strings: [String] = []
        if take("]") { return strings }
        repeat {
            guard strings.count < 16, let string = string() else { return nil }
            strings.append(string)
        } while take(",")
        return take("]") ? strings : nil
    }

    private mutating func number() -> Double? {
        skipBlanks()
        let start = offset
        while offset < bytes.count, offset &- start < 32, isNumberByte(bytes[offset]) { offset &+= 1 }
        return Double(String(decoding: bytes[start..<offset], as: UTF8.self))
    }

    private func isNumberByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while offset < bytes.count {
            let byte = bytes[offset]
            offset &+= 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escaped() else { return nil }
                text += String(scalar).utf8
            case 0..<0x20: return nil
            default: text.append(byte)
            }
        }
        return nil
    }

    /// What stands for a character behind a backslash. No member that is looked for has one beyond U+FFFF.
    private mutating func escaped() -> Unicode.Scalar? {
        guard offset < bytes.count else { return nil }
        let byte = bytes[offset]
        offset &+= 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var code: UInt32 = 0
            for _ in 0..<4 {
                guard offset < bytes.count, let digit = PercentEncoding.hexadecimalDigit(bytes[offset]) else {
                    return nil
                }
                code = code << 4 | UInt32(digit)
                offset &+= 1
            }
            return Unicode.Scalar(code) ?? "\u{FFFD}"
        default: return nil
        }
    }

    /// Moves to the comma or the bracket behind a value.
    private mutating func skipValue() -> Bool {
        var depth = 0
        while true {
            skipBlanks()
            guard offset < bytes.count else { return false }
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                guard string() != nil else { return false }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth &+= 1
                offset &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { return true }
                depth &-= 1
                offset &+= 1
            case UInt8(ascii: ",") where depth == 0: return true
            default: offset &+= 1
            }
        }
    }
}
