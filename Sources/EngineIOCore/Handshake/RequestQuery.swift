/// The parameters of a request target that Engine.IO itself reads. When a name is repeated, its last value counts.
public struct RequestQuery: Equatable, Sendable {
    /// What `EIO` names; an empty one is the same as none.
    public enum NamedRevision: Equatable, Sendable {
        case none
        case unknown
        case known(ProtocolRevision)

        /// 4 if it is named, else 3.
        public var spoken: ProtocolRevision {
            if case .known(let revision) = self { revision } else { .three }
        }
    }

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

    public var namedRevision: NamedRevision
    public var transport: NamedTransport
    public var session: NamedSession
    /// Whether the peer cannot receive bytes: any value of `b64` but the empty one, or a JSONP request.
    public var b64: Bool
    /// The place of the client's callback: `j`, which asks for JSONP polling, without what is no digit in it.
    public var callback: JSONPCallback?

    public init(
        revision: NamedRevision = .none, transport: NamedTransport = .none, session: NamedSession = .none,
        b64: Bool = false, callback: JSONPCallback? = nil
    ) {
        namedRevision = revision
        self.transport = transport
        self.session = session
        self.b64 = b64
        self.callback = callback
    }

    public var revision: ProtocolRevision { namedRevision.spoken }

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
        case 3 where HTTPSyntax.equals(name, "EIO"): namedRevision = Self.revision(value)
        case 3 where HTTPSyntax.equals(name, "sid"):
            session = value.isEmpty ? .none : SessionName(value).map { .id($0) } ?? .malformed
        case 3 where HTTPSyntax.equals(name, "b64"): b64 = !value.isEmpty
        case 9 where HTTPSyntax.equals(name, "transport"): transport = Self.transport(value)
        default: break
        }
    }

    private static func revision(_ name: UnsafeRawBufferPointer) -> NamedRevision {
        if HTTPSyntax.equals(name, "4") { return .known(.four) }
        if HTTPSyntax.equals(name, "3") { return .known(.three) }
        return name.isEmpty ? .none : .unknown
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
