/// permessage-deflate as a client offers it, and what a server may make of that (RFC 7692, section 7.1).
extension DeflateAgreement {
    /// The value of `Sec-WebSocket-Extensions` in the request.
    public static func offer(_ options: PerMessageDeflate) -> String {
        var text = "permessage-deflate; client_max_window_bits"
        if options.clientMaxWindowBits < 15 { text += "=\(options.clientMaxWindowBits)" }
        if options.serverMaxWindowBits < 15 { text += "; server_max_window_bits=\(options.serverMaxWindowBits)" }
        if options.serverNoContextTakeover { text += "; server_no_context_takeover" }
        if options.clientNoContextTakeover { text += "; client_no_context_takeover" }
        return text
    }

    /// What a response says.
    public enum Answer: Sendable, Equatable {
        case none
        case agreed(DeflateAgreement)
        /// Something that was not offered: the connection has to fail.
        case illegal
    }

    /// - Parameter options: what was offered; nil: nothing was.
    public static func answer(in head: HTTPResponseHead, to options: PerMessageDeflate?) -> Answer {
        var list: [UInt8] = []
        head.text.forEachValue(of: "sec-websocket-extensions") { value in
            if !list.isEmpty { list.append(UInt8(ascii: ",")) }
            list += value
        }
        guard let chosen = list.withUnsafeBytes({ WebSocketExtensionOffers.parse($0) }) else { return .illegal }
        guard let first = chosen.first else { return .none }
        guard chosen.count == 1, let options, let agreement = DeflateAgreement(first, options) else { return .illegal }
        return .agreed(agreement)
    }

    /// Nil for another extension, parameters that are unknown, repeated or illegal, and what goes beyond the offer.
    private init?(_ chosen: WebSocketExtensionOffers.Offer, _ options: PerMessageDeflate) {
        guard chosen.name.elementsEqual("permessage-deflate".utf8) else { return nil }
        var seen: Set<String> = []
        var (serverForgets, clientForgets) = (false, options.clientNoContextTakeover)
        var (serverBits, clientBits) = (15, options.clientMaxWindowBits)
        for (name, value) in chosen.parameters {
            let name = String(decoding: name, as: UTF8.self)
            guard seen.insert(name).inserted else { return nil }
            let bits = value.flatMap { value in (8...15).first { String($0).utf8.elementsEqual(value) } }
            switch (name, value, bits) {
            case ("server_no_context_takeover", nil, _): serverForgets = true
            case ("client_no_context_takeover", nil, _): clientForgets = true
            case ("server_max_window_bits", _, let bits?): serverBits = bits
            case ("client_max_window_bits", _, let bits?): clientBits = min(clientBits, bits)
            default: return nil
            }
        }
        guard serverBits <= options.serverMaxWindowBits, serverForgets || !options.serverNoContextTakeover else {
            return nil
        }
        self.init(
            serverNoContextTakeover: serverForgets, clientNoContextTakeover: clientForgets,
            serverMaxWindowBits: serverBits, clientMaxWindowBits: clientBits)
    }
}
