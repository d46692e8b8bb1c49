/// The targets of a client's requests: the path, and the query with what the protocol puts there.
public struct RequestTargets: Sendable {
    /// "/socket.io/?" and what all requests have in front.
    private let start: String
    private let revision: ProtocolRevision
    private let isBase64: Bool

    /// - Parameters:
    ///   - path: of the server's requests, "/socket.io/"; used as it is.
    ///   - urlQuery: the query of the URL, encoded.
    ///   - query: more of the program's own.
    ///   - isBase64: whether binary messages come as text.
    public init(
        path: String, urlQuery: String, query: [(name: String, value: String)], revision: ProtocolRevision,
        isBase64: Bool
    ) {
        var start = path
        start += "?"
        if !urlQuery.isEmpty { start += "\(urlQuery)&" }
        for (name, value) in query { start += "\(PercentEncoding.encode(name))=\(PercentEncoding.encode(value))&" }
        self.start = start
        self.revision = revision
        self.isBase64 = isBase64
    }

    /// The target of a request. `stamp`, the name and the value of a parameter, keeps caches from answering it.
    public func target(
        _ transport: Transport, sid: String? = nil, stamp: (name: String, value: String)? = nil
    ) -> String {
        var target = "\(start)EIO=\(revision.rawValue)&transport=\(transport.rawValue)"
        if let stamp { target += "&\(PercentEncoding.encode(stamp.name))=\(PercentEncoding.encode(stamp.value))" }
        if isBase64 { target += "&b64=1" }
        if let sid { target += "&sid=\(PercentEncoding.encode(sid))" }
        return target
    }

    /// What is wrong with a path of the program; nil: nothing.
    public static func mistake(inPath path: String) -> String? {
        let isLegal = path.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        guard path.utf8.first == UInt8(ascii: "/"), isLegal else {
            return "The path \"\(LogText.of(path.utf8))\" does not begin with \"/\", or has characters that have to be "
                + "encoded in one."
        }
        return nil
    }
}

extension PercentEncoding {
    /// Encodes as JavaScript's `encodeURIComponent` does: a space is `%20`.
    static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(hexadecimalCharacter(byte >> 4))
                encoded.append(hexadecimalCharacter(byte & 15))
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func hexadecimalCharacter(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "A") &+ digit &- 10
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "!"), UInt8(ascii: "~"), UInt8(ascii: "*"), UInt8(ascii: "'"), UInt8(ascii: "("),
            UInt8(ascii: ")"):
            true
        default: false
        }
    }
}
