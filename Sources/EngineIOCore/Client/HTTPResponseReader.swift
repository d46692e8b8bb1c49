/// Takes the responses of a connection out of its bytes, part by part, strictly; see ``HTTPRequestReader``.
public struct HTTPResponseReader: Sendable {
    private enum State {
        /// So many bytes of the head came before, and had no end in them; so many responses of the kind 1xx were skipped.
        case head(searched: Int, interim: Int)
        case body(HTTPBodyReader)
        case switched
    }

    public enum Part: Sendable {
        /// More bytes are needed.
        case incomplete
        case head(HTTPResponseHead)
        /// Bytes of the body, as a range of those that were given.
        case body(Range<Int>)
        case end
    }

    private static let mostInterim = 8

    private var state = State.head(searched: 0, interim: 0)
    private let limits: HTTPLimits

    public init(_ limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    /// The part that starts at `offset`, which is moved behind it. Behind a head with the status 101 nothing is read: the
    /// connection belongs to another protocol.
    public mutating func next(
        in bytes: UnsafeRawBufferPointer, at offset: inout Int
    ) throws(HTTPResponseError) -> Part {
        while true {
            switch state {
            case .switched: return .incomplete
            case .head(let searched, let interim):
                guard let head = try head(in: bytes, at: &offset, searched: searched, interim: interim) else {
                    return .incomplete
                }
                if head.status >= 200 || head.status == 101 { return .head(head) }
            case .body(var body):
                let part = try HTTPResponseError.wrap { () throws(HTTPRequestError) in
                    try body.next(in: bytes, at: &offset, limits)
                }
                switch part {
                case .incomplete:
                    state = .body(body)
                    return .incomplete
                case .bytes(let range):
                    state = .body(body)
                    return .body(range)
                case .end:
                    state = .head(searched: 0, interim: 0)
                    return .end
                }
            }
        }
    }

    /// The connection has ended. True if that is the end of a response whose body had no other.
    public mutating func connectionEnded() -> Bool {
        if case .body(.untilEnd) = state {
            state = .head(searched: 0, interim: 0)
            return true
        }
        return false
    }

    /// The head at `offset`, which is moved behind it; nil if its end has not come yet.
    private mutating func head(
        in bytes: UnsafeRawBufferPointer, at offset: inout Int, searched: Int, interim: Int
    ) throws(HTTPResponseError) -> HTTPResponseHead? {
        let all = UnsafeRawBufferPointer(rebasing: bytes[min(offset, bytes.count)...])
        let head = UnsafeRawBufferPointer(rebasing: all.prefix(limits.headBytes))
        // A head that comes byte by byte is not read from its start each time.
        if searched > 0, all.count < limits.headBytes, !HTTPBodyBytes.hasEndOfHead(head, from: searched) {
            state = .head(searched: head.count, interim: interim)
            return nil
        }
        guard let (found, size) = try HTTPResponseHead.parse(head, mostFields: limits.fields) else {
            guard all.count < limits.headBytes else { throw .syntax(.tooLarge) }
            state = .head(searched: head.count, interim: interim)
            return nil
        }
        offset &+= size
        if found.status == 101 {
            state = .switched
        } else if found.status < 200 {
            guard interim < Self.mostInterim else { throw .tooManyInterim }
            state = .head(searched: 0, interim: interim &+ 1)
        } else {
            state = .body(found.body)
        }
        return found
    }
}
