/// Why bytes are not a request that is served. All of them end the connection: where the next request starts is not
/// known any more.
public enum HTTPRequestError: String, Error, Sendable, CaseIterable {
    case requestLine = "its first line is not a method, a target and a version with a space between them"
    case target =
        "its target is neither a path nor *, nor a whole URL, or has characters that have to be encoded in one"
    case version = "its version is neither HTTP/1.1 nor HTTP/1.0"
    case lineEnd = "a line ends otherwise than with CR and LF, or has a control character in it"
    case fieldName = "the name of a header field has illegal characters, or there is no colon behind it"
    case foldedField = "a header field goes on in a second line, which HTTP has given up"
    case repeatedField = "Host, Content-Length or Transfer-Encoding is there twice"
    case contentLength = "Content-Length is not a number"
    case lengthAndChunks = "it has chunks and a Content-Length, or chunks in HTTP/1.0"
    case transferCoding = "its Transfer-Encoding is another one than chunked"
    case chunk = "a chunk does not start with its size, or does not end behind it"
    case trailer = "a field behind the body says how to read the body, or what follows it"
    case tooLarge = "its header fields are too large, or too many"

    /// The status of the answer.
    public var status: Int {
        switch self {
        case .tooLarge: 431
        case .transferCoding: 501
        default: 400
        }
    }
}

/// What a head, or the trailers of a body, may take.
public struct HTTPLimits: Sendable {
    /// The most that ``headBytes`` can be: less than the 64 kB that the offsets of ``HTTPHeadText`` can tell.
    public static let mostHeadBytes = 65_000

    // Every connection keeps them.
    private let mostBytes: UInt16
    private let mostFields: UInt16

    /// Of all lines.
    public var headBytes: Int { Int(mostBytes) }
    public var fields: Int { Int(mostFields) }

    public init(headBytes: Int = mostHeadBytes, fields: Int = 128) {
        mostBytes = UInt16(clamping: max(1, min(headBytes, Self.mostHeadBytes)))
        // More than any head has bytes is no limit.
        mostFields = UInt16(clamping: max(1, fields))
    }

    static let lineBytes = 16 * 1024
    /// The line in front of a chunk.
    static let chunkLineBytes = 256
}
