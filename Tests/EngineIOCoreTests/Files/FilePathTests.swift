import Testing

@testable import EngineIOCore

@Suite struct FilePathTests {
    private static let paths: [(String, [String], isFolder: Bool)] = [
        ("/", [], true),
        ("/a", ["a"], false),
        ("/a/", ["a"], true),
        ("/css/page.css?v=1/../2", ["css", "page.css"], false),
        ("/?/x", [], true),
        ("/a%20b/%C3%A9.txt", ["a b", "é.txt"], false),
        ("/a+b", ["a+b"], false),
        ("/...", ["..."], false),
        ("/..a/b..", ["..a", "b.."], false),
        ("/..;/x", ["..;", "x"], false),
        // Decoded once.
        ("/%252e%252e/x", ["%2e%2e", "x"], false),
        ("/a%252fb", ["a%2fb"], false),
    ]

    @Test(arguments: paths)
    private func namesWhatItLeadsTo(target: String, names: [String], isFolder: Bool) throws {
        let path = try #require(FilePath(target))
        #expect(path.names == names)
        #expect(path.isFolder == isFolder)
    }

    // CVE-2021-41773 and its kin: every spelling of a way up.
    private static let traversals = [
        "/..", "/../x", "/a/../../x", "/a/..", "/./x", "/.", "/a/.",
        "/%2e%2e/x", "/%2E%2E/x", "/.%2e/x", "/%2e./x", "/%2e/x",
        "/%2f", "/a%2fb", "/..%2f..%2fetc/passwd", "/%2Fetc/passwd",
        "/..\\x", "/..%5cx", "/a%5C..%5Cx", "/\\etc",
        "/a%00", "/a%00.html", "/%00", "/a%0ab", "/a%0d%0aX:%20y", "/a%7f", "/a%1fb",
        "/%c0%ae%c0%ae/x", "/%c0%afetc", "/%e0%80%ae/x", "/%ff", "/%ed%a0%80",
        "//", "//x", "/a//b", "//etc/passwd", "/a//", "///",
        "/%", "/%2", "/%zz", "/%2g", "/%u002e", "/a%",
        "", "x", "*", "http://host/x", "?", "../x",
    ]

    @Test(arguments: traversals)
    private func refusesWhatLeadsElsewhere(target: String) {
        #expect(FilePath(target) == nil)
    }

    @Test func theQueryIsNoPartOfIt() {
        #expect(FilePath("/a?../../x%00") == FilePath("/a"))
    }

    @Test func hasHiddenNames() throws {
        for hidden in ["/.env", "/.git/config", "/a/.b/c", "/%2eenv"] {
            #expect(try #require(FilePath(hidden)).hasHiddenName)
        }
        for shown in ["/", "/a.b", "/a./b"] { #expect(try !#require(FilePath(shown)).hasHiddenName) }
    }

    @Test func noBytesTrap() {
        var random = SplitMix64(seed: 41773)
        let alphabet = Array("/%2eE.f05cC\\?a\0\u{80}".utf8)
        for _ in 0..<20_000 {
            let count = Int(random.next() % 24)
            let bytes =
                [UInt8(ascii: "/")] + (0..<count).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
            withMemory(bytes) { memory in
                guard let path = FilePath(target: UnsafeRawBufferPointer(memory)) else { return }
                for name in path.names {
                    #expect(name != ".." && name != "." && !name.isEmpty)
                    #expect(!name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") || $0 < 0x20 })
                }
            }
        }
    }

    @Test func typesGoByExtension() {
        #expect(MediaType(fileName: "a/page.HTML").text == "text/html; charset=utf-8")
        #expect(MediaType(fileName: "page.min.js").text == "text/javascript; charset=utf-8")
        #expect(MediaType(fileName: "page.min.js").isCompressible)
        #expect(MediaType(fileName: "a.png").text == "image/png")
        #expect(!MediaType(fileName: "a.png").isCompressible)
        for other in ["", "README", "a.", "a.unknown", ".html.", "page.html/x"] {
            #expect(MediaType(fileName: other).text == "application/octet-stream")
        }
    }
}
