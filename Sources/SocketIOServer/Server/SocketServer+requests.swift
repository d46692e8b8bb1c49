import EngineIOCore
import SocketIOTransport

/// Requests outside the Socket.IO path: files first, then the handler, then 404.
extension SocketServer {
    /// Calls `handler` for requests outside the Socket.IO path that no file answers, instead of answering 404.
    public func onRequest(_ handler: @escaping @Sendable (HTTPRequest) -> Void) {
        let old = requests.withLock { requests in
            let old = requests.handler
            requests.handler = handler
            return old
        }
        withExtendedLifetime(old) {}
    }

    /// Serves the files of a folder to GET and HEAD requests: `serveFiles(at: "/static", from: "web/static")`. At "/"
    /// it is everything that nothing else answers; of several prefixes the longest counts. `path` may also be one
    /// file, which is then served at exactly the prefix.
    ///
    /// Files are found below the folder only, wherever `..` or symbolic links lead, and only regular ones. Types go by
    /// extension; `ETag`, `Last-Modified`, `Range` and their conditions work; `page.css.br` and `page.css.gz` are sent
    /// in place of an older `page.css` to clients that take them. What is not there goes to the handler of
    /// ``onRequest(_:)``, or is answered with 404.
    public func serveFiles(
        at prefix: String, from path: String, _ options: FileOptions = FileOptions()
    ) throws(SocketError) {
        let mount = try FileMount(at: prefix, from: path, options)
        requests.withLock { $0.mounts.add(mount) }
    }

    /// Serves no files at a prefix any more.
    public func stopServingFiles(at prefix: String) throws(SocketError) {
        let path = try FilePath.prefix(prefix)
        requests.withLock { $0.mounts.remove(path) }
    }

    /// Serves the official JavaScript client in the Socket.IO path, as "/socket.io/socket.io.min.js" and by the other
    /// names that Node's server has. `folder` is where the files are, the folder `client-dist` of the npm package
    /// `socket.io`, say; files beside them that end in ".br" and ".gz" are used, too. They are read now: call again when
    /// they have changed.
    public func serveClient(from folder: String) throws(SocketError) {
        do throws(ClientBundles.Failure) {
            client.set(try ClientBundles(folder: folder))
        } catch {
            switch error {
            case .none:
                throw SocketError(
                    .argument,
                    "\"\(folder)\" has none of the client's files: name the folder that socket.io.min.js is in.")
            case .tooLarge(let name): throw SocketError(.limit, "\(name) has more than 8 MiB: is it the client?")
            case .system(let number): throw SocketError(servingOf: folder, failed: number)
            }
        }
    }

    /// Serves the client no more.
    public func stopServingClient() {
        client.set(nil)
    }

    func received(_ exchange: HTTPExchange) {
        if let metrics = metrics(for: exchange) { return exchange.respond(metrics) }
        let (lookup, handler) = requests.withLock { requests in (requests.mounts.lookup(exchange), requests.handler) }
        guard let lookup else { return handle(exchange, handler) }
        guard lookup.isReading else {
            return handler == nil ? lookup.refuseMethod() : handle(exchange, handler)
        }
        lookup.respond(
            workers: runtime.workers, missing: { self.handle(exchange, handler) },
            log: { sentence in self.warn(.unreadableFile, on: exchange.loop) { sentence } })
    }

    private func handle(_ exchange: HTTPExchange, _ handler: (@Sendable (HTTPRequest) -> Void)?) {
        guard let handler else {
            return exchange.respond(
                HTTPResponse(status: 404, contentType: "text/plain; charset=utf-8", text: "Not Found\n"))
        }
        handler(HTTPRequest(exchange, loop: SocketLoop.of(exchange.loop)))
    }
}

/// Who answers requests outside the Socket.IO path.
struct RequestHandlers {
    var mounts = FileMounts()
    var handler: (@Sendable (HTTPRequest) -> Void)?
}
