/// What proxies say about a client in the header of its request: `Forwarded` (RFC 7239), or `X-Forwarded-For`, `-Proto`
/// and `-Host`. To be read only if the one at the other end of the connection is trusted.
///
/// Each proxy adds, on the right, whom it got the request from. So the lists are walked from the right, as long as who
/// is named is trusted as well: the first who is not is the client, whatever it has written to the left of that.
public struct ForwardedHeaders: Equatable, Sendable {
    /// Nil: the address of the connection.
    public private(set) var client: ProxyHop?
    /// Whether the client uses TLS; nil if nobody said so.
    public private(set) var isSecure: Bool?
    /// The host that the client asked for; nil if nobody said so.
    public private(set) var host: String?

    public init(_ text: HTTPHeadText, trusting proxies: TrustedProxies) {
        let fields = Fields(text)
        switch (fields.elements.isEmpty, fields.hasCommon) {
        case (true, false): break
        case (false, false): walk(fields.elements, proxies)
        case (true, true): walk(fields, proxies)
        case (false, true):
            // A proxy writes one kind, and passes on what a client has written of the other. Which, is not to be told:
            // so they are believed only where they say the same.
            var standard = self
            standard.walk(fields.elements, proxies)
            walk(fields, proxies)
            if client != standard.client { client = nil }
            if isSecure != standard.isSecure { isSecure = nil }
            if host != standard.host { host = nil }
        }
    }

    /// `Forwarded`.
    private mutating func walk(_ elements: [ForwardedElement], _ proxies: TrustedProxies) {
        for element in elements.reversed() {
            (isSecure, host) = (element.isSecure, element.host)
            guard let hop = element.client, hop != .unknown else { return }
            client = hop
            guard proxies.contains(hop) else { return }
        }
    }

    /// `X-Forwarded-For` and its like.
    private mutating func walk(_ fields: Fields, _ proxies: TrustedProxies) {
        var walked = 0
        for address in fields.addresses.reversed() {
            let hop = ProxyHop(address[...])
            guard hop != .unknown else { break }
            client = hop
            guard proxies.contains(hop), walked &+ 1 < fields.addresses.count else { break }
            walked &+= 1
        }
        // What the same proxy said; the leftmost of a shorter list, which not every proxy adds to.
        func entry(of list: [[UInt8]]) -> [UInt8]? {
            list.isEmpty ? nil : list[max(0, list.count &- 1 &- walked)]
        }
        isSecure = entry(of: fields.schemes).flatMap { Self.isSecure($0[...]) }
        host = entry(of: fields.hosts).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Of "https" or "http", or their WebSocket forms.
    static func isSecure(_ scheme: ArraySlice<UInt8>) -> Bool? {
        switch String(decoding: scheme, as: UTF8.self).lowercased() {
        case "https", "wss": true
        case "http", "ws": false
        default: nil
        }
    }
}

extension ForwardedHeaders {
    /// The entries of the lists, those of repeated fields one behind the other.
    private struct Fields {
        private(set) var elements: [ForwardedElement] = []
        private(set) var addresses: [[UInt8]] = []
        private(set) var schemes: [[UInt8]] = []
        private(set) var hosts: [[UInt8]] = []

        var hasCommon: Bool { !(addresses.isEmpty && schemes.isEmpty && hosts.isEmpty) }

        init(_ text: HTTPHeadText) {
            text.forEachField { name, value in
                switch name.count {
                case 9 where HTTPSyntax.equalsIgnoringCase(name, "forwarded"): elements += ForwardedElement.list(value)
                case 15 where HTTPSyntax.equalsIgnoringCase(name, "x-forwarded-for"): Self.add(value, to: &addresses)
                case 16 where HTTPSyntax.equalsIgnoringCase(name, "x-forwarded-host"): Self.add(value, to: &hosts)
                case 17 where HTTPSyntax.equalsIgnoringCase(name, "x-forwarded-proto"): Self.add(value, to: &schemes)
                default: break
                }
            }
        }

        private static func add(_ value: UnsafeRawBufferPointer, to list: inout [[UInt8]]) {
            HTTPSyntax.forEachElement(of: value) { list.append(Array($0)) }
        }
    }
}
