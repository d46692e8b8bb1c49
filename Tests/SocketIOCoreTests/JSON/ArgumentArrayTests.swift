import Testing

@testable import SocketIOCore

struct ArgumentArrayTests {
    @Test(arguments: [
        ("[]", ""), (" [ \n ] ", ""), ("[1]", "1"), ("[ 1 , \"a\" ]", "1 , \"a\""), ("\t[{}]\n", "{}"),
    ])
    func findsTheArguments(_ text: String, _ inner: String) throws {
        let arguments = try parse(text, attachments: 0)
        #expect(String(decoding: Array(text.utf8).slice(arguments.inner), as: UTF8.self) == inner)
        #expect(arguments.placeholders == 0)
    }

    @Test(arguments: ["", "{}", "1", "null", "[", "[1,]", "[] []"])
    func refuses(_ text: String) {
        #expect(throws: JSONError.self) { try parse(text, attachments: 0) }
    }

    @Test
    func countsPlaceholders() throws {
        let text = #"[{"_placeholder":true,"num":1},{"a":[{"num":0,"_placeholder":true}]},{"num":7}]"#
        #expect(try parse(text, attachments: 2).placeholders == 2)
        #expect(throws: JSONError(.placeholder, at: 29)) { try parse(text, attachments: 1) }
    }

    @Test(arguments: [0, -1])
    func withoutAttachmentsPlaceholdersAreData(_ attachments: Int) throws {
        #expect(try parse(#"[{"_placeholder":true,"num":9}]"#, attachments: attachments).placeholders == 0)
    }

    private func parse(_ text: String, attachments: Int) throws(JSONError) -> ArgumentArray {
        try withBytes(text) { bytes throws(JSONError) in
            try JSONValidator.validateArguments(bytes, attachments: attachments)
        }
    }
}
