/// The parameters of a request target that Engine.IO itself reads. When a name is repeated, its last value counts.
public struct RequestQuery: Equatable, Sendable {
    /// What `transport` names.
    public enum NamedTransport: Equatable, Sendable {
        case none
        case unknown
        case known(Transport)
    }

    /// What `sid` names.
    public enum NamedSession: Equatable, Sendable {
        /// Nothing; an empty one is the same as none.
        case none
        /// What no session can have as its id.
        case malformed
        case id(SessionName)
    }

    /// 4 if `EIO` says so, else 3.
    public var revision: ProtocolRevision
    public var transport: NamedTransport
    public var session: NamedSession
    /// Whether the peer cannot receive bytes: any value of `b64` but the empty one, or a JSONP request.
    public var b64: Bool
    /// The place of the client's callback: `j`, which asks for JSONP polling, without what is no digit in it.
    public var callback: JSONPCallback?

    public init(
        revision: ProtocolRevision = .three, transport: NamedTransport = .none, session: NamedSession = .none,
        b64: Bool = false, callback: JSONPCallback? = nil
    ) {
        self.revision = revision
        self.transport = transport
        self.session = session
        self.b64 = b64
        self.callback = callback
    }

    /// Reads the query of a raw request target, such as `/socket.io/?EIO=4&transport=polling`.
    public init(target: UnsafeRawBufferPointer) {
        self.init()
        var fields = QueryFields(target: target)
        while let (name, value) = fields.next() {
            if fields.isEncoded { decode(name, value: value) } else { read(name, value: value) }
        }
        // A JSONP client runs where bytes cannot arrive, and not each of them says so.
        b64 = b64 || callback != nil
    }

    @inline(never)
    private mutating func decode(_ name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        PercentEncoding.withDecoded(name) { name in
            PercentEncoding.withDecoded(value) { read(name, value: $0) }
        }
    }

    private mutating func read(_ name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        switch name.count {
        case 1 where HTTPSyntax.equals(name, "j"): callback = JSONPCallback(value)
        case 3 where HTTPSyntax.equals(name, "EIO"): revision = HTTPSyntax.equals(value, "4") ? .four : .three
        case 3 where HTTPSyntax.equals(name, "sid"):
            session = value.isEmpty ? .none : SessionName(value).map { .id($0) } ?? .malformed
        case 3 where HTTPSyntax.equals(name, "b64"): b64 = !value.isEmpty
        case 9 where HTTPSyntax.equals(name, "transport"): transport = Self.transport(value)
        default: break
        }
    }

    private static func transport(_ name: UnsafeRawBufferPointer) -> NamedTransport {
        if HTTPSyntax.equals(name, "polling") { return .known(.polling) }
        return HTTPSyntax.equals(name, "websocket") ? .known(.webSocket) : .unknown
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
}
