import Testing

@testable import EngineIOCore

@Suite struct HTTPRequestReaderTests {
    private static func get(_ fields: String) -> String { "GET /a HTTP/1.1\r\n\(fields)\r\n" }

    private static func chunks(_ text: String) -> String {
        "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + text
    }

    // MARK: What is a request

    private static let requests: [(String, [String])] = [
        (get(""), ["GET /a", "end"]),
        ("\r\n\r\n" + get("Host: a\r\n"), ["GET /a", "end"]),
        ("GET /?a=%00#b HTTP/1.1\r\n\r\n", ["GET /?a=%00#b", "end"]),
        ("OPTIONS * HTTP/1.1\r\n\r\n", ["OPTIONS *", "end"]),
        ("GET http://a:1/b HTTP/1.1\r\n\r\n", ["GET http://a:1/b", "end"]),
        ("M-SEARCH /a HTTP/1.1\r\n\r\n", ["M-SEARCH /a", "end"]),
        ("GET /a HTTP/1.0\r\n\r\n", ["GET /a, closes", "end"]),
        ("GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", ["GET /a", "end"]),
        (get("Connection: close\r\n"), ["GET /a, closes", "end"]),
        (get("Connection: keep-alive , CLOSE\r\n"), ["GET /a, closes", "end"]),
        (get("Connection: closed\r\n"), ["GET /a", "end"]),
        (get("Upgrade: websocket\r\nConnection: Upgrade\r\n"), ["GET /a, WebSocket", "end"]),
        (get("Connection: keep-alive, upgrade\r\nupgrade: h2c,, WEBSOCKET\r\n"), ["GET /a, WebSocket", "end"]),
        (get("Upgrade: websocket\r\n"), ["GET /a, upgrade", "end"]),
        (get("Upgrade: h2c\r\nConnection: Upgrade\r\n"), ["GET /a, upgrade", "end"]),
        (get("Connection: Upgrade\r\n"), ["GET /a", "end"]),
        (get("Expect: 100-Continue\r\n"), ["GET /a, continue", "end"]),
        (get("Content-Length: 3\r\n") + "abc" + get(""), ["GET /a, 3 bytes", "body abc", "end", "GET /a", "end"]),
        (get("Content-Length:\t3 \r\n") + "abc", ["GET /a, 3 bytes", "body abc", "end"]),
        (get("Content-Length: 003\r\n") + "abc", ["GET /a, 3 bytes", "body abc", "end"]),
        (get("Content-Length: 0\r\n"), ["GET /a", "end"]),
        (chunks("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), ["POST /a, chunks", "body abcde", "end"]),
        (chunks("00A\r\n0123456789\r\n0\r\nX: y\r\nZ:\r\n\r\n"), ["POST /a, chunks", "body 0123456789", "end"]),
        (chunks("1;a=b;c\r\na\r\n0;x=y\r\n\r\n"), ["POST /a, chunks", "body a", "end"]),
        (chunks("0\r\n\r\n") + get(""), ["POST /a, chunks", "end", "GET /a", "end"]),
        ("GET", ["3 unread"]),
        (get("Content-Length: 3\r\n") + "ab", ["GET /a, 3 bytes"]),
    ]

    @Test(arguments: requests)
    private func reads(text: String, lines: [String]) {
        #expect(httpTranscript(text) == lines)
    }

    @Test(arguments: requests)
    private func readsByteByByte(text: String, lines: [String]) {
        #expect(httpTranscript(text.utf8.map { [$0] }) == lines)
    }

    @Test(arguments: requests)
    private func readsInTwoPieces(text: String, lines: [String]) {
        let bytes = Array(text.utf8)
        for split in 1..<bytes.count {
            #expect(httpTranscript([Array(bytes[..<split]), Array(bytes[split...])]) == lines, "split at \(split)")
        }
    }

    // MARK: What is none

    private static let refusals: [(String, HTTPRequestError)] = [
        (" GET /a HTTP/1.1\r\n\r\n", .requestLine),
        ("\u{16}\u{3}\u{1}", .requestLine),
        ("GARBAGE\r\n\r\n", .requestLine),
        ("GET /a\r\n\r\n", .requestLine),
        ("GET  /a HTTP/1.1\r\n\r\n", .target),
        ("GET\t/a HTTP/1.1\r\n\r\n", .requestLine),
        ("GET /a\tb HTTP/1.1\r\n\r\n", .target),
        ("GET /\u{e9} HTTP/1.1\r\n\r\n", .target),
        ("GET ?a HTTP/1.1\r\n\r\n", .target),
        ("GET a HTTP/1.1\r\n\r\n", .target),
        ("GET h2://a HTTP/1.1\r\n\r\n", .target),
        ("GET http:/a HTTP/1.1\r\n\r\n", .target),
        ("GET http:// HTTP/1.1\r\n\r\n", .target),
        ("GET ://a HTTP/1.1\r\n\r\n", .target),
        ("OPTIONS *a HTTP/1.1\r\n\r\n", .target),
        ("CONNECT a:443 HTTP/1.1\r\n\r\n", .target),
        ("G\u{e9}T /a HTTP/1.1\r\n\r\n", .requestLine),
        ("GET /a b HTTP/1.1\r\n\r\n", .version),
        ("GET /a HTTP/1.1 \r\n\r\n", .version),
        ("GET /a HTTP/9.9\r\n\r\n", .version),
        ("GET /a http/1.1\r\n\r\n", .version),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .version),
        ("GET /a HTTP/1.1\n\r\n", .lineEnd),
        ("GET /a\u{0} HTTP/1.1\r\n\r\n", .lineEnd),
        ("GET /a\u{7f} HTTP/1.1\r\n\r\n", .lineEnd),
        (get("X: a\n"), .lineEnd),
        (get("X: a\rY: b\r\n"), .lineEnd),
        (get("X: a\u{0}\r\n"), .lineEnd),
        (get("X: a\u{1}\r\n"), .lineEnd),
        ("GET /a HTTP/1.1\r\n\rX", .lineEnd),
        (get("X\r\n"), .fieldName),
        (get(": a\r\n"), .fieldName),
        (get("X : a\r\n"), .fieldName),
        (get("X\u{e9}: a\r\n"), .fieldName),
        (get("(X): a\r\n"), .fieldName),
        (get("\r").dropLast() + "\u{1}", .lineEnd),
        (get(" X: a\r\n"), .foldedField),
        (get("X: a\r\n b\r\n"), .foldedField),
        (get("X: a\r\n\tb\r\n"), .foldedField),
        (get("Host: a\r\nhost: a\r\n"), .repeatedField),
        (get("Content-Length: 1\r\nContent-Length: 2\r\n"), .repeatedField),
        (get("Content-Length: 1\r\ncontent-length: 1\r\n"), .repeatedField),
        (get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), .repeatedField),
        (get("Content-Length: 1, 1\r\n"), .contentLength),
        (get("Content-Length: -1\r\n"), .contentLength),
        (get("Content-Length: +1\r\n"), .contentLength),
        (get("Content-Length: 0x1\r\n"), .contentLength),
        (get("Content-Length: 1 2\r\n"), .contentLength),
        (get("Content-Length:\r\n"), .contentLength),
        (get("Content-Length: 9223372036854775808\r\n"), .contentLength),
        (get("Content-Length: " + String(repeating: "9", count: 40) + "\r\n"), .contentLength),
        (get("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"), .lengthAndChunks),
        (get("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"), .lengthAndChunks),
        ("POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .lengthAndChunks),
        (get("Transfer-Encoding: gzip, chunked\r\n"), .transferCoding),
        (get("Transfer-Encoding: chunked, identity\r\n"), .transferCoding),
        (get("Transfer-Encoding: identity\r\n"), .transferCoding),
        (get("Transfer-Encoding:\r\n"), .transferCoding),
        (chunks("zz\r\n"), .chunk),
        (chunks("\r\n"), .chunk),
        (chunks(";a\r\n"), .chunk),
        (chunks("-1\r\n"), .chunk),
        (chunks(" 1\r\na\r\n"), .chunk),
        (chunks("1 \r\na\r\n"), .chunk),
        (chunks("1\n"), .chunk),
        (chunks("1\r\nab\r\n"), .chunk),
        (chunks("1\r\na\nb"), .chunk),
        (chunks("1\r\na\rb"), .chunk),
        (chunks(String(repeating: "f", count: 20) + "\r\n"), .chunk),
        (chunks(String(repeating: "0", count: 300)), .chunk),
        (chunks("1;" + String(repeating: "x", count: 300)), .chunk),
        (chunks("1;a\nb\r\n"), .chunk),
        (chunks("1;\r\na\r\n"), .chunk),
        (chunks("1;a=\r\na\r\n"), .chunk),
        (chunks("1;a=b=c\r\na\r\n"), .chunk),
        (chunks("1;[=b\r\na\r\n"), .chunk),
        (chunks("1;a\r\r\n"), .chunk),
        (chunks("0\r\nX : y\r\n\r\n"), .fieldName),
        (chunks("0\r\n\rX"), .chunk),
        (chunks("0\r\nContent-Length: 0\r\n\r\n"), .trailer),
        (chunks("0\r\nConnection: close\r\n\r\n"), .trailer),
        (chunks("0\r\ntransfer-encoding: chunked\r\n\r\n"), .trailer),
    ]

    @Test(arguments: refusals)
    private func refuses(text: String, error: HTTPRequestError) {
        #expect(httpTranscript(text).last == "error \(error)")
    }

    @Test(arguments: refusals)
    private func refusesByteByByte(text: String, error: HTTPRequestError) {
        // The head is looked at when it is complete: one that is not is no request either.
        let lines = httpTranscript(text.utf8.map { [$0] })
        #expect(lines.last == "error \(error)" || lines.last?.hasSuffix("unread") == true)
        #expect(!lines.contains("end"))
    }

    @Test func everyErrorHasAStatus() {
        for error in HTTPRequestError.allCases {
            #expect([400, 431, 501].contains(error.status))
        }
    }

    // MARK: Limits

    private static func field(_ size: Int) -> String { "X: " + String(repeating: "x", count: size - 3) + "\r\n" }

    @Test func linesHaveALimit() {
        #expect(httpTranscript(Self.get(Self.field(16 * 1024))).last == "end")
        #expect(httpTranscript(Self.get(Self.field(16 * 1024 + 1))).last == "error tooLarge")
        #expect(httpTranscript("GET /" + String(repeating: "x", count: 20_000)).last == "error tooLarge")
        #expect(httpTranscript(String(repeating: "G", count: 20_000)).last == "error tooLarge")
        #expect(httpTranscript("GET /a HTTP/1.1\r\n" + String(repeating: "X", count: 20_000)).last == "error tooLarge")
    }

    @Test func headsHaveALimit() {
        let fields = String(repeating: Self.field(10_000), count: 6)
        #expect(httpTranscript(Self.get(fields)).last == "end")
        #expect(httpTranscript(Self.get(fields + Self.field(5_000))).last == "error tooLarge")
        // In small pieces, and without an end.
        let endless = Array(("GET /a HTTP/1.1\r\n" + String(repeating: Self.field(10_000), count: 7)).utf8)
        let pieces = stride(from: 0, to: endless.count, by: 100).map {
            Array(endless[$0..<min($0 + 100, endless.count)])
        }
        #expect(httpTranscript(pieces).last == "error tooLarge")
    }

    @Test func fieldsAreCounted() {
        #expect(httpTranscript(Self.get(String(repeating: "X: y\r\n", count: 128))).last == "end")
        #expect(httpTranscript(Self.get(String(repeating: "X: y\r\n", count: 129))).last == "error tooLarge")
    }

    @Test func trailersHaveTheSameLimits() {
        func trailers(_ text: String) -> String? { httpTranscript(Self.chunks("0\r\n\(text)\r\n")).last }
        #expect(trailers(String(repeating: "X: y\r\n", count: 128)) == "end")
        #expect(trailers(String(repeating: "X: y\r\n", count: 129)) == "error tooLarge")
        #expect(trailers(String(repeating: Self.field(10_000), count: 7)) == "error tooLarge")
        #expect(trailers(Self.field(16 * 1024 + 1)) == "error tooLarge")
    }

    /// Reading each byte of a head once more for each that comes would take minutes.
    @Test func aHeadByteByByteCostsWhatItIs() {
        var reader = HTTPRequestReader()
        let head = Array(("GET /a HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 127)).utf8)
        let fields = head + Array(Self.field(16_000).utf8) + Array("\r\n".utf8)
        let isRead = fields.withUnsafeBytes { bytes in
            var offset = 0
            for count in 1..<bytes.count {
                let part = try? reader.next(in: UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: &offset)
                guard case .incomplete? = part else { return false }
            }
            if case .head? = try? reader.next(in: bytes, at: &offset) { return true }
            return false
        }
        #expect(isRead)
    }
}
