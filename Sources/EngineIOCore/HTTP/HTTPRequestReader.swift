/// Takes the requests of a connection out of its bytes, part by part.
///
/// It keeps no bytes: those of a part that is not complete yet are given to it again, with more behind them.
public struct HTTPRequestReader: Sendable {
    private enum State {
        /// So many bytes of the head came before, and had no end in them.
        case head(searched: Int)
        case body(HTTPBodyReader)
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
        switch state {
        case .head(let searched): return try head(in: bytes, at: &offset, searched: searched)
        case .body(var body):
            switch try body.next(in: bytes, at: &offset, limits) {
            case .incomplete:
                state = .body(body)
                return .incomplete
            case .bytes(let range):
                state = .body(body)
                return .body(range)
            case .end:
                state = .head(searched: 0)
                return .end
            }
        }
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
        case .length(let length): state = .body(.counted(length))
        case .chunked: state = .body(.chunkSize)
        }
        return .head(found)
    }
}
