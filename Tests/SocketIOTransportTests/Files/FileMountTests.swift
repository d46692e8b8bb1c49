import EngineIOCore
import Testing

@testable import SocketIOTransport

/// What a program puts at a path, and takes from it again.
@Suite struct FileMountTests {
    private func mounted(_ prefixes: String...) throws -> FileMounts {
        var mounts = FileMounts()
        for prefix in prefixes {
            let path = try #require(FilePath(prefix))
            mounts.add(try FileMount(prefix: path, path: "/tmp", options: FileMount.Options()))
        }
        return mounts
    }

    /// A program that serves "/static/" and removes "/static", or the other way round, means the same place.
    @Test(arguments: [("/a", "/a"), ("/a", "/a/"), ("/a/", "/a"), ("/a/", "/a/"), ("/", "/")])
    func removedWithOrWithoutASlash(added: String, removed: String) throws {
        var mounts = try mounted(added, "/b", "/a/c")
        mounts.remove(try #require(FilePath(removed)))
        #expect(mounts.prefixes == [["a", "c"], ["b"]])
    }

    @Test func replacedWithOrWithoutASlash() throws {
        #expect(try mounted("/a", "/a/").prefixes == [["a"]])
        #expect(try mounted("/a/", "/a").prefixes == [["a"]])
    }

    @Test func whatIsNotThereIsNotRemoved() throws {
        var mounts = try mounted("/a")
        for other in ["/", "/b", "/a/b", "/A"] { mounts.remove(try #require(FilePath(other))) }
        #expect(mounts.prefixes == [["a"]])
    }
}

extension FileMounts {
    /// In the order in which they are looked at.
    fileprivate var prefixes: [[String]] { mounts.map(\.prefix.names) }
}
