/// One end of a connection, as the kernel or a proxy names it.
public enum ProxyHop: Equatable, Sendable {
    /// The port is 0 if it was not said.
    case ip(IPAddress, port: UInt16)
    /// Somebody on the same machine.
    case unix
    /// Hidden, or not named in a form that is understood.
    case unknown

    /// Reads what proxies write: "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]:4711", "unix:".
    init(_ text: ArraySlice<UInt8>) {
        if text.elementsEqual("unix".utf8) || text.elementsEqual("unix:".utf8) {
            self = .unix
        } else if text.first == UInt8(ascii: "["), let end = text.firstIndex(of: UInt8(ascii: "]")) {
            self = .named(text[text.index(after: text.startIndex)..<end], behind: text[text.index(after: end)...])
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")), !text[(colon &+ 1)...].contains(text[colon]) {
            self = .named(text[..<colon], behind: text[colon...])
        } else {
            self = .named(text, behind: [])
        }
    }

    /// `behind` is nothing, or a colon and a port. A port may be hidden, too: `_secret`.
    private static func named(_ host: ArraySlice<UInt8>, behind: ArraySlice<UInt8>) -> ProxyHop {
        guard let address = IPAddress(host), behind.isEmpty || behind.first == UInt8(ascii: ":") else {
            return .unknown
        }
        let port = DecimalNumber.parse(behind.dropFirst(), atMost: 65535) ?? 0
        return .ip(address, port: UInt16(truncatingIfNeeded: port))
    }

    /// "192.0.2.1", "unix".
    public var host: String {
        switch self {
        case .ip(let address, _): address.description
        case .unix, .unknown: "unix"
        }
    }

    public var port: Int {
        if case .ip(_, let port) = self { Int(port) } else { 0 }
    }
}
