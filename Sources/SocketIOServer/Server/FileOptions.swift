import EngineIOCore
import Glibc
import SocketIOTransport

/// How files are served; see ``SocketServer/serveFiles(at:from:_:)``.
public struct FileOptions: Sendable {
    /// The file that is served for a folder; nil for none.
    public var index: String? = "index.html"
    /// The value of `Cache-Control`. By default caches keep files, and ask each time whether they have changed.
    public var cacheControl = "public, max-age=0"
    /// The value of `Content-Type`; nil for what the extension says.
    public var contentType: String?
    /// Whether names that begin with a dot are served: ".git", ".env", ".well-known".
    public var servesHidden = false

    public init() {}

    func checked() throws(SocketError) -> FileMount.Options {
        var options = FileMount.Options()
        if let index {
            guard let path = FilePath("/" + index), !path.isFolder else {
                throw SocketError(.argument, "\"\(index)\" is not the name of an index file: use \"index.html\".")
            }
        }
        for (name, value) in [("Cache-Control", cacheControl), ("Content-Type", contentType ?? "")] {
            guard HTTPResponse.isLegalField(name: name, value: value) else {
                throw SocketError(.argument, "The value for \(name) has control characters, which HTTP forbids.")
            }
        }
        options.index = index
        options.cacheControl = cacheControl
        options.contentType = contentType
        options.servesHidden = servesHidden
        return options
    }
}

extension FileMount {
    /// Errors are sentences for the caller.
    init(at prefix: String, from path: String, _ options: FileOptions) throws(SocketError) {
        let prefix = try FilePath.prefix(prefix)
        let options = try options.checked()
        do throws(FileMount.Failure) {
            try self.init(prefix: prefix, path: path, options: options)
        } catch {
            switch error {
            case .system(let number): throw SocketError(servingOf: path, failed: number)
            case .notAFile:
                throw SocketError(.argument, "\"\(path)\" cannot be served: it is neither a folder nor a file.")
            }
        }
    }
}

extension SocketError {
    init(servingOf path: String, failed number: CInt) {
        self.init(
            number == EACCES || number == EPERM ? .permission : .argument,
            "\"\(path)\" cannot be served: \(String(cString: strerror(number))).")
    }
}

extension FilePath {
    /// Where files are to be served.
    static func prefix(_ text: String) throws(SocketError) -> FilePath {
        guard let path = FilePath(text), !text.utf8.contains(UInt8(ascii: "?")) else {
            throw SocketError(
                .argument,
                "\"\(text)\" is not a path to serve files at: it begins with \"/\", and names no \".\", \"..\" or \"?\"."
            )
        }
        return path
    }
}
