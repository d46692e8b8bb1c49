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
        case id(SessionID)
    }

    /// Whether `EIO` is 4, the revision of the protocol that is spoken here.
    public var isRevision4: Bool
    public var transport: NamedTransport
    public var session: NamedSession
    /// Whether the peer cannot receive bytes: any value of `b64` but the empty one, or a JSONP request.
    public var b64: Bool
    /// Whether there is a `j`, which asks for JSONP polling.
    public var isJSONP: Bool

    public init(
        isRevision4: Bool = false, transport: NamedTransport = .none, session: NamedSession = .none,
        b64: Bool = false, isJSONP: Bool = false
    ) {
        self.isRevision4 = isRevision4
        self.transport = transport
        self.session = session
        self.b64 = b64
        self.isJSONP = isJSONP
    }

    /// Reads the query of a raw request target, such as `/socket.io/?EIO=4&transport=polling`.
    public init(target: UnsafeRawBufferPointer) {
        self.init()
        var fields = QueryFields(target: target)
        while let (name, value) = fields.next() {
            PercentEncoding.withDecoded(name) { name in
                PercentEncoding.withDecoded(value) { read(name, value: $0) }
            }
        }
        // A JSONP client runs where bytes cannot arrive, and not each of them says so.
        b64 = b64 || isJSONP
    }

    private mutating func read(_ name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        switch name.count {
        case 1 where HTTPSyntax.equals(name, "j"): isJSONP = true
        case 3 where HTTPSyntax.equals(name, "EIO"): isRevision4 = HTTPSyntax.equals(value, "4")
        case 3 where HTTPSyntax.equals(name, "sid"):
            session = value.isEmpty ? .none : SessionID(value).map { .id($0) } ?? .malformed
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
