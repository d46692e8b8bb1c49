import Testing

@testable import EngineIOCore

@Suite struct JSONTextTests {
    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), (#"a"b\c"#, #""a\"b\\c""#), ("\u{0}\n\u{1F}", #""\u0000\u000a\u001f""#),
        ("é😀\u{7F}", "\"é😀\u{7F}\""), ("\r\n", #""\u000d\u000a""#),
    ])
    func quotes(text: String, literal: String) {
        #expect(JSONText.quoted(text) == literal)
    }
}
