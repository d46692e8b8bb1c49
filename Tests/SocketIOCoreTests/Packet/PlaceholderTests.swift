import Testing

@testable import SocketIOCore

/// CVE-2022-2421: a placeholder's `num` was used as it came.
struct PlaceholderTests {
    @Test(arguments: [
        #"{"_placeholder":true,"num":0}"#, #"{"_placeholder":true,"num":1}"#, #"{"num":1,"_placeholder":true}"#,
        #"{ "_placeholder" : true , "num" : 1 , "x" : [ ] }"#, #"{"_placeholder":true,"num":"0","num":0}"#,
        #"{"\u005fplaceholder":true,"\u006eum":0}"#,
        // Not placeholders.
        #"{"_placeholder":false,"num":9}"#, #"{"_placeholder":1,"num":9}"#, #"{"_placeholder":"true"}"#,
        #"{"_placeholder":{"a":true}}"#, #"{"_placeholder":true,"_placeholder":null,"num":9}"#, #"{"num":-1}"#,
        #"{"placeholder":true}"#, #"{"_placeholder_":true}"#, #"["_placeholder",true]"#, #"{"a":"_placeholder"}"#,
        #"{"__placeholder":true}"#,
    ])
    func accepts(_ argument: String) {
        for text in packets(with: argument) {
            #expect(refusal(of: text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        #"{"_placeholder":true}"#, #"{"_placeholder":true,"num":2}"#, #"{"_placeholder":true,"num":-1}"#,
        #"{"_placeholder":true,"num":1e9}"#, #"{"_placeholder":true,"num":1000000000}"#,
        #"{"_placeholder":true,"num":"0"}"#, #"{"_placeholder":true,"num":"length"}"#,
        #"{"_placeholder":true,"num":null}"#, #"{"_placeholder":true,"num":0.5}"#, #"{"_placeholder":true,"num":0.0}"#,
        #"{"_placeholder":true,"num":0e0}"#, #"{"_placeholder":true,"num":-0}"#, #"{"_placeholder":true,"num":true}"#,
        #"{"_placeholder":true,"num":[0]}"#, #"{"_placeholder":true,"num":{"num":0}}"#,
        #"{"_placeholder":true,"num":0,"num":5}"#, #"{"_placeholder":false,"_placeholder":true}"#,
        #"{"_placeholder":true,"num":18446744073709551616}"#, #"{"_placeholder":true,"num":9223372036854775808}"#,
        #"{"\u005fplaceholder":true}"#, #"{"num":9,"_placeholder":true}"#, #"{"_placeholder":true,"Num":0}"#,
        #"{"_placeholder":true,"x":{"_placeholder":true,"num":0}}"#,
    ])
    func refuses(_ argument: String) {
        for text in packets(with: argument) {
            #expect(refusal(of: text) == .illegalAttachments, "\(text)")
        }
        #expect(refusal(of: "2[\"a\",\(argument)]") == nil)
        #expect(refusal(of: "31[\(argument)]") == nil)
    }

    @Test
    func severalMayReferToOneAttachmentAndNoneMust() {
        let placeholder = #"{"_placeholder":true,"num":0}"#
        #expect(refusal(of: "51-[\"a\",\(placeholder),\(placeholder)]") == nil)
        #expect(refusal(of: "52-[\"a\"]") == nil)
        #expect(refusal(of: "50-[\"a\",\(placeholder)]") == .illegalAttachments)
    }

    private func packets(with argument: String) -> [String] {
        ["52-[\"a\",\(argument)]", "52-/admin,1[\"a\",[{\"b\":[\(argument)]}],0]", "62-1[\(argument)]"]
    }
}
