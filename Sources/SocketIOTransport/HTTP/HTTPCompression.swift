import EngineIOCore
import NIOCore

extension HTTPConnection {
    /// The response as the client of a request gets it.
    func compressed(_ response: consuming HTTPResponse, for head: HTTPRequestHead) -> HTTPResponse {
        guard response.isWorthCompressing(from: engine.options.httpCompressionThreshold) else { return response }
        return response.compressed(for: head, on: loop)
    }
}

extension HTTPResponse {
    /// Whether it is worth it to compress the response.
    func isWorthCompressing(from threshold: Int?) -> Bool {
        guard isCompressible, let threshold, status == 200 else { return false }
        let size = body.count
        return size >= threshold && size <= CompressionLimit.bytes
    }

    /// The response as the client of a request gets it: compressed, if it says so, and if that is worth it. On the loop.
    ///
    /// A response that might have been compressed for another client says so with `Vary`, so that no cache mixes them
    /// up.
    func compressed(for head: HTTPRequestHead, on loop: EngineLoop) -> HTTPResponse {
        var response = self
        response.headers.append(("Vary", "Accept-Encoding"))
        guard let coding = ContentCoding.preferred(by: head), let body = body.compressed(coding, on: loop) else {
            return response
        }
        response.headers.append(("Content-Encoding", coding.rawValue))
        response.body = .bytes(body)
        return response
    }
}

extension HTTPResponse.Body {
    /// Nil without memory for it, or if it would not become smaller.
    fileprivate func compressed(_ coding: ContentCoding, on loop: EngineLoop) -> ByteBuffer? {
        switch self {
        case .bytes(let bytes): bytes.withUnsafeReadableBytes { Self.compressed($0, coding, on: loop) }
        case .text(let text):
            Self.compressed(
                UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount), coding, on: loop)
        case .packets(let packets):
            loop.outputMemory.withMemory(count) { memory in
                memory.use(packets.write(into: memory.room(for: count)))
                return Self.compressed(memory.bytes, coding, on: loop)
            }
        // Files come compressed already, or not at all.
        case .stream: nil
        }
    }

    private static func compressed(
        _ bytes: UnsafeRawBufferPointer, _ coding: ContentCoding, on loop: EngineLoop
    ) -> ByteBuffer? {
        guard let stream = loop.compression.deflate(DeflateParameters(format: coding == .gzip ? .gzip : .zlib))
        else { return nil }
        return loop.outputMemory.withMemory(bytes.count) { memory in
            guard stream.finish(bytes, into: &memory), memory.count < bytes.count else { return nil }
            return ByteBuffer(bytes: memory.bytes)
        }
    }
}
