import Testing

@testable import EngineIOCore

@Suite struct HTTPResponseReaderTests {
    /// What a reader makes of bytes that come in pieces: "200", "body 4a", "end", "error …"; then the connection ends.
    private func transcript(_ pieces: [[UInt8]], _ limits: HTTPLimits = HTTPLimits()) -> [String] {
        var reader = HTTPResponseReader(limits)
        var (lines, unread, body): ([String], [UInt8], [UInt8]) = ([], [], [])
        for piece in pieces {
            unread += piece
            var offset = 0
            let failure = withMemory(unread) { memory -> HTTPResponseError? in
                while true {
                    do throws(HTTPResponseError) {
                        switch try reader.next(in: UnsafeRawBufferPointer(memory), at: &offset) {
                        case .incomplete: return nil
                        case .head(let head): lines.append("\(head.status)\(head.keepsAlive ? "" : " closes")")
                        case .body(let range): body += unread.slice(range)
                        case .end:
                            if !body.isEmpty { lines.append("body " + String(decoding: body, as: UTF8.self)) }
                            body = []
                            lines.append("end")
                        }
                    } catch {
                        return error
                    }
                }
            }
            if let failure { return lines + ["error \(failure)"] }
            unread = Array(unread.slice(from: offset))
        }
        if !unread.isEmpty { lines.append("\(unread.count) unread") }
        if reader.connectionEnded() { lines.append("body " + String(decoding: body, as: UTF8.self)) }
        return lines
    }

    private static let responses: [(String, [String])] = [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 204\r\n\r\n",
            ["200", "body ok", "end", "204", "end"]
        ),
        ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", ["200 closes", "end"]),
        ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", ["200", "end"]),
        ("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n", ["200 closes", "end"]),
        ("HTTP/1.1 200 OK\r\n\r\nall the rest", ["200 closes", "body all the rest"]),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", ["304", "end"]),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\n0A\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
            ["200", "body abc0123456789", "end"]
        ),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nLink: y\r\n\r\nHTTP/1.1 204 \r\n\r\n", ["204", "end"]),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n\u{1}frames", ["101", "7 unread"]),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", ["200"]),
    ]

    private static let broken: [(String, String)] = [
        ("x", "statusLine"), ("HTTP/2.0 200 OK\r\n\r\n", "statusLine"), ("HTTP/1.2 200 OK\r\n\r\n", "statusLine"),
        ("HTTP/1.1 20 OK\r\n\r\n", "statusLine"), ("HTTP/1.1 2000 OK\r\n\r\n", "statusLine"),
        ("HTTP/1.1  200 OK\r\n\r\n", "statusLine"), ("HTTP/1.1 099 OK\r\n\r\n", "statusLine"),
        ("HTTP/1.1 2x0 OK\r\n\r\n", "statusLine"), ("HTTP/1.1 200 OK\n\n", "syntax"),
        ("HTTP/1.1 200 OK\r\n: x\r\n\r\n", "syntax"), ("HTTP/1.1 200 OK\r\nX : y\r\n\r\n", "syntax"),
        ("HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n", "syntax"), ("HTTP/1.1 200 OK\r\nX: y\u{0}\r\n\r\n", "syntax"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", "syntax"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "syntax"),
        ("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", "syntax"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n", "syntax"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "syntax"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", "syntax"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "syntax"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", "syntax"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "syntax"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n", "syntax"),
        (String(repeating: "HTTP/1.1 102 X\r\n\r\n", count: 20), "tooManyInterim"),
        ("HTTP/1.1 200 \(String(repeating: "x", count: 70_000))", "syntax(EngineIOCore.HTTPRequestError.tooLarge)"),
        (
            "HTTP/1.1 200 OK\r\n\(String(repeating: "X: y\r\n", count: 200))",
            "syntax(EngineIOCore.HTTPRequestError.tooLarge)"
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\(String(repeating: "X: y\r\n", count: 200))",
            "syntax(EngineIOCore.HTTPRequestError.tooLarge)"
        ),
    ]

    @Test(arguments: responses)
    func reads(_ text: String, _ lines: [String]) {
        let bytes = Array(text.utf8)
        #expect(transcript([bytes]) == lines)
        #expect(transcript(bytes.map { [$0] }) == lines)
    }

    @Test(arguments: broken)
    func refuses(_ text: String, _ error: String) {
        #expect(transcript([Array(text.utf8)]).last?.hasPrefix("error \(error)") == true)
    }

    @Test func randomBytes() {
        var generator = SplitMix64(seed: 5)
        let good = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n3\r\nabc\r\n0\r\n\r\n".utf8)
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = transcript([bytes])
        }
    }

    // MARK: What heads say

    private func head(_ fields: String, status: String = "101 X") throws -> HTTPResponseHead {
        var reader = HTTPResponseReader()
        var offset = 0
        let part = try withMemory(Array("HTTP/1.1 \(status)\r\n\(fields)\r\n".utf8)) {
            try reader.next(in: UnsafeRawBufferPointer($0), at: &offset)
        }
        guard case .head(let head) = part else { throw HTTPResponseError.cutShort }
        return head
    }

    @Test func webSockets() throws {
        let request = WebSocketRequest(random: Array("the sample nonce".utf8))
        #expect(request.key == "dGhlIHNhbXBsZSBub25jZQ==")
        let good =
            "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
        #expect(try request.refusal(head(good), protocols: []) == nil)
        #expect(try request.refusal(head(good + "Sec-WebSocket-Protocol: b\r\n"), protocols: ["a", "b"]) == nil)
        for (fields, protocols) in [
            ("", []), (good.replacing("Upgrade: WebSocket\r\n", with: ""), []),
            (good.replacing("keep-alive, Upgrade", with: "close"), []), (good.replacing("s3pP", with: "S3pP"), []),
            (good + "Sec-WebSocket-Accept: x\r\n", []), (good + "Sec-WebSocket-Protocol: c\r\n", ["a", "b"]),
        ] {
            #expect(try request.refusal(head(fields), protocols: protocols) != nil, "\(fields)")
        }
    }

    @Test func extensions() throws {
        let all = PerMessageDeflate()
        #expect(DeflateAgreement.offer(all) == "permessage-deflate; client_max_window_bits")
        var small = PerMessageDeflate()
        (small.serverMaxWindowBits, small.clientMaxWindowBits) = (10, 11)
        (small.serverNoContextTakeover, small.clientNoContextTakeover) = (true, true)
        #expect(
            DeflateAgreement.offer(small)
                == "permessage-deflate; client_max_window_bits=11; server_max_window_bits=10; "
                + "server_no_context_takeover; client_no_context_takeover")
        func answer(_ value: String, _ options: PerMessageDeflate?) throws -> DeflateAgreement.Answer {
            DeflateAgreement.answer(in: try head("Sec-WebSocket-Extensions: \(value)\r\n"), to: options)
        }
        #expect(DeflateAgreement.answer(in: try head(""), to: all) == .none)
        guard
            case .agreed(let agreement) = try answer(
                "permessage-deflate; server_no_context_takeover; client_max_window_bits=8", all)
        else {
            Issue.record("no agreement")
            return
        }
        #expect(agreement.serverNoContextTakeover && !agreement.clientNoContextTakeover)
        #expect((agreement.clientWindowBits, agreement.serverWindowBits) == (8, 15))
        for (value, options) in [
            ("permessage-deflate", nil), ("x", all), ("permessage-deflate, permessage-deflate", all),
            ("permessage-deflate; x", all), ("permessage-deflate; client_max_window_bits", all),
            ("permessage-deflate; client_max_window_bits=16", all),
            ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", all),
            ("permessage-deflate; server_no_context_takeover=1", all), ("permessage-deflate", small),
            ("permessage-deflate; server_no_context_takeover; server_max_window_bits=11", small), (";", all),
        ] {
            #expect(try answer(value, options) == .illegal, "\(value)")
        }
    }

    @Test func cookies() throws {
        var jar = CookieJar()
        #expect(jar.field(time: 0) == nil)
        jar.take(
            from: try head(
                "Set-Cookie: a=1; Path=/x; HttpOnly\r\nset-cookie: b = \"2\" ; Max-Age=10\r\nSet-Cookie: c=; SameSite=Lax\r\n",
                status: "200 OK"), time: 100)
        #expect(jar.field(time: 109) == #"a=1; b="2"; c="#)
        #expect(jar.field(time: 110) == "a=1; c=")
        jar.take("a=3; Expires=Thu, 01 Jan 1970 00:02:00 GMT", time: 100)
        #expect(jar.field(time: 119) == #"b="2"; c=; a=3"#.replacing("b=\"2\"; ", with: ""))
        // Max-Age wins, and a cookie that has expired goes.
        jar.take("a=4; Expires=Thu, 01 Jan 1970 00:02:00 GMT; max-age=1000", time: 130)
        #expect(jar.field(time: 131) == "c=; a=4")
        jar.take("a=; Max-Age=0", time: 131)
        jar.take("c=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", time: 131)
        #expect(jar.field(time: 131) == nil)
        for text in ["", "a", "=b", "a b=c", "a=b\u{7F}", "a=1\r\nX: y"] { jar.take(text, time: 0) }
        #expect(jar.field(time: 131) == nil)
        for number in 0..<200 { jar.take("n\(number)=1", time: 0) }
        #expect(jar.field(time: 0)?.split(separator: ";").count == 64)
    }
}

@Suite struct MaskedFrameTests {
    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536])
    func frames(_ size: Int) throws {
        let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let key: UInt32 = 0x1234_5678
        let header = WebSocketFrameWriter.maskedHeaderSize(payload: size)
        try #require(header > 0)
        withMemory([UInt8](repeating: 0, count: header + size)) { memory in
            #expect(
                WebSocketFrameWriter.writeMaskedHeader(opcode: .binary, payload: size, maskKey: key, into: memory)
                    == header)
            let place = UnsafeMutableRawBufferPointer(rebasing: memory[header...])
            let copied = withMemory(payload) {
                WebSocketFrameWriter.copyMasked(UnsafeRawBufferPointer($0), key: key, into: place)
            }
            #expect(copied == size)
            guard
                case .frame(let read) = WebSocketFrameParser.parse(
                    UnsafeRawBufferPointer(memory), masked: true, maxPayload: .max)
            else {
                Issue.record("no frame")
                return
            }
            #expect((read.length, read.maskKey, read.headerSize, read.opcode) == (size, key, header, .binary))
            WebSocketFrameWriter.mask(place, key: key)
            #expect(place.elementsEqual(payload))
        }
        withMemory([UInt8](repeating: 0, count: header - 1)) { memory in
            #expect(
                WebSocketFrameWriter.writeMaskedHeader(opcode: .text, payload: size, maskKey: key, into: memory) == 0)
        }
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func sha256(_ message: String, _ hash: String) {
        let digits = SHA256.hash(Array(message.utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        #expect(digits.joined() == hash)
    }
}
