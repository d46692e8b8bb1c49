/// The proxies whose word about their clients is taken.
public struct TrustedProxies: Sendable {
    private struct Network: Sendable {
        let address: IPAddress
        /// How many bits of the address count.
        let prefix: Int

        func contains(_ other: IPAddress) -> Bool {
            let high = Self.mask(prefix)
            let low = Self.mask(prefix &- 64)
            return address.isIPv4 == other.isIPv4
                && (address.high ^ other.high) & high == 0 && (address.low ^ other.low) & low == 0
        }

        private static func mask(_ bits: Int) -> UInt64 {
            bits <= 0 ? 0 : bits >= 64 ? .max : ~(.max >> UInt64(bits))
        }
    }

    private var networks: [Network] = []
    private var trustsUnix = false

    /// None.
    public init() {}

    /// Addresses, "127.0.0.1"; networks, "10.0.0.0/8", "fd00::/8"; and "unix", everyone who connects to a Unix socket.
    /// Fails with a sentence for what is neither.
    public init(_ texts: [String]) throws(ProxyListError) {
        for text in texts {
            if text == "unix" {
                trustsUnix = true
            } else if let network = Self.network(text) {
                networks.append(network)
            } else {
                throw ProxyListError(
                    sentence: "\"\(text)\" is not an address of proxies: give \"127.0.0.1\", a network like "
                        + "\"10.0.0.0/8\" or \"fd00::/8\", or \"unix\". Names are not looked up.")
            }
        }
    }

    public var isEmpty: Bool { networks.isEmpty && !trustsUnix }

    public func contains(_ hop: ProxyHop) -> Bool {
        switch hop {
        case .ip(let address, _): networks.contains { $0.contains(address) }
        case .unix: trustsUnix
        case .unknown: false
        }
    }

    private static func network(_ text: String) -> Network? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        // "::ffff:10.0.0.0/104" is the network 10.0.0.0/8.
        let isShort = !first.utf8.contains(UInt8(ascii: ":"))
        guard parts.count == 2, let last = parts.last else { return Network(address: address, prefix: 128) }
        guard let prefix = DecimalNumber.parse(last.utf8, atMost: isShort ? 32 : 128) else { return nil }
        return Network(address: address, prefix: isShort ? 96 &+ prefix : prefix)
    }
}

/// Why a list of proxies is none.
public struct ProxyListError: Error {
    public let sentence: String
}
