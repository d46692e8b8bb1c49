/// How a response is compressed while it is sent (RFC 9110, section 8.4.1).
public enum ContentCoding: String, CaseIterable, Sendable {
    case gzip
    /// The format of zlib, whatever the name says.
    case deflate

    /// What the client likes best of these; nil: nothing, or the body as it is.
    public static func preferred(by head: HTTPRequestHead) -> ContentCoding? {
        var list = ""
        head.text.forEachValue(of: "accept-encoding") { value in
            // Several fields are one list.
            list += (list.isEmpty ? "" : ",") + String(decoding: value, as: UTF8.self)
        }
        return AcceptEncoding(list).best(of: allCases.map(\.rawValue)).flatMap(ContentCoding.init)
    }
}
