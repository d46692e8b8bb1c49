import EngineIOCore
import Testing

/// protocol.md, section 10.
@Suite struct JSONPBodyTests {
    @Test(arguments: [
        (#"118:0{"sid":"x"}"#, #"118:0{\"sid\":\"x\"}"#),
        ("4a\\b\n\r\t\u{8}\u{C}\u{1}\u{1F}", #"4a\\b\n\r\t\b\f\u0001\u001f"#),
        // The end of a line in a script, but not in JSON.
        ("4\u{2028}\u{2029}\u{2027}\u{202A}", "4\\u2028\\u2029\u{2027}\u{202A}"),
        ("2:4€", "2:4€"), ("", ""), ("</script>", "</script>"),
    ])
    func theScriptHasTheLiteral(payload: String, literal: String) {
        let script = withMemory(payload.utf8) {
            JSONPBody.script(calling: JSONPCallback(index: 2), with: UnsafeRawBufferPointer($0))
        }
        #expect(String(decoding: script, as: UTF8.self) == "___eio[2](\"\(literal)\");")
    }

    @Test func aCutOffLineSeparatorIsCopied() {
        let script = withMemory([0xE2, 0x80]) {
            JSONPBody.script(calling: JSONPCallback(index: 0), with: UnsafeRawBufferPointer($0))
        }
        #expect(script == Array("___eio[0](\"".utf8) + [0xE2, 0x80] + Array("\");".utf8))
    }

    @Test(
        arguments: [
            ("d=2%3A4a", "2:4a"), ("d=2:4a", "2:4a"), ("d=a+b%2Bc", "a b+c"), ("x=1&d=2%3A4a&y=2", "2:4a"),
            ("d=", ""), ("d", ""), ("d=1&d=2", "2"), ("", nil), ("D=1", nil), ("dd=1", nil), ("=d", nil),
            // `\n` is a newline, `\\n` is `\n`.
            (#"d=a\nb"#, "a\nb"), (#"d=a\\nb"#, #"a\nb"#), (#"d=a\\\nb"#, #"a\\nb"#), (#"d=%5C%5Cn%5Cn"#, "\\n\n"),
            (#"d=\"#, #"\"#), (#"d=\\"#, #"\\"#), (#"d=\a"#, #"\a"#),
            ("d=%E2%82%AC%", "€%"), ("d=%4", "%4"),
        ] as [(String, String?)])
    func theFormHasThePayload(form: String, payload: String?) {
        let found = withMemory(form.utf8) { form in
            JSONPBody.payload(ofForm: form).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(found == payload)
    }

    @Test func survivesDamagedForms() {
        var random = SplitMix64(seed: 10)
        let seeds = ["d=6%3A4hello", #"x=1&d=a\\n\n%5C&d=+"#].map { Array($0.utf8) }
        for _ in 0..<10_000 {
            let form = random.mutation(of: seeds, alphabet: Array(#"d=&%\n5C+"#.utf8))
            withMemory(form) { form in
                if let payload = JSONPBody.payload(ofForm: form) { #expect(form.encloses(payload)) }
            }
        }
    }
}
