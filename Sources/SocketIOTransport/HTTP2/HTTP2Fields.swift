import EngineIOCore
import NIOCore
import NIOHPACK

/// Header fields of responses, as HTTP/2 has them.
enum HTTP2Fields {
    /// Those of a response that is written as HTTP/1.1: names in lower case, nothing about the connection.
    static func fields(of response: HTTPResponse, date: [UInt8]) -> HPACKHeaders {
        let text = [UInt8](unsafeUninitializedCapacity: response.headSize) { memory, count in
            var writer = MemoryWriter(UnsafeMutableRawBufferPointer(memory))
            response.write(with: &writer, date: date, keepAlive: true, withBody: false)
            count = writer.count
        }
        var fields = HPACKHeaders()
        fields.add(name: ":status", value: String(response.status))
        add(text, behind: 1, to: &fields)
        return fields
    }

    /// Those of the answer to the handshake of a WebSocket.
    static func acceptance(_ lines: HeaderLines, _ more: [(name: String, value: String)]) -> HPACKHeaders {
        var fields = HPACKHeaders()
        fields.add(name: ":status", value: "200")
        add(lines.bytes, behind: 0, to: &fields)
        add(HeaderLines(more).bytes, behind: 0, to: &fields)
        return fields
    }

    /// What a program, or HTTP/1.1, says about the connection is no field of HTTP/2.
    private static let ofConnection: Set = [
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
    ]

    /// Adds lines of HTTP/1.1, but for the first of them.
    private static func add(_ text: [UInt8], behind skipped: Int, to fields: inout HPACKHeaders) {
        for line in text.split(separator: UInt8(ascii: "\n")).dropFirst(skipped) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            guard !ofConnection.contains(name) else { continue }
            let value = String(
                decoding: line[(colon &+ 1)...].dropLast().drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)
            // A compressed cookie could be guessed piece by piece (CRIME).
            fields.add(name: name, value: value, indexing: name == "set-cookie" ? .neverIndexed : .indexable)
        }
    }
}
