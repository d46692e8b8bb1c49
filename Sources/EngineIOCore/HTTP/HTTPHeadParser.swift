/// Reads the head of a request, strictly: what other servers read in two ways is refused, since a proxy in front of
/// this one may have read it in the other (request smuggling).
struct HTTPHeadParser {
    private let bytes: UnsafeRawBufferPointer
    private let mostFields: Int
    /// Of what is not read yet.
    private var offset = 0
    private var method = HTTPRequestHead.Method.other
    private var methodSize = 0
    private var target = HTTPHeadText.Part.none
    private var traits: HTTPRequestHead.Traits = []
    private var length: Int?
    private var isChunked = false
    private var isHTTP10 = false
    private var isClosing = false
    private var parts = HTTPRequestHead.Parts(repeating: .none)

    private init(_ bytes: UnsafeRawBufferPointer, mostFields: Int) {
        self.bytes = bytes
        self.mostFields = mostFields
    }

    /// The head that `bytes` starts with, and its size; nil if its end has not come yet.
    static func parse(
        _ bytes: UnsafeRawBufferPointer, _ limits: HTTPLimits = HTTPLimits()
    ) throws(HTTPRequestError) -> (head: HTTPRequestHead, size: Int)? {
        var parser = HTTPHeadParser(
            UnsafeRawBufferPointer(rebasing: bytes.prefix(limits.headBytes)), mostFields: limits.fields)
        if let head = try parser.parse() { return (head, parser.offset) }
        guard bytes.count < limits.headBytes else { throw .tooLarge }
        return nil
    }

    private mutating func parse() throws(HTTPRequestError) -> HTTPRequestHead? {
        guard try parseRequestLine() else { return nil }
        let end = try HTTPFieldLine.forEach(in: bytes, from: offset, most: mostFields) {
            (field) throws(HTTPRequestError) in try note(field)
        }
        guard let end else { return nil }
        offset = end
        return try head()
    }

    private mutating func head() throws(HTTPRequestError) -> HTTPRequestHead {
        if isClosing { traits.remove(.keepsAlive) }
        // RFC 9110, 7.8 and 10.1.1: these mean nothing in HTTP/1.0.
        if isHTTP10 { traits.subtract([.expectsContinue, .upgrade, .upgradeToWebSocket]) }
        guard !isChunked || (length == nil && !isHTTP10) else { throw .lengthAndChunks }
        let text = HTTPHeadText(
            UnsafeRawBufferPointer(rebasing: bytes[..<offset]), methodSize: methodSize, target: target)
        return HTTPRequestHead(
            text: text, method: method, framing: isChunked ? .chunked : .length(length ?? 0), traits: traits,
            parts: parts)
    }

    // MARK: The first line

    /// "GET /path HTTP/1.1". False if its end has not come yet.
    private mutating func parseRequestLine() throws(HTTPRequestError) -> Bool {
        // What is not HTTP at all is refused at its first byte.
        guard let first = bytes.first else { return false }
        guard HTTPSyntax.isToken(first) else { throw .requestLine }
        guard let end = try HTTPFieldLine.endOfLine(in: bytes, from: 0) else { return false }
        let line = UnsafeRawBufferPointer(rebasing: bytes[..<end])
        guard let methodEnd = ByteSearch.firstOffset(of: UInt8(ascii: " "), in: line) else { throw .requestLine }
        let name = UnsafeRawBufferPointer(rebasing: line[..<methodEnd])
        let behind = UnsafeRawBufferPointer(rebasing: line[(methodEnd &+ 1)...])
        guard HTTPSyntax.isToken(name), let targetSize = ByteSearch.firstOffset(of: UInt8(ascii: " "), in: behind)
        else { throw .requestLine }
        guard Self.isTarget(UnsafeRawBufferPointer(rebasing: behind[..<targetSize])) else { throw .target }
        method = Self.method(name)
        methodSize = methodEnd
        target = HTTPHeadText.Part((methodEnd &+ 1)..<(methodEnd &+ 1 &+ targetSize))

        let version = UnsafeRawBufferPointer(rebasing: behind[(targetSize &+ 1)...])
        if HTTPSyntax.equals(version, "HTTP/1.1") {
            traits.insert(.keepsAlive)
        } else if HTTPSyntax.equals(version, "HTTP/1.0") {
            isHTTP10 = true
        } else {
            throw .version
        }
        offset = end &+ 2
        return true
    }

    /// "/path", "*", or "http://host/path". Not the "host:port" that a proxy is asked for.
    private static func isTarget(_ target: UnsafeRawBufferPointer) -> Bool {
        guard let first = target.first, HTTPSyntax.isVisible(target) else { return false }
        if first == UInt8(ascii: "/") { return true }
        if first == UInt8(ascii: "*") { return target.count == 1 }
        guard let scheme = ByteSearch.firstOffset(of: UInt8(ascii: ":"), in: target), scheme > 0,
            target[..<scheme].allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) })
        else { return false }
        let behind = target[scheme...]
        return behind.count > 3 && behind.prefix(3).elementsEqual("://".utf8)
    }

    private static func method(_ name: UnsafeRawBufferPointer) -> HTTPRequestHead.Method {
        switch name.count {
        case 3 where HTTPSyntax.equals(name, "GET"): .get
        case 4 where HTTPSyntax.equals(name, "POST"): .post
        case 4 where HTTPSyntax.equals(name, "HEAD"): .head
        case 7 where HTTPSyntax.equals(name, "OPTIONS"): .options
        default: .other
        }
    }

    // MARK: The fields

    private mutating func note(_ field: HTTPFieldLine) throws(HTTPRequestError) {
        let name = UnsafeRawBufferPointer(rebasing: bytes[field.name])
        // The size tells nearly all names apart.
        switch name.count {
        case 4 where HTTPSyntax.equalsIgnoringCase(name, "host"):
            guard !parts[HTTPRequestHead.Field.host.rawValue].isThere else { throw .repeatedField }
            keep(.host, field)
        case 6 where HTTPSyntax.equalsIgnoringCase(name, "origin"): keep(.origin, field)
        case 6 where HTTPSyntax.equalsIgnoringCase(name, "expect"):
            if HTTPSyntax.equalsIgnoringCase(value(field), "100-continue") { traits.insert(.expectsContinue) }
        case 7 where HTTPSyntax.equalsIgnoringCase(name, "upgrade"): noteUpgrade(value(field))
        case 10 where HTTPSyntax.equalsIgnoringCase(name, "connection"): noteConnection(value(field))
        case 10 where HTTPSyntax.equalsIgnoringCase(name, "user-agent"): keep(.userAgent, field)
        case 12 where HTTPSyntax.equalsIgnoringCase(name, "content-type"): keep(.contentType, field)
        case 14 where HTTPSyntax.equalsIgnoringCase(name, "content-length"):
            guard length == nil else { throw .repeatedField }
            guard let number = HTTPSyntax.number(value(field)) else { throw .contentLength }
            length = number
        case 17 where HTTPSyntax.equalsIgnoringCase(name, "transfer-encoding"):
            guard !isChunked else { throw .repeatedField }
            guard HTTPSyntax.equalsIgnoringCase(value(field), "chunked") else { throw .transferCoding }
            isChunked = true
        case 17 where HTTPSyntax.equalsIgnoringCase(name, "sec-websocket-key"): keepOnly(.webSocketKey, field)
        case 21 where HTTPSyntax.equalsIgnoringCase(name, "sec-websocket-version"): keepOnly(.webSocketVersion, field)
        case 22 where HTTPSyntax.equalsIgnoringCase(name, "sec-websocket-protocol"): keep(.webSocketProtocol, field)
        case 29 where HTTPSyntax.equalsIgnoringCase(name, "access-control-request-method"):
            keep(.requestedMethod, field)
        case 30 where HTTPSyntax.equalsIgnoringCase(name, "access-control-request-headers"):
            keep(.requestedHeaders, field)
        default: break
        }
    }

    private func value(_ field: HTTPFieldLine) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[field.value])
    }

    private mutating func keep(_ known: HTTPRequestHead.Field, _ field: HTTPFieldLine) {
        guard !parts[known.rawValue].isThere else { return }
        parts[known.rawValue] = HTTPHeadText.Part(field.value)
    }

    private mutating func keepOnly(_ known: HTTPRequestHead.Field, _ field: HTTPFieldLine) {
        let isRepeated = parts[known.rawValue].isThere
        let start = field.value.lowerBound
        parts[known.rawValue] = HTTPHeadText.Part(isRepeated ? start..<start : field.value)
    }

    private mutating func noteUpgrade(_ list: UnsafeRawBufferPointer) {
        traits.insert(.upgrade)
        HTTPSyntax.forEachElement(of: list) { element in
            if HTTPSyntax.equalsIgnoringCase(element, "websocket") { traits.insert(.upgradeToWebSocket) }
        }
    }

    private mutating func noteConnection(_ list: UnsafeRawBufferPointer) {
        HTTPSyntax.forEachElement(of: list) { element in
            if HTTPSyntax.equalsIgnoringCase(element, "upgrade") {
                traits.insert(.connectionUpgrade)
            } else if HTTPSyntax.equalsIgnoringCase(element, "close") {
                isClosing = true
            } else if HTTPSyntax.equalsIgnoringCase(element, "keep-alive") {
                traits.insert(.keepsAlive)
            }
        }
    }
}
