import EngineIOCore
import Glibc
import NIOCore

/// A request for what may be a file.
package struct FileLookup: Sendable {
    let exchange: HTTPExchange
    let mount: FileMount
    let path: FilePath

    private enum Answer {
        case response(HTTPResponse)
        case missing
        case failed(CInt)
    }

    /// Whether the method is one that files know.
    package var isReading: Bool {
        switch exchange.head.method {
        case .get, .head: true
        case .post, .options, .other: false
        }
    }

    package func refuseMethod() {
        exchange.respond(HTTPResponse(status: 405, headers: [("Allow", "GET, HEAD")]))
    }

    /// Responds, on a worker thread. Calls `missing` on the connection's loop if there is no such file, `log` if the
    /// system does not give it.
    package func respond(
        workers: WorkerThreads, missing: @escaping @Sendable () -> Void, log: @escaping @Sendable (String) -> Void
    ) {
        workers.run {
            // The client may have gone while others were served.
            guard !exchange.isAnswered else { return }
            switch answer(workers) {
            case .response(let response): exchange.respond(response)
            case .missing: exchange.loop.post(missing)
            case .failed(let number):
                log(
                    "The file for \(exchange.head.text.loggedPath) cannot be read: \(String(cString: strerror(number)))."
                )
                let isTransient = number == EAGAIN || number == EMFILE || number == ENFILE || number == ENOMEM
                exchange.respond(HTTPResponse(status: isTransient ? 503 : 500))
            }
        }
    }

    // MARK: Which file

    private func answer(_ workers: WorkerThreads) -> Answer {
        let names = path.names.dropFirst(mount.prefix.names.count)
        guard mount.options.servesHidden || !names.contains(where: { $0.utf8.first == UInt8(ascii: ".") })
        else { return .missing }
        switch mount.root {
        case .file(let file): return send(file, workers) { Self.open(file: $0) }
        case .folder(let folder):
            var name = names.joined(separator: "/")
            if path.isFolder {
                guard let index = mount.options.index else { return .missing }
                name += name.isEmpty ? index : "/" + index
            }
            return send(name, workers) { folder.open($0) }
        }
    }

    private static func open(file: String) -> OpenFile.Outcome {
        let descriptor = Glibc.open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        return descriptor >= 0 ? OpenFile.Outcome(descriptor: descriptor) : .error(errno)
    }

    private func send(_ name: String, _ workers: WorkerThreads, _ open: (String) -> OpenFile.Outcome) -> Answer {
        switch open(name) {
        case .missing: return .missing
        case .failed(let number): return .failed(number)
        case .folder: return path.isFolder ? .missing : .response(redirect)
        case .file(let file):
            let type = MediaType(fileName: name)
            let conditions = RequestConditions(exchange.head)
            var response = FileResponse(file, type: type, options: mount.options)
            if type.isCompressible {
                response.variesByCoding = true
                response.useCompressed(for: conditions.acceptEncoding) { suffix in
                    if case .file(let file) = open(name + suffix) { file } else { nil }
                }
            }
            return response.make(conditions, isHead: exchange.head.method == .head, workers).map { .response($0) }
                ?? .failed(EIO)
        }
    }

    /// To the same path with a slash behind it, where the links of a page lead to the right places.
    private var redirect: HTTPResponse {
        let target = exchange.head.text.target
        let end = target.firstIndex(of: "?") ?? target.endIndex
        return HTTPResponse(status: 301, headers: [("Location", target[..<end] + "/" + target[end...])])
    }
}
