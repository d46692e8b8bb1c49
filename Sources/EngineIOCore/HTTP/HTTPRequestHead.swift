/// The head of a request, with what the server itself reads of it.
public struct HTTPRequestHead: Sendable {
    public enum Method: Sendable {
        case get
        case head
        case post
        case options
        case other
    }

    /// How the end of the body is found.
    public enum Framing: Equatable, Sendable {
        /// 0 for no body.
        case length(Int)
        case chunked
    }

    /// The fields that are found without a search. Of a repeated one the first counts.
    public enum Field: Int, CaseIterable, Sendable {
        case host
        case origin
        case contentType
        case userAgent
        /// Repeated, this and the next are as if they were empty.
        case webSocketKey
        case webSocketVersion
        case webSocketProtocol
        case requestedMethod
        case requestedHeaders
    }

    /// What the fields say about the connection and the body.
    struct Traits: OptionSet, Sendable {
        let rawValue: UInt8

        static let keepsAlive = Traits(rawValue: 1)
        static let upgrade = Traits(rawValue: 2)
        static let upgradeToWebSocket = Traits(rawValue: 4)
        static let connectionUpgrade = Traits(rawValue: 8)
        static let expectsContinue = Traits(rawValue: 16)
    }

    typealias Parts = InlineArray<9, HTTPHeadText.Part>

    public let text: HTTPHeadText
    public let method: Method
    public let framing: Framing
    private let traits: Traits
    private let parts: Parts

    init(text: HTTPHeadText, method: Method, framing: Framing, traits: Traits, parts: Parts) {
        self.text = text
        self.method = method
        self.framing = framing
        self.traits = traits
        self.parts = parts
    }

    /// Whether the client wants to send another request after this one.
    public var keepsAlive: Bool { traits.contains(.keepsAlive) }

    /// Whether the client offers to go on with another protocol, whichever.
    public var hasUpgrade: Bool { traits.contains(.upgrade) }

    /// Whether the request asks to become a WebSocket.
    public var isWebSocketUpgrade: Bool { traits.isSuperset(of: [.upgradeToWebSocket, .connectionUpgrade]) }

    /// Whether the client waits for a word before it sends the body.
    public var expectsContinue: Bool { traits.contains(.expectsContinue) }

    public func has(_ field: Field) -> Bool { parts[field.rawValue].isThere }

    /// The value of a field; nil if it is not there.
    public func value(of field: Field) -> String? {
        let part = parts[field.rawValue]
        return part.isThere ? text.string(part) : nil
    }

    /// Calls `body` with the bytes of a field; with none if it is not there.
    public func withValue<Result>(of field: Field, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        text.withBytes(of: parts[field.rawValue], body)
    }

    /// The first element of a field that is a list.
    public func firstElement(of field: Field) -> String? {
        withValue(of: field) { list in
            var first: String?
            HTTPSyntax.forEachElement(of: list) { element in
                if first == nil { first = String(decoding: element, as: UTF8.self) }
            }
            return first
        }
    }
}
