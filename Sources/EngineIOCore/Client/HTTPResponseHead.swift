/// Why bytes are not a response that is read. All of them end the connection.
public enum HTTPResponseError: Error, Sendable, Equatable {
    /// It does not begin with a version, a status and a space between them.
    case statusLine
    /// What requests may not be either.
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

    /// What `body` returns; what is wrong with it is a response's ``syntax(_:)``.
    static func wrap<Result>(
        _ body: () throws(HTTPRequestError) -> Result
    ) throws(HTTPResponseError) -> Result {
        do throws(HTTPRequestError) {
            return try body()
        } catch {
            throw .syntax(error)
        }
    }
}

/// The head of a response.
public struct HTTPResponseHead: Sendable {
    public let status: Int
    public let text: HTTPHeadText
    /// Whether another request may be sent on the connection.
    public let keepsAlive: Bool
    /// What is behind it.
    let body: HTTPBodyReader
    /// How many bytes that will be; nil if it does not say.
    public var bodySize: Int? { if case .counted(let size) = body { size } else { nil } }

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

    /// The head that `bytes` starts with, and its size; nil if its end has not come yet.
    static func parse(
        _ bytes: UnsafeRawBufferPointer, mostFields: Int
    ) throws(HTTPResponseError) -> (head: HTTPResponseHead, size: Int)? {
        guard let line = try statusLine(bytes) else { return nil }
        var fields = Fields(keepsAlive: line.isHTTP11)
        return try HTTPResponseError.wrap { () throws(HTTPRequestError) in
            guard
                let end = try HTTPFieldLine.forEach(
                    in: bytes, from: line.end, most: mostFields,
                    { (field) throws(HTTPRequestError) in try fields.note(field, in: bytes) })
            else { return nil }
            let body = try fields.body(status: line.status)
            let text = HTTPHeadText(UnsafeRawBufferPointer(rebasing: bytes[..<end]), methodSize: 0, target: .none)
            var keepsAlive = fields.keepsAlive
            if case .untilEnd = body { keepsAlive = false }
            return (HTTPResponseHead(status: line.status, text: text, keepsAlive: keepsAlive, body: body), end)
        }
    }

    /// "HTTP/1.1 200 OK"; the words behind the status may be missing, with the space in front of them.
    private static func statusLine(
        _ bytes: UnsafeRawBufferPointer
    ) throws(HTTPResponseError) -> (status: Int, isHTTP11: Bool, end: Int)? {
        // What is not HTTP at all is refused as it begins.
        guard bytes.prefix(7).elementsEqual("HTTP/1.".utf8.prefix(bytes.count)) else { throw .statusLine }
        let lineEnd = try HTTPResponseError.wrap { () throws(HTTPRequestError) in
            try HTTPFieldLine.endOfLine(in: bytes, from: 0)
        }
        guard let end = lineEnd else { return nil }
        guard end >= 12, bytes[7] == UInt8(ascii: "1") || bytes[7] == UInt8(ascii: "0"),
            bytes[8] == UInt8(ascii: " "), end == 12 || bytes[12] == UInt8(ascii: " "),
            let status = HTTPSyntax.number(UnsafeRawBufferPointer(rebasing: bytes[9..<12])), status >= 100
        else { throw .statusLine }
        return (status, bytes[7] == UInt8(ascii: "1"), end &+ 2)
    }

    /// What the fields say about the connection and the body.
    private struct Fields {
        var keepsAlive: Bool
        var isClosing = false
        var length: Int?
        var isChunked = false

        mutating func note(
            _ field: HTTPFieldLine, in bytes: UnsafeRawBufferPointer
        ) throws(HTTPRequestError) {
            let name = UnsafeRawBufferPointer(rebasing: bytes[field.name])
            let value = UnsafeRawBufferPointer(rebasing: bytes[field.value])
            switch name.count {
            case 10 where HTTPSyntax.equalsIgnoringCase(name, "connection"):
                HTTPSyntax.forEachElement(of: value) { element in
                    if HTTPSyntax.equalsIgnoringCase(element, "close") { isClosing = true }
                    if HTTPSyntax.equalsIgnoringCase(element, "keep-alive") { keepsAlive = true }
                }
                if isClosing { keepsAlive = false }
            case 14 where HTTPSyntax.equalsIgnoringCase(name, "content-length"):
                guard length == nil else { throw .repeatedField }
                guard let number = HTTPSyntax.number(value) else { throw .contentLength }
                length = number
            case 17 where HTTPSyntax.equalsIgnoringCase(name, "transfer-encoding"):
                guard !isChunked else { throw .repeatedField }
                guard HTTPSyntax.equalsIgnoringCase(value, "chunked") else { throw .transferCoding }
                isChunked = true
            default: break
            }
        }

        func body(status: Int) throws(HTTPRequestError) -> HTTPBodyReader {
            guard !isChunked || length == nil else { throw .lengthAndChunks }
            if status < 200 || status == 204 || status == 304 { return .counted(0) }
            if isChunked { return .chunkSize }
            return length.map { .counted($0) } ?? .untilEnd
        }
    }
}
