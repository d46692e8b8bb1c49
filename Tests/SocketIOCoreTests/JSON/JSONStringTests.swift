import Testing

@testable import SocketIOCore

struct JSONStringTests {
    @Test(arguments: [
        ("", ""), ("plain", "plain"), (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#"\u0041\u00e9\u20AC\uD83D\uDE00"#, "Aé€😀"), (#"a\u0000b"#, "a\0b"), ("é€😀\\n", "é€😀\n"),
        (#"\ud800"#, "\u{FFFD}"), (#"\udc00"#, "\u{FFFD}"), (#"\ud800x"#, "\u{FFFD}x"), (#"\ud800\n"#, "\u{FFFD}\n"),
        (#"\ud800\ud83d\ude00"#, "\u{FFFD}😀"), (#"\udc00\ud800"#, "\u{FFFD}\u{FFFD}"),
        (#"\uDBFF\uDFFF"#, "\u{10FFFF}"), (#"\ud800\u0041"#, "\u{FFFD}A"),
    ])
    func unescapes(_ contents: String, _ text: String) {
        #expect(unescape(contents) == text)
    }

    @Test(arguments: [#"\"#, #"a\"#, #"\x"#, #"\u12"#, #"\u12g4"#, #"\ud800\u12"#])
    func survivesWhatWasNotValidated(_ contents: String) {
        #expect(unescape(contents).utf8.count <= contents.utf8.count)
    }

    @Test
    func unescapesInPlace() {
        var bytes = Array(#"12345678\n\u20ac12345678\uD83D\uDE00!"#.utf8)
        let count = bytes.withUnsafeMutableBytes { JSONString.unescape(UnsafeRawBufferPointer($0), into: $0) }
        #expect(String(decoding: bytes.slice(upTo: count), as: UTF8.self) == "12345678\n€12345678😀!")
    }

    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("é€😀\n\"\\", #""é€😀\n\"\\""#),
        ("\u{0}\u{1F}\u{8}\t\u{B}\u{C}\r", #""\u0000\u001f\b\t\u000b\f\r""#),
        ("/\u{7F}\u{2028}", "\"/\u{7F}\u{2028}\""),
    ])
    func quotes(_ text: String, _ quoted: String) {
        withBytes(text) { bytes in
            #expect(JSONString.quotedSize(bytes) == quoted.utf8.count)
            #expect(written(capacity: quoted.utf8.count) { JSONString.writeQuoted(bytes, into: $0) } == quoted)
        }
    }

    @Test
    func neverWritesBehindTheEnd() {
        withBytes("a\n\u{1}\"é") { bytes in
            for capacity in stride(from: 0, to: JSONString.quotedSize(bytes), by: 1) {
                #expect(written(capacity: capacity) { JSONString.writeQuoted(bytes, into: $0) } == "")
            }
        }
        withBytes(#"ab\u20ac"#) { bytes in
            for capacity in 0..<5 {
                #expect(written(capacity: capacity) { JSONString.unescape(bytes, into: $0) } == "")
            }
        }
    }

    @Test
    func whatIsQuotedIsValidAndComesBack() {
        var random = SeededGenerator(seed: 2)
        let characters: [Character] = ["a", "\"", "\\", "\n", "\0", "\u{1F}", "\u{7F}", "é", "€", "😀", "/"]
        for _ in 0..<5_000 {
            let text = String(
                (0..<Int.random(in: 0...24, using: &random)).map { _ in
                    characters.randomElement(using: &random) ?? "a"
                })
            let quoted = withBytes(text) { bytes in
                written(capacity: JSONString.quotedSize(bytes)) { JSONString.writeQuoted(bytes, into: $0) }
            }
            withBytes(quoted) { bytes in
                #expect(throws: Never.self) { try JSONValidator.validate(bytes, expecting: .any) }
            }
            #expect(unescape(String(quoted.dropFirst().dropLast())) == text)
        }
    }

    private func unescape(_ contents: String) -> String {
        withBytes(contents) { bytes in
            written(capacity: bytes.count) { JSONString.unescape(bytes, into: $0) }
        }
    }
}
