import Testing

@testable import SocketIOServer

@Suite struct NamespacePatternTests {
    @Test(arguments: [
        ("/room-*", "/room-", true), ("/room-*", "/room-1", true), ("/room-*", "/room", false),
        ("/room-*", "/Room-1", false), ("*", "", true), ("*", "/a", true), ("/*/b", "/a/b", true),
        ("/*/b", "/a/b/b", true), ("/*/b", "/a/b/c", false), ("/a", "/a", true), ("/a", "/ab", false),
        ("/a", "/", false), ("**", "/a", true), ("/*a*", "/banana", true), ("/*a*n", "/banana", false),
        ("", "/", false),
    ])
    func matches(_ pattern: String, _ name: String, _ fits: Bool) {
        #expect(NamespacePattern(pattern).matches(Array(name.utf8)) == fits)
    }

    /// 200 bytes are the longest name: the worst pattern for it takes no time.
    @Test func takesNoExponentialTime() {
        let pattern = String(repeating: "*a", count: 99) + "b"
        #expect(!NamespacePattern(pattern).matches([UInt8](repeating: UInt8(ascii: "a"), count: 200)))
    }
}
