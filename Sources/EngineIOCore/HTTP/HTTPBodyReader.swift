/// Takes the body of a message of HTTP/1.1, a request's or a response's, out of the bytes behind its head, part by part.
/// It is at one of these places.
enum HTTPBodyReader: Sendable {
    /// In a body of which so many bytes are left; 0 for no body.
    case counted(Int)
    /// In a body that goes on until the connection ends.
    case untilEnd
    /// In front of the size of a chunk.
    case chunkSize
    case chunk(left: Int)
    /// In front of the line break behind a chunk.
    case chunkEnd
    case trailers(count: UInt16, bytes: UInt16)

    enum Part {
        /// More bytes are needed.
        case incomplete
        /// Bytes of the body, as a range of those that were given.
        case bytes(Range<Int>)
        case end
    }

    /// The part that starts at `offset`, which is moved behind it.
    mutating func next(
        in bytes: UnsafeRawBufferPointer, at offset: inout Int, _ limits: HTTPLimits
    ) throws(HTTPRequestError) -> Part {
        while true {
            switch self {
            case .counted(0): return .end
            case .counted(let left):
                guard let range = HTTPBodyBytes.take(left, of: bytes, at: &offset) else { return .incomplete }
                self = .counted(left &- range.count)
                return .bytes(range)
            case .untilEnd:
                guard let range = HTTPBodyBytes.take(.max, of: bytes, at: &offset) else { return .incomplete }
                return .bytes(range)
            case .chunkSize:
                guard let line = try HTTPBodyBytes.chunkLine(in: bytes, at: offset) else { return .incomplete }
                offset = line.end
                self = line.size > 0 ? .chunk(left: line.size) : .trailers(count: 0, bytes: 0)
            case .chunk(let left):
                guard let range = HTTPBodyBytes.take(left, of: bytes, at: &offset) else { return .incomplete }
                self = range.count < left ? .chunk(left: left &- range.count) : .chunkEnd
                return .bytes(range)
            case .chunkEnd:
                guard try HTTPBodyBytes.takeLineBreak(in: bytes, at: &offset) else { return .incomplete }
                self = .chunkSize
            case .trailers(let count, let size):
                guard offset < bytes.count else { return .incomplete }
                if bytes[offset] == UInt8(ascii: "\r") {
                    return try HTTPBodyBytes.takeLineBreak(in: bytes, at: &offset) ? .end : .incomplete
                }
                // They are read for what they may not be, and have no meaning here.
                guard let field = try HTTPFieldLine.parse(bytes, at: offset) else { return .incomplete }
                let name = UnsafeRawBufferPointer(rebasing: bytes[field.name])
                guard !HTTPSyntax.equalsIgnoringCase(name, "connection"),
                    !HTTPSyntax.equalsIgnoringCase(name, "content-length"),
                    !HTTPSyntax.equalsIgnoringCase(name, "transfer-encoding")
                else { throw .trailer }
                let total = Int(size) &+ (field.end &- offset)
                guard Int(count) < limits.fields, total <= limits.headBytes else { throw .tooLarge }
                self = .trailers(count: count &+ 1, bytes: UInt16(clamping: total))
                offset = field.end
            }
        }
    }
}
