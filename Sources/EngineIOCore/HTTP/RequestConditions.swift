/// What a request for a file makes the answer depend on (RFC 9110, section 13), and which part it asks for.
public struct RequestConditions: Sendable {
    /// What becomes of the request.
    public enum Verdict: Equatable, Sendable {
        case send(RequestedRange)
        /// 304: the client has it.
        case notModified
        /// 412.
        case failed
    }

    private var ifMatch: String?
    private var ifUnmodifiedSince: String?
    private var ifNoneMatch: String?
    private var ifModifiedSince: String?
    private var ifRange: String?
    private var range: String?
    public private(set) var acceptEncoding: AcceptEncoding

    public init(_ head: HTTPRequestHead) {
        var accepted: String?
        /// Several fields of a list are one.
        func join(_ list: inout String?, _ value: String) { list = list.map { "\($0),\(value)" } ?? value }
        acceptEncoding = AcceptEncoding(nil)
        for (name, value) in head.text.fields {
            switch name.utf8.count {
            case 5 where name.lowercased() == "range": range = value
            case 8 where name.lowercased() == "if-match": join(&ifMatch, value)
            case 8 where name.lowercased() == "if-range": ifRange = value
            case 13 where name.lowercased() == "if-none-match": join(&ifNoneMatch, value)
            case 15 where name.lowercased() == "accept-encoding": join(&accepted, value)
            case 17 where name.lowercased() == "if-modified-since": ifModifiedSince = value
            case 19 where name.lowercased() == "if-unmodified-since": ifUnmodifiedSince = value
            default: break
            }
        }
        acceptEncoding = AcceptEncoding(accepted)
        if head.method != .get { range = nil }
    }

    /// - Parameters:
    ///   - tag: the file's, with its quotes.
    ///   - modified: when the file changed, in seconds since 1970.
    public func verdict(tag: String, modified: Int, size: Int) -> Verdict {
        if let ifMatch {
            guard EntityTag.list(ifMatch, has: tag, .strong) else { return .failed }
        } else if let limit = ifUnmodifiedSince.flatMap(HTTPTime.parse), modified > limit {
            return .failed
        }
        if let ifNoneMatch {
            if EntityTag.list(ifNoneMatch, has: tag, .weak) { return .notModified }
        } else if let since = ifModifiedSince.flatMap(HTTPTime.parse), modified <= since {
            return .notModified
        }
        guard let range, isSame(tag: tag, modified: modified) else { return .send(.whole) }
        return .send(RequestedRange.parse(range, size: size))
    }

    /// Whether the client has the version of this tag, if nothing but the tag tells versions apart.
    public func has(_ tag: String) -> Bool {
        ifNoneMatch.map { EntityTag.list($0, has: tag, .weak) } ?? false
    }

    /// Whether the file is the one that the client has a part of.
    private func isSame(tag: String, modified: Int) -> Bool {
        guard let ifRange else { return true }
        if let date = HTTPTime.parse(ifRange) { return date == modified }
        return ifRange == tag
    }
}
