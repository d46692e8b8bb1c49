/// A loop's streams, which all its connections share: they forget between two uses, so that a connection keeps
/// nothing. They are made when they are needed first, and take up to 270 kB each.
final class LoopCompression {
    /// Servers with options of their own may share the loops; no more streams than this are kept.
    private static let capacity = 16

    private var deflates: [DeflateParameters: DeflateStream] = [:]

    /// A stream that remembers nothing; nil without memory for it. Use it at once.
    func deflate(_ parameters: DeflateParameters) -> DeflateStream? {
        if let stream = deflates[parameters] {
            stream.reset()
            return stream
        }
        if deflates.count >= Self.capacity { deflates = [:] }
        let stream = DeflateStream(parameters)
        deflates[parameters] = stream
        return stream
    }
}
