import Testing

@testable import SocketIOCore

/// What is read of a server's answers, and written for it.
@Suite struct ServerAnswerTests {
    @Test(
        arguments: [
            (#"{"sid":"abc"}"#, "abc", nil),
            (#"{"sid":"abc","pid":"def"}"#, "abc", "def"),
            (#" { "x" : [1,{"sid":"no"}] , "pid" : "d\u0065f" , "sid" : "abc" } "#, "abc", "def"),
            (#"{"sid":5,"pid":null}"#, nil, nil),
            ("", nil, nil),
            ("{}", nil, nil),
            (#"{"sid"#, nil, nil),
        ] as [(String, String?, String?)])
    func connectAnswers(text: String, id: String?, privateID: String?) {
        let answer = withBytes(text) { ConnectAnswer(payload: $0) }
        #expect(answer == ConnectAnswer(id: id, privateID: privateID))
    }

    @Test(
        arguments: [
            (#"{"message":"Forbidden"}"#, "Forbidden", nil),
            (#"{"message":"no \"x\"","data":{"code":[1, 2]}}"#, #"no "x""#, #"{"code":[1, 2]}"#),
            (#""Unable to connect""#, "Unable to connect", nil),
            // A server of Socket.IO 2 sends what the application has given.
            (#"{"code":7}"#, "", #"{"code":7}"#),
            ("", "", nil),
        ] as [(String, String, String?)])
    func refusals(text: String, message: String, data: String?) {
        let refusal = withBytes(text) { ConnectRefusal(payload: $0) }
        #expect(refusal.message == message)
        #expect(refusal.data == data)
    }

    private func payload(_ auth: String, _ recovery: RecoveryRequest?) -> String {
        String(decoding: ConnectPayload.json(auth: Array(auth.utf8), recovery: recovery), as: UTF8.self)
    }

    @Test func theAuthComesBehindTheSession() {
        #expect(payload(#"{"token":"t"}"#, nil) == #"{"token":"t"}"#)
        #expect(payload("", nil) == "")
        #expect(payload("", RecoveryRequest(privateID: "p", offset: nil)) == #"{"pid":"p"}"#)
        #expect(payload(" { } ", RecoveryRequest(privateID: "p", offset: "o")) == #"{"pid":"p","offset":"o"}"#)
        #expect(
            payload(#"{"token":"t"}"#, RecoveryRequest(privateID: "p\"", offset: "o"))
                == #"{"pid":"p\"","offset":"o","token":"t"}"#)
    }

    @Test(arguments: [
        ("", ""), ("{}", ""), (#"{"token":"abc"}"#, "?token=abc"),
        (#"{"a b":"c&d","n":5,"o":{"x":[true]}}"#, "?a%20b=c%26d&n=5&o=%7B%22x%22%3A%5Btrue%5D%7D"),
        (#"{"name":"Zoë"}"#, "?name=Zo%C3%AB"),
    ])
    func queries(auth: String, query: String) {
        #expect(String(decoding: ConnectPayload.query(auth: Array(auth.utf8)), as: UTF8.self) == query)
    }

    @Test(
        arguments: [
            (#"["hello","MzUPkW0"]"#, "MzUPkW0"), (#"["a"]"#, "a"), (#"[1,{"a":"b"} , "x" ]"#, "x"), (#"[""]"#, ""),
            ("[]", nil), ("[1]", nil), (#"["a",1]"#, nil), (#"[["a"]]"#, nil), (#"[{"a":"b"}]"#, nil),
            (#"["say \"x"]"#, nil), (#"["x\\"]"#, nil), (#"["\"]"#, nil), ("", nil), ("]", nil), ("\"]", nil),
            ("[\"" + String(repeating: "a", count: 300) + "\"]", nil),
        ] as [(String, String?)])
    func offsets(arguments: String, offset: String?) {
        let found = withBytes(arguments) { bytes in
            EventOffset.find(in: bytes).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(found == offset)
    }

    @Test func aDisconnectMaySayWhy() throws {
        let text = #"1/admin,{"message":"gone"}"#
        #expect(throws: PacketError.self) { try withBytes(text) { try PacketParser.parse($0, limits: PacketLimits()) } }
        let limits = PacketLimits(disconnectMayHavePayload: true)
        let packet = try withBytes(text) { try PacketParser.parse($0, limits: limits) }
        #expect(packet.header.type == .disconnect)
    }
}
