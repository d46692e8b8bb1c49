import EngineIOCore
import Glibc
import NIOCore
import Synchronization

/// The files of the official JavaScript client that a server hands out below its path, as Node's does. They are read
/// at once and stay in memory: together they are a megabyte.
package struct ClientBundles: Sendable {
    package enum Failure: Error {
        /// The folder has none of the files.
        case none
        case tooLarge(String)
        case system(CInt)
    }

    static let names = ["socket.io", "socket.io.min", "socket.io.esm.min", "socket.io.msgpack.min"]
        .flatMap { ["\($0).js", "\($0).js.map"] }
    private static let maximumBytes = 8 * 1024 * 1024

    private var bundles: [String: ClientBundle] = [:]

    package init(folder path: String) throws(Failure) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .system(errno) }
        defer { close(folder) }
        var files: [String: ByteBuffer] = [:]
        for name in Self.names { files[name] = try Self.read(name, in: folder) }
        guard !files.isEmpty else { throw .none }
        let versions = files.compactMapValues { $0.withUnsafeReadableBytes { ClientBanner.version(in: $0) } }
        for (name, plain) in files {
            bundles[name] = ClientBundle(
                name: name, plain: plain, brotli: try Self.read(name + ".br", in: folder),
                gzip: try Self.read(name + ".gz", in: folder),
                // A map has no banner: it is of the same version as the others.
                version: versions[name] ?? versions.values.max())
        }
    }

    /// The name of one of the files, and nothing but a query behind it.
    func bundle(_ target: UnsafeRawBufferPointer) -> ClientBundle? {
        let name = target.prefix { $0 != UInt8(ascii: "?") }
        return bundles[String(decoding: name, as: UTF8.self)]
    }

    /// Nil if there is no such file.
    private static func read(_ name: String, in folder: CInt) throws(Failure) -> ByteBuffer? {
        let descriptor = openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .system(errno)
        }
        guard case .file(let file) = OpenFile.Outcome(descriptor: descriptor) else { return nil }
        guard file.size <= maximumBytes else { throw .tooLarge(name) }
        var content = ByteBufferAllocator().buffer(capacity: file.size)
        while content.readableBytes < file.size {
            guard var piece = file.read(file.size &- content.readableBytes, at: content.readableBytes) else {
                throw .system(EIO)
            }
            content.writeBuffer(&piece)
        }
        return content
    }
}

/// One file of the client.
final class ClientBundle: Sendable {
    private let isMap: Bool
    private let plain: ByteBuffer
    private let brotli: ByteBuffer?
    /// Made when a client first asks for it, if it does not lie beside the file.
    private let gzip: Mutex<ByteBuffer?>
    /// By which clients know whether they have the file: its version, or a hash of what it says.
    private let tag: String

    init(name: String, plain: ByteBuffer, brotli: ByteBuffer?, gzip: ByteBuffer?, version: String?) {
        isMap = name.utf8.last == UInt8(ascii: "p")
        self.plain = plain
        self.brotli = brotli
        self.gzip = Mutex(gzip)
        tag = version.map { "\"\($0)\"" } ?? plain.withUnsafeReadableBytes { EntityTag.of($0.bytes) }
    }

    /// Two threads may compress at the same time, and make the same.
    private func gzipped() -> ByteBuffer? {
        if let content = gzip.withLock({ $0 }) { return content }
        guard let stream = DeflateStream(DeflateParameters(format: .gzip, level: 9)) else { return nil }
        var memory = OutputMemory(capacity: plain.readableBytes / 3 &+ 64)
        defer { memory.deallocate() }
        guard plain.withUnsafeReadableBytes({ stream.finish($0, into: &memory) }) else { return nil }
        let made = ByteBuffer(bytes: memory.bytes)
        gzip.withLock { $0 = made }
        return made
    }

    /// The response to a request. May compress: on a worker thread.
    func response(to head: HTTPRequestHead) -> HTTPResponse {
        let conditions = RequestConditions(head)
        // The tag is the same for all codings, as Node has it.
        let headers = [
            (name: "Cache-Control", value: "public, max-age=0"), (name: "ETag", value: tag),
            (name: "Vary", value: "Accept-Encoding"),
        ]
        if conditions.has(tag) { return HTTPResponse(status: 304, headers: headers) }
        let type = "application/\(isMap ? "json" : "javascript"); charset=utf-8"
        var response = HTTPResponse(status: 200, headers: [("Content-Type", type)] + headers, body: plain)
        let coding = conditions.acceptEncoding.best(of: brotli == nil ? ["gzip"] : ["br", "gzip"])
        if let coding, let body = coding == "br" ? brotli : gzipped() {
            response.body = .bytes(body)
            response.headers.append(("Content-Encoding", coding))
        }
        return response
    }
}

/// The files of a server, which may be given to it and taken from it while it runs. Thread-safe.
package final class ClientFiles: Sendable {
    private let bundles = Mutex<ClientBundles?>(nil)

    package init() {}

    package func set(_ new: ClientBundles?) {
        bundles.withLock { $0 = new }
    }

    /// The file that a request asks for. `rest` is what of its target is behind the path.
    func bundle(_ rest: UnsafeRawBufferPointer) -> ClientBundle? {
        // All names begin with it, and no other request has it there.
        guard rest.first == UInt8(ascii: "s") else { return nil }
        return bundles.withLock { $0 }?.bundle(rest)
    }
}
