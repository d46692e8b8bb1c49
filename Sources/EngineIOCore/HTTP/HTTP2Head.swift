/// The head of a request of HTTP/2, which comes as a list of fields.
///
/// It is written as the head of HTTP/1.1 that says the same, and read by the same strict parser: the layers above see
/// one kind of request. What would become more than one line, or another field than it was, is refused first.
public enum HTTP2Head {
    /// What the request is for.
    public enum Kind: Sendable, Equatable {
        case request
        /// A stream of bytes from now on (RFC 8441), as a WebSocket is.
        case tunnel
    }

    /// Fields in their order, those whose names begin with ":" among them.
    public static func parse(
        _ fields: some Sequence<(name: String, value: String)>, _ limits: HTTPLimits = HTTPLimits()
    ) throws(HTTPRequestError) -> (head: HTTPRequestHead, kind: Kind) {
        var writer = Writer()
        for (name, value) in fields { try writer.add(name, value) }
        let text = try writer.text()
        let head = try text.withUnsafeBytes { bytes in
            Result { () throws(HTTPRequestError) in
                var (reader, offset) = (HTTPRequestReader(limits), 0)
                guard case .head(let head) = try reader.next(in: bytes, at: &offset), offset == bytes.count else {
                    throw .requestLine
                }
                return head
            }
        }.get()
        return (head, writer.kind)
    }

    private struct Writer {
        private var method: String?
        private var path: String?
        private var scheme: String?
        private var authority: String?
        private var tunnelled: String?
        private var host: String?
        private var cookies: [String] = []
        private var lines: [UInt8] = []

        mutating func add(_ name: String, _ value: String) throws(HTTPRequestError) {
            guard !value.utf8.contains(where: HTTP2Head.endsLine) else { throw .lineEnd }
            switch name {
            case ":method": try set(&method, value)
            case ":path": try set(&path, value)
            case ":scheme": try set(&scheme, value)
            case ":authority": try set(&authority, value)
            case ":protocol": try set(&tunnelled, value)
            case "host": try set(&host, value)
            // One for each cookie is legal, and one of HTTP/1.1 has all of them.
            case "cookie": cookies.append(value)
            // They say how HTTP/1.1 goes on: here they mean nothing, and are how two servers come to disagree.
            case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade": throw .fieldName
            default:
                guard HTTPSyntax.isToken(name.utf8), !name.utf8.contains(where: HTTP2Head.isCapital) else {
                    throw .fieldName
                }
                write(name, value)
            }
        }

        private func set(_ field: inout String?, _ value: String) throws(HTTPRequestError) {
            guard field == nil else { throw .repeatedField }
            field = value
        }

        private mutating func write(_ name: String, _ value: String) {
            lines += name.utf8
            lines += ": ".utf8
            lines += value.utf8
            lines += "\r\n".utf8
        }

        var kind: Kind { method == "CONNECT" && tunnelled != nil ? .tunnel : .request }

        /// The whole head.
        mutating func text() throws(HTTPRequestError) -> [UInt8] {
            guard let method, !method.isEmpty else { throw .requestLine }
            // CONNECT without a protocol asks for a proxy, and its target is not one of ours.
            guard let target = path ?? authority, tunnelled == nil || method == "CONNECT" else { throw .target }
            guard method == "CONNECT" || (path != nil && scheme != nil) else { throw .target }
            if let authority, let host, authority != host { throw .repeatedField }
            if let host = authority ?? host { write("host", host) }
            if !cookies.isEmpty { write("cookie", cookies.joined(separator: "; ")) }
            if kind == .tunnel, let tunnelled {
                write("upgrade", tunnelled)
                write("connection", "upgrade")
            }
            // A WebSocket begins with a GET in HTTP/1.1, and in what follows it.
            let line = "\(kind == .tunnel ? "GET" : method) \(target) HTTP/1.1\r\n"
            return Array(line.utf8) + lines + "\r\n".utf8
        }
    }

    private static func endsLine(_ byte: UInt8) -> Bool { byte == 0 || byte == 0x0A || byte == 0x0D }

    private static func isCapital(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
}
