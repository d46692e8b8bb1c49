/// Compression of WebSocket messages, permessage-deflate (RFC 7692), for clients that offer it.
///
/// It costs time, and memory: a connection keeps about 2^(window bits + 2) + 2^(memory level + 9) bytes from the first
/// message that is compressed for it on, and 2^(window bits) from the first one that it sends compressed; with the
/// defaults 320 kB were measured. With no context takeover in a direction it keeps nothing for it, and messages become
/// somewhat larger.
///
/// Messages that hold a secret beside what an attacker can choose should not be compressed: their size tells about the
/// secret.
public struct PerMessageDeflate: Sendable, Equatable {
    /// The window sizes that zlib can work with: of 8 bits it makes none.
    static let windowBits = 9...15

    /// Whether each message to a client is compressed for itself.
    public var serverNoContextTakeover = false
    /// Whether clients have to compress each message for itself.
    public var clientNoContextTakeover = false
    /// The base-two logarithm of the window that messages to a client refer back to: 9 to 15.
    public var serverMaxWindowBits = 15
    /// The same for messages from clients. Below 15, clients that cannot be told so get no compression.
    public var clientMaxWindowBits = 15
    /// Smaller messages, in bytes, go as they are.
    public var threshold = 1024
    /// 1, fast, to 9, small; nil: zlib's own, 6.
    public var level: Int?
    /// How much memory compressing may take for speed and size: 1 to 9.
    public var memoryLevel = 8

    public init() {}

    /// What is wrong with the values; nil: nothing.
    public var mistake: String? {
        if !Self.windowBits.contains(serverMaxWindowBits)
            || !Self.windowBits.contains(clientMaxWindowBits)
        {
            return "A window of permessage-deflate has 9 to 15 bits."
        }
        if let level, !(1...9).contains(level) { return "The level of permessage-deflate is 1 to 9." }
        if !(1...9).contains(memoryLevel) { return "The memory level of permessage-deflate is 1 to 9." }
        return nil
    }
}

/// What a server and a client have agreed on.
public struct DeflateAgreement: Sendable, Equatable {
    public private(set) var serverNoContextTakeover: Bool
    public private(set) var clientNoContextTakeover: Bool
    /// As the response says them; nil where it says nothing.
    private var serverMaxWindowBits: Int?
    private var clientMaxWindowBits: Int?

    /// How far back the server may refer.
    public var serverWindowBits: Int { serverMaxWindowBits ?? 15 }
    /// How far back the client may refer. 8 is legal here.
    public var clientWindowBits: Int { clientMaxWindowBits ?? 15 }

    /// The value of `Sec-WebSocket-Extensions` in the response.
    public var response: String {
        var text = "permessage-deflate"
        if serverNoContextTakeover { text += "; server_no_context_takeover" }
        if clientNoContextTakeover { text += "; client_no_context_takeover" }
        if let bits = serverMaxWindowBits { text += "; server_max_window_bits=\(bits)" }
        if let bits = clientMaxWindowBits { text += "; client_max_window_bits=\(bits)" }
        return text
    }

    /// The first of the client's offers that can be accepted; nil: the connection goes without. A list that is
    /// malformed offers nothing.
    public static func negotiate(_ head: HTTPRequestHead, _ options: PerMessageDeflate) -> DeflateAgreement? {
        var list: [UInt8] = []
        head.text.forEachValue(of: "sec-websocket-extensions") { value in
            // Several fields are one list.
            if !list.isEmpty { list.append(UInt8(ascii: ",")) }
            list += value
        }
        let offers = list.withUnsafeBytes { WebSocketExtensionOffers.parse($0) } ?? []
        for offer in offers {
            if let agreement = DeflateOffer(offer)?.accepted(options) { return agreement }
        }
        return nil
    }

    init(
        serverNoContextTakeover: Bool, clientNoContextTakeover: Bool, serverMaxWindowBits: Int?,
        clientMaxWindowBits: Int?
    ) {
        self.serverNoContextTakeover = serverNoContextTakeover
        self.clientNoContextTakeover = clientNoContextTakeover
        self.serverMaxWindowBits = serverMaxWindowBits
        self.clientMaxWindowBits = clientMaxWindowBits
    }

    fileprivate init(_ offer: DeflateOffer, serverBits: Int, clientBits: Int, _ options: PerMessageDeflate) {
        serverNoContextTakeover = offer.serverNoContextTakeover || options.serverNoContextTakeover
        clientNoContextTakeover = offer.clientNoContextTakeover || options.clientNoContextTakeover
        serverMaxWindowBits = offer.serverMaxWindowBits != nil || serverBits < 15 ? serverBits : nil
        clientMaxWindowBits = clientBits < 15 ? clientBits : nil
    }
}

/// An offer of permessage-deflate whose parameters are what RFC 7692, section 7.1, allows.
private struct DeflateOffer {
    /// What a client says about its own window.
    enum ClientWindow {
        /// It cannot be told to use a smaller one.
        case fixed
        /// It can, and uses no larger one than this.
        case limited(Int)
    }

    var serverNoContextTakeover = false
    var clientNoContextTakeover = false
    var serverMaxWindowBits: Int?
    var clientWindow = ClientWindow.fixed

    /// Nil for another extension, and for parameters that are unknown, repeated, or have illegal values: such an offer
    /// has to be declined.
    init?(_ offer: WebSocketExtensionOffers.Offer) {
        guard offer.name.elementsEqual("permessage-deflate".utf8) else { return nil }
        var seen: Set<String> = []
        for (name, value) in offer.parameters {
            let name = String(decoding: name, as: UTF8.self)
            guard seen.insert(name).inserted else { return nil }
            switch (name, value) {
            case ("server_no_context_takeover", nil): serverNoContextTakeover = true
            case ("client_no_context_takeover", nil): clientNoContextTakeover = true
            case ("client_max_window_bits", nil): clientWindow = .limited(15)
            case ("client_max_window_bits", let value?):
                guard let bits = Self.windowBits(value) else { return nil }
                clientWindow = .limited(bits)
            case ("server_max_window_bits", let value?):
                guard let bits = Self.windowBits(value) else { return nil }
                serverMaxWindowBits = bits
            default: return nil
            }
        }
    }

    /// A decimal number from 8 to 15, without a leading zero.
    private static func windowBits(_ value: ArraySlice<UInt8>) -> Int? {
        (8...15).first { String($0).utf8.elementsEqual(value) }
    }

    /// Nil if what is offered and what is wanted exclude each other.
    func accepted(_ options: PerMessageDeflate) -> DeflateAgreement? {
        let serverBits = min(serverMaxWindowBits ?? 15, options.serverMaxWindowBits)
        guard serverBits >= PerMessageDeflate.windowBits.lowerBound else { return nil }
        let clientBits: Int
        switch clientWindow {
        case .fixed:
            // It would take more memory than the server has been told to give.
            guard options.clientMaxWindowBits >= 15 else { return nil }
            clientBits = 15
        case .limited(let bits): clientBits = min(bits, options.clientMaxWindowBits)
        }
        return DeflateAgreement(self, serverBits: serverBits, clientBits: clientBits, options)
    }
}
