import NIOCore
import Testing

@testable import SocketIOTransport

@Suite struct HTTPResponseTests {
    private static let fields: [(String, String, Bool)] = [
        ("Content-Type", "text/html; charset=utf-8", true),
        ("x", "", true),
        ("!#$%&'*+-.^_`|~09azAZ", "x", true),
        ("X", "tab\tand é and 😀", true),
        ("", "x", false),
        (" X", "x", false),
        ("X ", "x", false),
        ("X:", "x", false),
        ("X\r\nY", "x", false),
        ("X\u{0}", "x", false),
        ("Ü", "x", false),
        ("(X)", "x", false),
        ("X", "a\r\nY: b", false),
        ("X", "a\nb", false),
        ("X", "a\rb", false),
        ("X", "\u{0}", false),
        ("X", "\u{1F}", false),
        ("X", "\u{7F}", false),
        ("X", "\r\n", false),
    ]

    @Test(arguments: fields)
    private func knowsLegalFields(name: String, value: String, isLegal: Bool) {
        #expect(HTTPResponse.isLegalField(name: name, value: value) == isLegal)
    }

    private func text(_ response: HTTPResponse, keepAlive: Bool = true, withBody: Bool = true) -> String {
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: response.headSize + response.body.count, alignment: 1)
        defer { memory.deallocate() }
        var writer = MemoryWriter(memory)
        response.write(
            with: &writer, date: Array("Date: now\r\n".utf8), keepAlive: keepAlive, withBody: withBody)
        return String(decoding: memory.prefix(writer.count), as: UTF8.self)
    }

    @Test func writesHeadAndBody() {
        let response = HTTPResponse(status: 404, headers: [("A", "1"), ("A", "2")], body: ByteBuffer(string: "no"))
        let head = "HTTP/1.1 404 Not Found\r\nA: 1\r\nA: 2\r\nDate: now\r\nContent-Length: 2\r\n"
        #expect(text(response) == head + "Connection: keep-alive\r\n\r\nno")
        #expect(text(response, keepAlive: false) == head + "Connection: close\r\n\r\nno")
        #expect(text(response, withBody: false) == head + "Connection: keep-alive\r\n\r\n")
    }

    @Test(arguments: [(204, "No Content"), (304, "Not Modified")])
    private func someStatusesHaveNoBody(status: Int, reason: String) {
        let response = HTTPResponse(status: status, body: ByteBuffer(string: "x"))
        #expect(text(response) == "HTTP/1.1 \(status) \(reason)\r\nDate: now\r\nConnection: keep-alive\r\n\r\n")
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (1_709_164_799, "Wed, 28 Feb 2024 23:59:59 GMT"), (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
    ])
    private func writesDates(seconds: Int, date: String) {
        #expect(HTTPDate.format(seconds) == date)
    }

    @Test func anUnknownStatusHasAReason() {
        #expect(text(HTTPResponse(status: 299)).hasPrefix("HTTP/1.1 299 Status\r\nDate: now\r\nContent-Length: 0\r\n"))
    }
}
