import Testing

@testable import SocketIOCore

struct JSONValidatorTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-0", "10", "-12.5", "1e9", "1E+9", "0.5e-10", "123456789012345678901234567890",
        "\"\"", "\"a\"", "\"\u{7F}\"", "\"é€😀\"", #""\"\\\/\b\f\n\r\t""#, #""\u00e9\uD83D\uDE00""#, #""\ud800""#,
        #""\udc00\ud800x""#, "[]", "{}", "[[],{}]", "[1,2]", #"{"a":1,"a":2}"#, #"{"":[{"b":{}}]}"#,
        " \t\r\n[ 1 , { \"a\" : null } , [ ] , { } ] \n", "\"12345678\"", "\"1234567\\n\"", "[\"\u{2028}\"]",
    ])
    func accepts(_ text: String) {
        #expect(throws: Never.self) { try validate(text) }
    }

    @Test(arguments: [
        "", " ", "nul", "nulL", "True", "tru", "fals", "NaN", "Infinity", "undefined", "'a'", "a",
        "-", "+1", "01", "-01", "1.", ".5", "1.e1", "1e", "1e+", "0x1", "1_0", "--1", "1 2",
        "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u\"", "\"\\", "\"\\u123", "\"\n\"", "\"\t\"",
        "\"\0\"", "\"1234567\u{1F}\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 1]", "[1}", "[\"a\":1]", "[]]",
        "[][]",
        "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{1:1}", "{a:1}", "{\"a\",1}",
        "{\"a\":1]", "{\"a\"}", "{\"a\":}", "{\"a\":1 \"b\":2}", "[1]x", "// x\n1", "1\0", "\u{FEFF}1", "\u{A0}1",
    ])
    func refuses(_ text: String) {
        #expect(throws: JSONError.self) { try validate(text) }
    }

    @Test
    func refusesWhatIsNotUTF8() {
        for sequence in [[0x80], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]] {
            let bytes = [0x22, 0x61] + sequence + [0x22]
            #expect(throws: JSONError(.text, at: 2)) {
                try withBytes(bytes) { bytes throws(JSONError) in _ = try JSONValidator.validate(bytes, expecting: .any)
                }
            }
        }
    }

    @Test(arguments: [
        (JSONShape.array, "[1]", true), (.array, "{}", false), (.array, "null", false),
        (.object, " {}", true), (.object, "[]", false), (.object, "\"{}\"", false),
        (.stringOrObject, "\"a\"", true), (.stringOrObject, "{}", true), (.stringOrObject, "1", false),
        (.stringOrObject, "[]", false), (.any, "1", true), (.array, "", false),
    ])
    func checksTheShape(_ shape: JSONShape, _ text: String, _ isAccepted: Bool) {
        let result = Result { try validate(text, expecting: shape) }
        if isAccepted {
            #expect(throws: Never.self) { try result.get() }
        } else {
            #expect { try result.get() } throws: { ($0 as? JSONError)?.kind == .shape }
        }
    }

    @Test
    func findsTheValueAmongWhitespace() throws {
        #expect(try validate(" \n[1] \t") == 2..<5)
    }

    @Test
    func limitsTheDepth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try validate(nested(512)) == 0..<1024)
        #expect(throws: JSONError(.depth, at: 512)) { try validate(nested(513)) }
        #expect(throws: JSONError(.depth, at: 512)) { try validate(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONError(.depth, at: 1)) { try validate("[{}]", depth: 1) }
        #expect(throws: JSONError(.depth, at: 0)) { try validate("[]", depth: 0) }
        #expect(throws: JSONError(.depth, at: 0)) { try validate("[]", depth: -1) }
        #expect(try validate("1", depth: 0) == 0..<1)
        #expect(try validate(nested(5000), depth: .max) == 0..<10_000)
    }

    /// Each marker at each place among the eight bytes that are looked at together.
    @Test
    func findsEveryMarkerAtEveryOffset() {
        for before in 0..<20 {
            for byte in UInt8.min...UInt8.max {
                let text = [0x22] + [UInt8](repeating: 0x61, count: before) + [byte] + Array("aaaaaaaaa\"".utf8)
                let isPlain = 0x20..<0x80 ~= byte && byte != 0x22 && byte != 0x5C
                let isValid = withBytes(text) { bytes in
                    (try? JSONValidator.validate(bytes, expecting: .any)) != nil
                }
                #expect(isValid == isPlain, "byte \(byte) behind \(before)")
            }
        }
    }

    private func validate(
        _ text: String,
        expecting shape: JSONShape = .any,
        depth: Int = JSONValidator.defaultDepth
    ) throws(JSONError) -> Range<Int> {
        try withBytes(text) { bytes throws(JSONError) in
            try JSONValidator.validate(bytes, expecting: shape, depth: depth)
        }
    }
}
