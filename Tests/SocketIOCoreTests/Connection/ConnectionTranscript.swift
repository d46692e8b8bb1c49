import Testing

@testable import SocketIOCore

/// A connection as a table: what the client sent, or the server did, and what came of it.
///
/// `client 2["a"]` is a Socket.IO packet, `client binary 0102` a binary message in hexadecimal. The sockets are named
/// like their namespaces.
struct ConnectionTranscript: CustomTestStringConvertible, Sendable {
    let name: String
    let version: ProtocolVersion
    let table: String

    var testDescription: String { name }

    init(_ name: String, version: ProtocolVersion = .five, _ table: String) {
        self.name = name
        self.version = version
        self.table = table
    }

    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        var connection = ConnectionStateMachine<String>(version)
        for row in table.split(separator: "\n") {
            let cells = row.split(separator: "|", maxSplits: 1).map { trimmed($0) }
            guard cells.count == 2 else {
                Issue.record("This row does not have two cells: \(row)", sourceLocation: sourceLocation)
                return
            }
            let comes = connection.perform(cells[0])
            #expect(comes == cells[1], "\(cells[0])", sourceLocation: sourceLocation)
        }
    }

    private func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}

extension ConnectionStateMachine<String> {
    fileprivate mutating func perform(_ fact: String) -> String {
        let words = fact.split(separator: " ").map(String.init)
        switch words[0...].prefix(2) {
        case ["client", "binary"]: return receive(hexadecimal: words.count > 2 ? words[2] : "")
        case ["server", "asks-for"]:
            connecting(wireName(words[2]), as: words[2])
            return "-"
        case ["server", "accepts"]: return "\(accepted(wireName(words[2])))"
        case ["server", "removes"]: return remove(wireName(words[2])) ?? "none"
        case ["server", "ends"]: return list(closed())
        case ["server", "asks"]: return "sockets \(list(sockets)), has \(hasJoined ? "" : "not ")joined"
        default: return receive(text: String(fact.dropFirst("client ".count)))
        }
    }

    private mutating func receive(text: String) -> String {
        guard let packet = try? parse(text) else { return "not a packet" }
        switch withBytes(text, { received(packet, $0) }) {
        case .connect(let namespace, let query):
            let name = namespace.isEmpty ? "/" : String(decoding: namespace, as: UTF8.self)
            connecting(wireName(name), as: name)
            return "asks for \(name)" + (query.isEmpty ? "" : " with \(String(decoding: query, as: UTF8.self))")
        case .event(let socket): return "event at \(socket)"
        case .acknowledgement(let socket, let id): return "reply \(id) at \(socket)"
        case .disconnect(let socket): return "leaves \(socket)"
        case .ignore: return "-"
        case .violation(let violation): return "violation: \(violation)"
        }
    }

    private mutating func receive(hexadecimal: String) -> String {
        let digits = Array(hexadecimal)
        let bytes = stride(from: 0, to: digits.count, by: 2).map { position in
            UInt8(String(digits[position...(position + 1)]), radix: 16) ?? 0
        }
        switch withBytes(bytes, { received(binary: $0) }) {
        case .event(let socket, let packet): return "event at \(socket) with \(describe(packet, last: bytes))"
        case .acknowledgement(let socket, let id, let packet):
            return "reply \(id) at \(socket) with \(describe(packet, last: bytes))"
        case .ignore: return "-"
        case .violation(let violation): return "violation: \(violation)"
        }
    }

    private func describe(_ packet: BinaryPacket, last: [UInt8]) -> String {
        packet.parts(last: last).attachments.map { bytes in
            bytes.isEmpty ? "(empty)" : bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }.joined(separator: " ")
    }

    private func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: " ") }

    private func wireName(_ name: String) -> [UInt8] { name == "/" ? [] : Array(name.utf8) }
}

extension BinaryPacket {
    /// Copies of the text and the attachments.
    func parts(last: [UInt8]) -> (text: String, attachments: [[UInt8]]) {
        var packet = self
        var parts: (String, [[UInt8]]) = ("", [])
        withBytes(last) { last in
            packet.withParts(last: last) { text, attachments in
                // The byte behind the text may be written to, and is not an attachment's.
                (text.baseAddress.map { $0 + text.count })?.storeBytes(of: 0xFF, as: UInt8.self)
                parts = (String(decoding: text, as: UTF8.self), attachments.map { Array($0) })
            }
        }
        return parts
    }
}
