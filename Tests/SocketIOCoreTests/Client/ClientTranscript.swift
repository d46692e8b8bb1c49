import Testing

@testable import SocketIOCore

/// A client as a table: what it wants or the server sends, and what comes of it.
///
/// `server 2["a"]` is a Socket.IO packet, `server binary 0102` a binary message in hexadecimal. The sockets are named
/// like their namespaces.
struct ClientTranscript: CustomTestStringConvertible, Sendable {
    let name: String
    let table: String

    var testDescription: String { name }

    init(_ name: String, _ table: String) {
        self.name = name
        self.table = table
    }

    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        var client = ClientConnectionMachine<String>(earlyLimit: 200)
        for row in table.split(separator: "\n") {
            let cells = row.split(separator: "|", maxSplits: 1).map { trimmed($0) }
            guard cells.count == 2 else {
                Issue.record("This row does not have two cells: \(row)", sourceLocation: sourceLocation)
                return
            }
            let comes = client.perform(cells[0])
            #expect(comes == cells[1], "\(cells[0])", sourceLocation: sourceLocation)
        }
    }

    private func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}

extension ClientConnectionMachine<String> {
    fileprivate mutating func perform(_ fact: String) -> String {
        let words = fact.split(separator: " ").map(String.init)
        let namespace = words.count > 1 ? wireName(words[1]) : []
        switch words[0] {
        case "add": return "\(add(namespace, as: words[1]))"
        case "want": return "\(activate(namespace))"
        case "leave": return "\(leave(namespace))"
        case "open": return list(opened(.five, session: words[1]))
        case "open-v4": return list(opened(.four, session: words[1]))
        case "ask":
            switch ask(for: namespace) {
            case .connect(let version, let recovery):
                let session = recovery.map { " going on with \($0.privateID) \($0.offset ?? "-")" } ?? ""
                return "connect \(version)" + session
            case .expect: return "expect"
            case .nothing: return "nothing"
            }
        case "close":
            return list(closed().map { "\($0.socket)\($0.wasConnected ? "!" : "")" })
        case "early": return list(takeEarly(namespace).map { text(of: $0) })
        case "wanted?": return "\(isWanted)"
        case "server" where words[1] == "binary": return receive(hexadecimal: words[2])
        default: return receive(text: String(fact.dropFirst("server ".count)))
        }
    }

    private func wireName(_ name: String) -> [UInt8] { Array(name.utf8) }

    private func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: " ") }

    private func text(of packet: BinaryPacket) -> String {
        var packet = packet
        var description = ""
        packet.withParts { text, attachments in
            description = String(decoding: text, as: UTF8.self)
            for attachment in attachments { description += "+\(attachment.count)" }
        }
        return description
    }

    private mutating func receive(text: String) -> String {
        let limits = PacketLimits(disconnectMayHavePayload: true)
        guard let packet = try? withBytes(text, { try PacketParser.parse($0, limits: limits) }) else {
            return "not a packet"
        }
        return withBytes(text) { bytes in
            switch received(packet, bytes) {
            case .event(let socket):
                let arguments =
                    Array("[".utf8) + bytes.slice(from: min(packet.event?.next ?? 0, bytes.count - 1)).dropFirst()
                delivered(wireName(socket), arguments: UnsafeRawBufferPointer(copying: arguments))
                return "event at \(socket)"
            case .early: return keep(packet, bytes, attachments: Attachments(start: nil, count: 0)) ? "early" : "full"
            case .acknowledgement(let socket, let id): return "reply \(id) at \(socket)"
            case .connect(let socket):
                let payload = UnsafeRawBufferPointer(rebasing: bytes.slice(packet.header.payload))
                return "\(socket): \(accepted(wireName(socket), ConnectAnswer(payload: payload)))"
            case .refused(let socket): return "refused \(socket)"
            case .error(let socket): return "error at \(socket)"
            case .disconnect(let socket): return "disconnect \(socket)"
            case .leave(let socket): return "leave \(socket)"
            case .ignore: return "-"
            case .violation(let violation): return "violation: \(violation)"
            }
        }
    }

    private mutating func receive(hexadecimal: String) -> String {
        let digits = Array(hexadecimal)
        let bytes = stride(from: 0, to: digits.count, by: 2).map { position in
            UInt8(String(digits[position...(position + 1)]), radix: 16) ?? 0
        }
        return withBytes(bytes) { last in
            switch received(binary: last) {
            case .event(let socket, _): return "event at \(socket)"
            case .early(var packet):
                let parsed = packet.packet
                var isKept = false
                packet.withParts(last: last) {
                    isKept = keep(parsed.withoutWaiting, UnsafeRawBufferPointer($0), attachments: $1)
                }
                return isKept ? "early" : "full"
            case .acknowledgement(let socket, let id, _): return "reply \(id) at \(socket)"
            case .ignore: return "-"
            case .violation(let violation): return "violation: \(violation)"
            }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Memory that lives as long as the test.
    fileprivate init(copying bytes: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        copy.copyBytes(from: bytes)
        self.init(copy)
    }
}
