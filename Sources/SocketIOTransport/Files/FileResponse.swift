import EngineIOCore
import Glibc
import NIOCore

/// The response to a request for a file that is open.
struct FileResponse {
    private var file: OpenFile
    private let contentType: String
    private let cacheControl: String
    private var coding: String?
    /// Whether another client may get it compressed.
    var variesByCoding = false

    init(_ file: OpenFile, type: MediaType, options: FileMount.Options) {
        self.file = file
        contentType = options.contentType ?? type.text
        cacheControl = options.cacheControl
    }

    /// Takes a compressed file beside this one, if the client does. One that is older was forgotten when the file
    /// changed.
    mutating func useCompressed(for accepted: AcceptEncoding, _ open: (String) -> OpenFile?) {
        var files: [String: OpenFile] = [:]
        for (coding, suffix) in [("br", ".br"), ("gzip", ".gz")] where accepted.best(of: [coding]) != nil {
            if let compressed = open(suffix), compressed.modified >= file.modified { files[coding] = compressed }
        }
        guard let best = accepted.best(of: ["br", "gzip"].filter { files[$0] != nil }), let compressed = files[best]
        else { return }
        file = compressed
        coding = best
    }

    /// Reads what is small; nil if that fails.
    func make(_ conditions: RequestConditions, isHead: Bool, _ workers: WorkerThreads) -> HTTPResponse? {
        switch conditions.verdict(tag: file.tag, modified: file.modified, size: file.size) {
        case .notModified: return HTTPResponse(status: 304, headers: validators)
        case .failed: return HTTPResponse(status: 412)
        case .send(.unsatisfiable):
            return HTTPResponse(status: 416, headers: [("Content-Range", "bytes */\(file.size)")])
        case .send(.whole):
            return body(0..<file.size, isHead, workers).map { HTTPResponse(status: 200, headers: headers, body: $0) }
        case .send(.part(let range)):
            let part = ("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound &- 1)/\(file.size)")
            return body(range, isHead, workers).map { HTTPResponse(status: 206, headers: headers + [part], body: $0) }
        }
    }

    /// What a cache keeps with the file, and hears again when it asks whether the file has changed.
    private var validators: [(name: String, value: String)] {
        var headers = [
            (name: "Cache-Control", value: cacheControl),
            (name: "ETag", value: file.tag),
            // Not in the future, whatever the clock of who wrote the file said.
            (name: "Last-Modified", value: HTTPDate.format(min(file.modified, time(nil)))),
        ]
        if variesByCoding { headers.append(("Vary", "Accept-Encoding")) }
        return headers
    }

    private var headers: [(name: String, value: String)] {
        var headers = [
            (name: "Content-Type", value: contentType),
            (name: "X-Content-Type-Options", value: "nosniff"),
            (name: "Accept-Ranges", value: "bytes"),
        ]
        if let coding { headers.append(("Content-Encoding", coding)) }
        return headers + validators
    }

    private func body(_ range: Range<Int>, _ isHead: Bool, _ workers: WorkerThreads) -> HTTPResponse.Body? {
        if range.isEmpty { return .bytes(ByteBuffer()) }
        guard isHead || range.count > HTTPBodyStream.pieceBytes else {
            // In one piece with the head.
            return file.read(range.count, at: range.lowerBound).flatMap {
                $0.readableBytes == range.count ? .bytes($0) : nil
            }
        }
        return .stream(HTTPBodyStream(FileBody(file, from: range.lowerBound, workers: workers), count: range.count))
    }
}
