import EngineIOCore
import NIOCore

/// A whole response, as it is written: head and body in one piece.
package struct HTTPResponse {
    package enum Body {
        case bytes(ByteBuffer)
        case text(StaticString)
        case packets(PollingBody)
        /// Read while it is sent.
        case stream(HTTPBodyStream)

        var count: Int {
            switch self {
            case .bytes(let bytes): bytes.readableBytes
            case .text(let text): text.utf8CodeUnitCount
            case .packets(let packets): packets.count
            case .stream(let stream): stream.count
            }
        }
    }

    /// A larger body is not copied to leave with the head in one piece.
    private static var copiedBytes: Int { 16 * 1024 }

    package var status: Int
    /// Whole lines of header fields that are always the same.
    var fields: StaticString = ""
    package var headers: [(name: String, value: String)] = []
    /// The fields that a server adds to all of its responses.
    var lines = HeaderLines()
    package var body: Body
    /// Whether the body may be compressed; see ``compressed(for:on:)``.
    package var isCompressible = false
    /// Ends the connection after the response.
    package var closes = false
    /// Whether there is an `Upgrade` among the fields, which `Connection` has to name (RFC 9110, 7.8).
    var namesUpgrade = false

    package init(status: Int, headers: [(name: String, value: String)] = [], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = .bytes(body)
    }

    package init(status: Int, contentType: String, text: String) {
        self.init(status: status, headers: [("Content-Type", contentType)], body: ByteBuffer(string: text))
    }

    init(status: Int, headers: [(name: String, value: String)], body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    init(status: Int, fields: StaticString, body: Body) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// No less than the head takes: what is always there is smaller than 200 bytes.
    var headSize: Int {
        var size = 200 &+ fields.utf8CodeUnitCount &+ lines.bytes.count
        for (name, value) in headers { size &+= name.utf8.count &+ value.utf8.count &+ 4 }
        return size
    }

    /// Writes the head as HTTP/1.1. `length` is the body's; `date` is ``HTTPDate/now()``.
    private func writeHead(with writer: inout MemoryWriter, length: Int, date: [UInt8], keepAlive: Bool) {
        if status == 200 {
            writer.write("HTTP/1.1 200 OK\r\n" as StaticString)
        } else {
            writer.write("HTTP/1.1 " as StaticString)
            writer.write(status)
            writer.write(" " as StaticString)
            writer.write(Self.reason(of: status))
            writer.write("\r\n" as StaticString)
        }
        writer.write(fields)
        writer.write(lines.bytes)
        for (name, value) in headers {
            writer.write(name)
            writer.write(": " as StaticString)
            writer.write(value)
            writer.write("\r\n" as StaticString)
        }
        writer.write(date)
        if hasBody {
            writer.write("Content-Length: " as StaticString)
            writer.write(length)
            writer.write("\r\n" as StaticString)
        }
        if keepAlive {
            writer.write("Connection: keep-alive\r\n\r\n" as StaticString)
        } else if namesUpgrade {
            writer.write("Connection: close, upgrade\r\n\r\n" as StaticString)
        } else {
            writer.write("Connection: close\r\n\r\n" as StaticString)
        }
    }

    /// Whether a response of this status has a body, and says how large it is.
    var hasBody: Bool { status != 204 && status != 304 }

    /// The body, if it is read while it is sent.
    var stream: HTTPBodyStream? {
        if case .stream(let stream) = body { stream } else { nil }
    }

    /// The body, if it is in memory.
    var bodyBytes: ByteBuffer {
        guard hasBody, stream == nil else { return ByteBuffer() }
        if case .bytes(let bytes) = body { return bytes }
        var bytes = ByteBufferAllocator().buffer(capacity: body.count)
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: body.count) { memory in
            var writer = MemoryWriter(memory)
            writeBody(with: &writer)
            return writer.count
        }
        return bytes
    }

    /// Writes head and body, if that is in memory. `withBody` is false for the answer to a HEAD request.
    func write(to output: ConnectionOutput, date: [UInt8], keepAlive: Bool, withBody: Bool) {
        let length = body.count
        if case .bytes(let bytes) = body, withBody, hasBody, length > Self.copiedBytes {
            output.append(headSize) { memory in
                var writer = MemoryWriter(memory)
                writeHead(with: &writer, length: length, date: date, keepAlive: keepAlive)
                return writer.count
            }
            return output.append(shared: bytes)
        }
        output.append(headSize &+ (withBody && stream == nil ? length : 0)) { memory in
            var writer = MemoryWriter(memory)
            write(with: &writer, date: date, keepAlive: keepAlive, withBody: withBody)
            return writer.count
        }
    }

    func write(with writer: inout MemoryWriter, date: [UInt8], keepAlive: Bool, withBody: Bool) {
        writeHead(with: &writer, length: body.count, date: date, keepAlive: keepAlive)
        if withBody && hasBody { writeBody(with: &writer) }
    }

    private func writeBody(with writer: inout MemoryWriter) {
        switch body {
        case .bytes(let bytes): bytes.withUnsafeReadableBytes { writer.write($0) }
        case .text(let text): writer.write(text)
        case .packets(let packets): writer.write { packets.write(into: $0) }
        case .stream: break
        }
    }

    static func reason(of status: Int) -> StaticString {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Payload Too Large"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "Status"
        }
    }

    /// Whether a field can be sent: a name of token characters, a value without control characters. What is not is
    /// how one response becomes two.
    package static func isLegalField(name: String, value: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(isToken)
            && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
