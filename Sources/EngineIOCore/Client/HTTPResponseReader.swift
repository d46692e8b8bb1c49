/// Why bytes are not a response that is read. All of them end the connection.
public enum HTTPResponseError: Error, Sendable, Equatable {
    /// It does not begin with a version, a status and a space between them.
    case statusLine
    case syntax(HTTPRequestError)
    /// More responses of the kind 1xx than anybody sends.
    case tooManyInterim
    /// The connection ended inside of it.
    case cutShort

    /// For a sentence: "the server's answer is not HTTP: …".
    public var cause: String {
        switch self {
        case .statusLine: "its first line is not a version and a status"
        case .syntax(let error): error.rawValue
        case .tooManyInterim: "it is preceded by too many others of the kind 1xx"
        case .cutShort: "the connection ended before it did"
        }
    }
}

/// The head of a response.
public struct HTTPResponseHead: Sendable {
    enum Framing: Sendable {
        /// 0 for no body.
        case length(Int)
        case chunked
        /// It goes on until the connection ends.
        case untilEnd
    }

    public let status: Int
    public let text: HTTPHeadText
    /// Whether another request may be sent on the connection.
    public let keepsAlive: Bool
    let framing: Framing

    /// The value of the first field called `name`, which is in lower case; nil if there is none.
    public func value(of name: StaticString) -> String? {
        var found: String?
        text.forEachValue(of: name) { value in
            if found == nil { found = String(decoding: value, as: UTF8.self) }
        }
        return found
    }

    /// Whether a list, of the field called `name`, has `element` in it; both in lower case.
    public func lists(_ element: StaticString, in name: StaticString) -> Bool {
        var isThere = false
        text.forEachValue(of: name) { value in
            HTTPSyntax.forEachElement(of: value) { if HTTPSyntax.equalsIgnoringCase($0, element) { isThere = true } }
        }
        return isThere
    }
}

/// Takes the responses of a connection out of its bytes, part by part, strictly; see ``HTTPRequestReader``.
public struct HTTPResponseReader: Sendable {
    private enum State {
        /// So many bytes of the head came before, and had no end in them; so many responses of the kind 1xx were skipped.
        case head(searched: Int, interim: Int)
        case body(left: Int)
        case untilEnd
        case chunkSize
        case chunk(left: Int)
        /// The line break behind a chunk.
        case chunkEnd
        case trailers(count: Int, bytes: Int)
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
        do throws(HTTPRequestError) {
            return try nextPart(in: bytes, at: &offset)
        } catch .requestLine {
            throw .statusLine
        } catch .target {
            throw .tooManyInterim
        } catch {
            throw .syntax(error)
        }
    }

    /// The connection has ended. True if that is the end of a response whose body had no other.
    public mutating func connectionEnded() -> Bool {
        if case .untilEnd = state {
            state = .head(searched: 0, interim: 0)
            return true
        }
        return false
    }

    // `requestLine` and `target`, which no response has, stand for `statusLine` and `tooManyInterim`.
    private mutating func nextPart(
        in bytes: UnsafeRawBufferPointer, at offset: inout Int
    ) throws(HTTPRequestError) -> Part {
        while true {
            switch state {
            case .switched: return .incomplete
            case .head(let searched, let interim):
                guard let head = try head(in: bytes, at: &offset, searched: searched, interim: interim) else {
                    return .incomplete
                }
                if head.status >= 200 || head.status == 101 { return .head(head) }
            case .body(left: 0): return end()
            case .body(let left):
                guard let range = HTTPBodyBytes.take(left, of: bytes, at: &offset) else { return .incomplete }
                state = .body(left: left &- range.count)
                return .body(range)
            case .untilEnd:
                guard let range = HTTPBodyBytes.take(.max, of: bytes, at: &offset) else { return .incomplete }
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
                guard let field = try HTTPFieldLine.parse(bytes, at: offset) else { return .incomplete }
                let total = size &+ (field.end &- offset)
                guard count < limits.fields, total <= limits.headBytes else { throw .tooLarge }
                state = .trailers(count: count &+ 1, bytes: total)
                offset = field.end
            }
        }
    }

    private mutating func end() -> Part {
        state = .head(searched: 0, interim: 0)
        return .end
    }

    /// The head at `offset`, which is moved behind it; nil if its end has not come yet.
    private mutating func head(
        in bytes: UnsafeRawBufferPointer, at offset: inout Int, searched: Int, interim: Int
    ) throws(HTTPRequestError) -> HTTPResponseHead? {
        let all = UnsafeRawBufferPointer(rebasing: bytes[min(offset, bytes.count)...])
        let head = UnsafeRawBufferPointer(rebasing: all.prefix(limits.headBytes))
        // A head that comes byte by byte is not read from its start each time.
        if searched > 0, all.count < limits.headBytes, !HTTPBodyBytes.hasEndOfHead(head, from: searched) {
            state = .head(searched: head.count, interim: interim)
            return nil
        }
        guard let (found, size) = try HTTPResponseHead.parse(head, mostFields: limits.fields) else {
            guard all.count < limits.headBytes else { throw .tooLarge }
            state = .head(searched: head.count, interim: interim)
            return nil
        }
        offset &+= size
        if found.status == 101 {
            state = .switched
        } else if found.status < 200 {
            guard interim < Self.mostInterim else { throw .target }
            state = .head(searched: 0, interim: interim &+ 1)
        } else {
            switch found.framing {
            case .length(let length): state = .body(left: length)
            case .chunked: state = .chunkSize
            case .untilEnd: state = .untilEnd
            }
        }
        return found
    }
}

extension HTTPResponseHead {
    /// The head that `bytes` starts with, and its size; nil if its end has not come yet.
    fileprivate static func parse(
        _ bytes: UnsafeRawBufferPointer, mostFields: Int
    ) throws(HTTPRequestError) -> (head: HTTPResponseHead, size: Int)? {
        guard let line = try statusLine(bytes) else { return nil }
        var offset = line.end
        var fields = Fields(keepsAlive: line.isHTTP11)
        var count = 0
        while offset < bytes.count {
            if bytes[offset] == UInt8(ascii: "\r") {
                guard offset &+ 1 < bytes.count else { return nil }
                guard bytes[offset &+ 1] == UInt8(ascii: "\n") else { throw .lineEnd }
                offset &+= 2
                let framing = try fields.framing(status: line.status)
                let text = HTTPHeadText(
                    UnsafeRawBufferPointer(rebasing: bytes[..<offset]), methodSize: 0, target: .none)
                return (
                    HTTPResponseHead(
                        status: line.status, text: text, keepsAlive: fields.keepsAlive && framing.hasEnd,
                        framing: framing), offset
                )
            }
            count &+= 1
            guard count <= mostFields else { throw .tooLarge }
            guard let field = try HTTPFieldLine.parse(bytes, at: offset) else { return nil }
            offset = field.end
            try fields.note(
                UnsafeRawBufferPointer(rebasing: bytes[field.name]),
                UnsafeRawBufferPointer(rebasing: bytes[field.value]))
        }
        return nil
    }

    /// "HTTP/1.1 200 OK"; the words behind the status may be missing, with the space in front of them.
    private static func statusLine(
        _ bytes: UnsafeRawBufferPointer
    ) throws(HTTPRequestError) -> (status: Int, isHTTP11: Bool, end: Int)? {
        // What is not HTTP at all is refused as it begins.
        guard bytes.prefix(7).elementsEqual("HTTP/1.".utf8.prefix(bytes.count)) else { throw .requestLine }
        guard let end = try HTTPFieldLine.endOfLine(in: bytes, from: 0) else { return nil }
        guard end >= 12, bytes[7] == UInt8(ascii: "1") || bytes[7] == UInt8(ascii: "0"),
            bytes[8] == UInt8(ascii: " "), end == 12 || bytes[12] == UInt8(ascii: " ")
        else { throw .requestLine }
        var status = 0
        for digit in bytes[9..<12] {
            guard (digit ^ 0x30) < 10 else { throw .requestLine }
            status = status &* 10 &+ Int(digit ^ 0x30)
        }
        guard status >= 100 else { throw .requestLine }
        return (status, bytes[7] == UInt8(ascii: "1"), end &+ 2)
    }

    /// What the fields say about the connection and the body.
    private struct Fields {
        var keepsAlive: Bool
        var isClosing = false
        var length: Int?
        var isChunked = false

        mutating func note(
            _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
        ) throws(HTTPRequestError) {
            switch name.count {
            case 10 where HTTPSyntax.equalsIgnoringCase(name, "connection"):
                HTTPSyntax.forEachElement(of: value) { element in
                    if HTTPSyntax.equalsIgnoringCase(element, "close") { isClosing = true }
                    if HTTPSyntax.equalsIgnoringCase(element, "keep-alive") { keepsAlive = true }
                }
                if isClosing { keepsAlive = false }
            case 14 where HTTPSyntax.equalsIgnoringCase(name, "content-length"):
                guard length == nil else { throw .repeatedField }
                guard value.count <= 18, let number = Int(String(decoding: value, as: UTF8.self)), number >= 0,
                    value.allSatisfy({ ($0 ^ 0x30) < 10 })
                else { throw .contentLength }
                length = number
            case 17 where HTTPSyntax.equalsIgnoringCase(name, "transfer-encoding"):
                guard !isChunked else { throw .repeatedField }
                guard HTTPSyntax.equalsIgnoringCase(value, "chunked") else { throw .transferCoding }
                isChunked = true
            default: break
            }
        }

        func framing(status: Int) throws(HTTPRequestError) -> Framing {
            guard !isChunked || length == nil else { throw .lengthAndChunks }
            if status < 200 || status == 204 || status == 304 { return .length(0) }
            if isChunked { return .chunked }
            return length.map { .length($0) } ?? .untilEnd
        }
    }
}

extension HTTPResponseHead.Framing {
    fileprivate var hasEnd: Bool {
        if case .untilEnd = self { false } else { true }
    }
}
