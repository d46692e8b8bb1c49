import EngineIOCore
import Glibc

/// What a folder, or one file, is served as.
package struct FileMount: Sendable {
    package struct Options: Sendable {
        /// What is served for a folder; nil for nothing.
        package var index: String? = "index.html"
        package var cacheControl = "public, max-age=0"
        /// Instead of the one that the extension tells.
        package var contentType: String?
        /// Whether names that begin with a dot are served.
        package var servesHidden = false

        package init() {}
    }

    enum Root: Sendable {
        case folder(FileFolder)
        case file(path: String)
    }

    /// Where it begins: "/static".
    package let prefix: FilePath
    let root: Root
    let options: Options

    package enum Failure: Error {
        /// There is no such file or folder, or it cannot be read: the number of the error.
        case system(CInt)
        /// A pipe, a device.
        case notAFile
    }

    /// Looks what is at `path`, on this thread.
    package init(prefix: FilePath, path: String, options: Options) throws(Failure) {
        self.prefix = prefix
        self.options = options
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw .system(errno) }
        let absolute = Self.absolute(path)
        switch OpenFile.Outcome(descriptor: descriptor) {
        case .file: root = .file(path: absolute)
        case .folder: root = .folder(FileFolder(path: absolute))
        case .missing: throw .notAFile
        case .failed(let number): throw .system(number)
        }
    }

    /// Symbolic links stay in it: one of them may be what chooses the version that is served.
    private static func absolute(_ path: String) -> String {
        guard !path.utf8.starts(with: "/".utf8), let memory = getcwd(nil, 0) else { return path }
        defer { free(memory) }
        return String(cString: memory) + "/" + path
    }

    /// Whether the path is the prefix or, in a folder, below it.
    func covers(_ path: FilePath) -> Bool {
        guard path.names.starts(with: prefix.names) else { return false }
        switch root {
        case .folder: return true
        case .file: return path == prefix
        }
    }
}

/// The mounts of a server, those with the longest prefixes first.
package struct FileMounts: Sendable {
    private(set) var mounts: [FileMount] = []

    package init() {}

    package var isEmpty: Bool { mounts.isEmpty }

    /// Adds a mount, instead of the one that has the same prefix.
    package mutating func add(_ mount: FileMount) {
        remove(mount.prefix)
        let place = mounts.firstIndex { $0.prefix.names.count < mount.prefix.names.count } ?? mounts.endIndex
        mounts.insert(mount, at: place)
    }

    package mutating func remove(_ prefix: FilePath) {
        // With or without a slash at the end.
        mounts.removeAll { $0.prefix.names == prefix.names }
    }

    /// The file that a request asks for; nil if it is not for any of the mounts.
    package func lookup(_ exchange: HTTPExchange) -> FileLookup? {
        guard !mounts.isEmpty, let path = exchange.head.text.withTarget({ FilePath(target: $0) }),
            let mount = mounts.first(where: { $0.covers(path) })
        else { return nil }
        return FileLookup(exchange: exchange, mount: mount, path: path)
    }
}
