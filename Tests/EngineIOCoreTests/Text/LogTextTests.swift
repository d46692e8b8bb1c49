import Testing

@testable import EngineIOCore

/// What clients send cannot write lines of the log.
@Suite struct LogTextTests {
    @Test(arguments: [
        ("", ""), ("/chat", "/chat"), ("/größe", "/größe"), ("a\r\nb", #"a\u{d}\u{a}b"#), ("\u{1B}[2J", #"\u{1b}[2J"#),
        ("\0\u{7F}\u{9B}", #"\u{0}\u{7f}\u{9b}"#), ("\u{2028}\u{202E}", #"\u{2028}\u{202e}"#),
        (#"\u{a}"#, #"\u{5c}u{a}"#),
    ])
    func whatIsNotPlainIsEscaped(text: String, line: String) {
        #expect(LogText.of(text.utf8) == line)
    }

    @Test func whatIsLongIsCut() {
        #expect(LogText.of(repeatElement(UInt8(ascii: "x"), count: 100)) == String(repeating: "x", count: 100))
        #expect(LogText.of(repeatElement(UInt8(ascii: "x"), count: 101)) == String(repeating: "x", count: 100) + "…")
        #expect(LogText.of(String(repeating: "ö", count: 500_000).utf8) == String(repeating: "ö", count: 50) + "…")
        #expect(LogText.of(repeatElement(0, count: 1_000_000)).utf8.count <= 103)
    }

    @Test func whatIsNoTextIsReplaced() {
        #expect(LogText.of([0x61, 0xFF, 0x62]) == "a\u{FFFD}b")
    }
}
