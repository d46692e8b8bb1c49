/// Takes the requests of a connection out of its bytes, part by part.
///
/// It keeps no bytes: those of a part that is not complete yet are given to it again, with more behind them.
public struct HTTPRequestReader: Sendable {
    private enum State {
        /// So many bytes of the head came before, and had no end in them.
        case head(searched: Int)
        case body(left: Int)
        case chunkSize
        case chunk(left: Int)
        /// The line break behind a chunk.
        case chunkEnd
        case trailers(count: Int, bytes: Int)
    }

    public enum Part: Sendable {
        /// More bytes are needed.
        case incomplete
        case head(HTTPRequestHead)
        /// Bytes of the body, as a range of those that were given.
        case body(Range<Int>)
        case end
    }

    private var state = State.head(searched: 0)
    private let limits: HTTPLimits

    public init(_ limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    /// The part that starts at `offset`, which is moved behind it.
    public mutating func next(
        in bytes: UnsafeRawBufferPointer, at offset: inout Int
    ) throws(HTTPRequestError) -> Part {
        while true {
            switch state {
            case .head(let searched): return try head(in: bytes, at: &offset, searched: searched)
            case .body(left: 0): return end()
            case .body(let left):
                guard let range = HTTPBodyBytes.take(left, of: bytes, at: &offset) else { return .incomplete }
                state = .body(left: left &- range.count)
                return .body(range)
            case .chunkSize:
                guard let line = try HTTPBodyBytes.chunkLine(in: bytes, at: offset) else { return .incomplete }
                offset = line.end
                state = line.size > 0 ? .chunk(left: line.size) : .trailers(count: 0, bytes: 0)
            case .chunk(let left):
                guard let range = HTTPBodyBytes.take(left, of: bytes, at: &offset) else { return .incomplete }
                state = range.count < left ? .chunk(left: left &- range.count) : .chunkEnd
                return .body(range)
            case .chunkEnd:
                guard try HTTPBodyBytes.takeLineBreak(in: bytes, at: &offset) else { return .incomplete }
                state = .chunkSize
            case .trailers(let count, let size):
                guard offset < bytes.count else { return .incomplete }
                if bytes[offset] == UInt8(ascii: "\r") {
                    guard try HTTPBodyBytes.takeLineBreak(in: bytes, at: &offset) else { return .incomplete }
                    return end()
                }
                // They are read for what they may not be, and have no meaning here.
                guard let field = try HTTPFieldLine.parse(bytes, at: offset) else { return .incomplete }
                let name = UnsafeRawBufferPointer(rebasing: bytes[field.name])
                guard !HTTPSyntax.equalsIgnoringCase(name, "connection"),
                    !HTTPSyntax.equalsIgnoringCase(name, "content-length"),
                    !HTTPSyntax.equalsIgnoringCase(name, "transfer-encoding")
                else { throw .trailer }
                let total = size &+ (field.end &- offset)
                guard count < limits.fields, total <= limits.headBytes else { throw .tooLarge }
                state = .trailers(count: count &+ 1, bytes: total)
                offset = field.end
            }
        }
    }

    private mutating func end() -> Part {
        state = .head(searched: 0)
        return .end
    }

    // MARK: The head

    private mutating func head(
        in bytes: UnsafeRawBufferPointer, at offset: inout Int, searched: Int
    ) throws(HTTPRequestError) -> Part {
        // Some clients send a line break behind a body that is not counted.
        while searched == 0, offset < bytes.count,
            bytes[offset] == UInt8(ascii: "\r") || bytes[offset] == UInt8(ascii: "\n")
        {
            offset &+= 1
        }
        let head = UnsafeRawBufferPointer(rebasing: bytes[min(offset, bytes.count)...])
        guard head.count > 0 else { return .incomplete }
        // A head that comes byte by byte is not read from its start each time.
        if searched > 0, head.count < limits.headBytes, !HTTPBodyBytes.hasEndOfHead(head, from: searched) {
            state = .head(searched: head.count)
            return .incomplete
        }
        guard let (found, size) = try HTTPHeadParser.parse(head, limits) else {
            state = .head(searched: head.count)
            return .incomplete
        }
        offset &+= size
        switch found.framing {
        case .length(let length): state = .body(left: length)
        case .chunked: state = .chunkSize
        }
        return .head(found)
    }
}
