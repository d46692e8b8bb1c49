/// The parameters of a request target that Engine.IO itself reads. When a name is repeated, its last value counts.
public struct RequestQuery: Equatable, Sendable {
    /// `EIO`, the revision of the protocol.
    public var eio: String?
    /// `transport`, as it came: it may name none that exists.
    public var transport: String?
    /// `sid`, as it came: it may be empty, which is the same as absent.
    public var sid: String?
    /// Whether the peer cannot receive bytes: any value of `b64` but the empty one, or a JSONP request.
    public var b64: Bool
    /// The digits of `j`, if there is a `j`: its presence, digits or not, asks for JSONP polling.
    public var jsonpIndex: String?

    public init(
        eio: String? = nil, transport: String? = nil, sid: String? = nil, b64: Bool = false,
        jsonpIndex: String? = nil
    ) {
        self.eio = eio
        self.transport = transport
        self.sid = sid
        self.b64 = b64
        self.jsonpIndex = jsonpIndex
    }

    /// Reads the query of a raw request target, such as `/socket.io/?EIO=4&transport=polling`.
    public init(target: UnsafeRawBufferPointer) {
        self.init()
        var fields = QueryFields(target: target)
        while let (name, value) = fields.next() {
            switch PercentEncoding.decode(name) {
            case "EIO": eio = PercentEncoding.decode(value)
            case "transport": transport = PercentEncoding.decode(value)
            case "sid": sid = PercentEncoding.decode(value)
            case "b64": b64 = value.count > 0
            case "j": jsonpIndex = Self.digits(of: PercentEncoding.decode(value))
            default: break
            }
        }
        // A JSONP client runs where bytes cannot arrive, and not each of them says so.
        b64 = b64 || jsonpIndex != nil
    }

    /// Reads the query of a raw request target, such as `/socket.io/?EIO=4&transport=polling`.
    public init(target: String) {
        var target = target
        self = target.withUTF8 { RequestQuery(target: UnsafeRawBufferPointer($0)) }
    }

    /// All parameters of a raw request target, decoded, repeated ones included: what applications see.
    public static func parameters(of target: String) -> [(name: String, value: String)] {
        var target = target
        return target.withUTF8 { bytes in
            var parameters: [(name: String, value: String)] = []
            var fields = QueryFields(target: UnsafeRawBufferPointer(bytes))
            while let (name, value) = fields.next() {
                parameters.append((PercentEncoding.decode(name), PercentEncoding.decode(value)))
            }
            return parameters
        }
    }

    /// Goes into a script, so byte by byte: a character that compares as a digit may carry more than the digit.
    private static func digits(of text: String) -> String {
        String(decoding: text.utf8.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }, as: UTF8.self)
    }
}
