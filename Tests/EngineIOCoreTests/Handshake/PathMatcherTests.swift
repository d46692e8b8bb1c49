import EngineIOCore
import Testing

@Suite struct PathMatcherTests {
    private func matches(_ target: String, _ matcher: PathMatcher) -> Bool {
        withMemory(target.utf8) { matcher.matches(UnsafeRawBufferPointer($0)) }
    }

    @Test(arguments: [
        ("/socket.io/", true), ("/socket.io/?x", true), ("/socket.io/anything/else?x", true), ("/socket.io?x", false),
        ("/socket.io", false), ("/socket.iofoo/", false), ("/", false), ("", false), ("socket.io/", false),
        ("/%73ocket.io/", false), ("//socket.io/", false), ("/Socket.io/", false), ("/socket.io/\u{301}", true),
    ])
    func matchesByPrefix(target: String, matches: Bool) {
        #expect(self.matches(target, PathMatcher()) == matches)
    }

    @Test(arguments: [
        ("/socket.io/?x", true), ("/socket.io?x", true), ("/socket.iofoo", true), ("/socket.i", false),
    ])
    func matchesWithoutTheTrailingSlash(target: String, matches: Bool) {
        #expect(self.matches(target, PathMatcher(addTrailingSlash: false)) == matches)
    }

    @Test(arguments: [
        ("/socket.io", "/socket.io/"), ("/socket.io/", "/socket.io/"), ("socket.io", "/socket.io/"),
        ("/a/b//", "/a/b//"), ("/", "/"), ("", "/"),
    ])
    func completesThePath(path: String, prefix: String) {
        #expect(PathMatcher(path: path).prefix == prefix)
    }
}
