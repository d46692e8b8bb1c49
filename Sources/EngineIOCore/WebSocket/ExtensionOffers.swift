/// The extensions that a client offers, as `Sec-WebSocket-Extensions` lists them (RFC 6455, section 9.1).
struct WebSocketExtensionOffers {
    struct Offer {
        let name: ArraySlice<UInt8>
        /// In their order; a parameter may stand without a value.
        fileprivate(set) var parameters: [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>?)] = []
    }

    /// More offers, or parameters of one, have no meaning: such a list is refused before it takes memory.
    private static let limit = 32

    private let bytes: [UInt8]
    private var position = 0

    /// The offers in their order; nil if this is not such a list. An empty one is.
    static func parse(_ list: UnsafeRawBufferPointer) -> [Offer]? {
        var parser = WebSocketExtensionOffers(bytes: Array(list))
        return parser.offers()
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func offers() -> [Offer]? {
        var offers: [Offer] = []
        while true {
            // Elements may be empty.
            skipBlanks()
            while take(",") { skipBlanks() }
            guard position < bytes.count else { return offers }
            guard offers.count < Self.limit, let offer = offer() else { return nil }
            offers.append(offer)
            guard position == bytes.count || take(",") else { return nil }
        }
    }

    /// `name; parameter; parameter=value; parameter="value"`, and the blanks behind it.
    private mutating func offer() -> Offer? {
        guard let name = token() else { return nil }
        var offer = Offer(name: name)
        skipBlanks()
        while take(";") {
            skipBlanks()
            guard offer.parameters.count < Self.limit, let name = token() else { return nil }
            skipBlanks()
            guard take("=") else {
                offer.parameters.append((name, nil))
                continue
            }
            skipBlanks()
            guard let value = take("\"") ? quoted() : token() else { return nil }
            offer.parameters.append((name, value))
            skipBlanks()
        }
        return offer
    }

    /// What stands between quotes, the first of which is taken. It has to be a token once it is unquoted.
    private mutating func quoted() -> ArraySlice<UInt8>? {
        var text: [UInt8] = []
        while position < bytes.count, !take("\"") {
            _ = take("\\")
            guard position < bytes.count, HTTPSyntax.isToken(bytes[position]) else { return nil }
            text.append(bytes[position])
            position += 1
        }
        // The loop ends behind a quote, or at the end of the list.
        return !text.isEmpty && bytes[position - 1] == UInt8(ascii: "\"") ? text[...] : nil
    }

    private mutating func token() -> ArraySlice<UInt8>? {
        let start = position
        while position < bytes.count, HTTPSyntax.isToken(bytes[position]) { position += 1 }
        return position > start ? bytes[start..<position] : nil
    }

    private mutating func skipBlanks() {
        while position < bytes.count, HTTPSyntax.isBlank(bytes[position]) { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}
