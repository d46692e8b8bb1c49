import Testing

@testable import SocketIOCore

struct EventNameTests {
    @Test(arguments: [
        (#"2["hello",1]"#, EventName(name: 3..<8, hasEscapes: false, isNumber: false, next: 9, end: 12)),
        (#"2["a"]"#, EventName(name: 3..<4, hasEscapes: false, isNumber: false, next: 5, end: 6)),
        (#"2[""]"#, EventName(name: 3..<3, hasEscapes: false, isNumber: false, next: 4, end: 5)),
        (#"2[ "a" , 1 ] "#, EventName(name: 4..<5, hasEscapes: false, isNumber: false, next: 7, end: 12)),
        (#"2["\n"]"#, EventName(name: 3..<5, hasEscapes: true, isNumber: false, next: 6, end: 7)),
        ("2[5,6]", EventName(name: 2..<3, hasEscapes: false, isNumber: true, next: 3, end: 6)),
        ("2[-1.5e3 ]", EventName(name: 2..<8, hasEscapes: false, isNumber: true, next: 9, end: 10)),
        (#"2["é"]"#, EventName(name: 3..<5, hasEscapes: false, isNumber: false, next: 6, end: 7)),
        (
            "2[123456789012345678901234567890]",
            EventName(name: 2..<32, hasEscapes: false, isNumber: true, next: 32, end: 33)
        ),
    ])
    func findsTheName(_ text: String, _ expected: EventName) throws {
        #expect(try parse(text).event == expected)
    }

    @Test(arguments: ["0", "1", "30[]", "60-1[]", "4\"a\""])
    func onlyEventsHaveOne(_ text: String) throws {
        #expect(try parse(text).event == nil)
    }

    /// CVE-2023-32695: names of other types reached code that took them for strings.
    @Test(arguments: [
        "2[{}]", #"2[{"toString":"x"}]"#, "2[[]]", #"2[["a"]]"#, "2[null]", "2[true]", "2[false]", "2[01]", "2[-]",
        "2[+1]",
        "2[.5]", "2[NaN]", "51-[{\"_placeholder\":true,\"num\":0}]",
    ])
    func isAStringOrANumber(_ text: String) {
        #expect(refusal(of: text) == .invalidPayload)
    }

    @Test(arguments: [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ])
    func isNotReserved(_ name: String) {
        #expect(withBytes(name) { ReservedName.isReserved($0) })
        let escaped = name.utf8.map { "\\u00" + String($0, radix: 16, uppercase: true) }.joined()
        for contents in [name, escaped, "\\u00" + String(name.utf8.first ?? 0, radix: 16) + name.dropFirst()] {
            #expect(refusal(of: "2[\"\(contents)\"]") == .reservedName)
            #expect(refusal(of: "2/admin,1[\"\(contents)\",1]") == .reservedName)
            #expect(refusal(of: "50-[\"\(contents)\"]") == .reservedName)
            #expect(refusal(of: "2[\"\(contents)x\"]") == nil)
        }
    }

    @Test(arguments: [
        "", "error", "Connect", "connec", "connecT", "connect ", "connection", "disconnect_", "newlistener", "message",
        "\\nconnect", "c\\u0000nnect",
    ])
    func mayBeAnythingElse(_ name: String) {
        #expect(!withBytes(name) { ReservedName.isReserved($0) })
        #expect(refusal(of: "2[\"\(name)\"]") == nil)
    }
}
