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

    /// Each byte at each place among those that are looked at together, and near the end.
    @Test
    func findsEveryMarkerAtEveryOffset() {
        for before in Array(0..<100) + [127, 128, 129, 200] {
            for byte in UInt8.min...0x7F {
                let isPlain = byte >= 0x20 && byte != 0x22 && byte != 0x5C
                for after in before < 20 ? [0, 1, 9, 40, 90] : [0, 9] {
                    let text =
                        [0x22] + [UInt8](repeating: 0x61, count: before) + [byte]
                        + [UInt8](repeating: 0x61, count: after) + [0x22]
                    let isValid = withBytes(text) { bytes in
                        (try? JSONValidator.validate(bytes, expecting: .any)) != nil
                    }
                    #expect(isValid == isPlain, "byte \(byte) behind \(before) and before \(after)")
                }
            }
        }
    }

    /// Levels are kept fifteen to a word: what closes one must be of its kind, on either side of that border.
    @Test
    func remembersEveryLevel() {
        for depth in Array(1...50) + [150] {
            for isObject in [{ $0 % 2 == 0 }, { $0 % 3 == 0 }, { _ in false }, { _ in true }] as [(Int) -> Bool] {
                let kinds = (0..<depth).map(isObject)
                let opening = kinds.map { $0 ? "{\"a\":" : "[" }.joined()
                let closing = kinds.reversed().map { $0 ? "}" : "]" }
                #expect(throws: Never.self) { try validate(opening + "1" + closing.joined()) }
                // Out and in again, where a word of levels ends.
                #expect(throws: Never.self) {
                    try validate("[" + opening + "1" + closing.joined() + "," + opening + "1" + closing.joined() + "]")
                }
                let wrong = depth / 2
                var other = closing
                other[wrong] = other[wrong] == "}" ? "]" : "}"
                let place = opening.utf8.count + 1 + wrong
                #expect(throws: JSONError(.syntax, at: place)) { try validate(opening + "1" + other.joined()) }
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
