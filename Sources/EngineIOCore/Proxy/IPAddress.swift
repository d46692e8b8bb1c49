/// An IPv4 or IPv6 address. IPv4 is kept as IPv6 writes it, `::ffff:192.0.2.1`, since a socket for both gives it in
/// that form: it is the same address.
public struct IPAddress: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    private static let mapped: UInt64 = 0xFFFF << 32

    public init(ipv4: UInt32) {
        high = 0
        low = Self.mapped | UInt64(ipv4)
    }

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Four bytes, or sixteen, in the order of the network.
    public init?(bytes: UnsafeRawBufferPointer) {
        func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
        switch bytes.count {
        case 4: self.init(ipv4: UInt32(truncatingIfNeeded: number(0..<4)))
        case 16: self.init(high: number(0..<8), low: number(8..<16))
        default: return nil
        }
    }

    public var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// What one client has for itself: the address or, with IPv6, of which clients have many, its first 64 bits.
    public var network: IPAddress { isIPv4 ? self : IPAddress(high: high, low: 0) }

    // MARK: Text

    /// Reads "192.0.2.1", "2001:db8::1" or "::ffff:192.0.2.1"; nil for what is neither, names among it.
    public init?(_ text: some StringProtocol) {
        self.init(Array(text.utf8)[...])
    }

    init?(_ text: ArraySlice<UInt8>) {
        if text.contains(UInt8(ascii: ":")) {
            guard let groups = Self.groups(text) else { return nil }
            self.init(
                high: groups[..<4].reduce(0) { $0 << 16 | UInt64($1) },
                low: groups[4...].reduce(0) { $0 << 16 | UInt64($1) })
        } else {
            guard let address = Self.ipv4(text) else { return nil }
            self.init(ipv4: address)
        }
    }

    /// Four decimal numbers. None begins with 0: some programs read that as octal.
    private static func ipv4(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
                let number = DecimalNumber.parse(part, atMost: 255)
            else { return nil }
            address = address << 8 | UInt32(truncatingIfNeeded: number)
        }
        return address
    }

    /// The eight groups of IPv6.
    private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        guard let gap = gap(in: text) else {
            guard let groups = written(text, atEnd: true), groups.count == 8 else { return nil }
            return groups
        }
        guard let before = written(text[..<gap], atEnd: false),
            let behind = written(text[(gap &+ 2)...], atEnd: true),
            before.count &+ behind.count < 8
        else { return nil }
        return before + Array(repeating: 0, count: 8 &- before.count &- behind.count) + behind
    }

    /// Where "::" is.
    private static func gap(in text: ArraySlice<UInt8>) -> Int? {
        zip(text.indices, text.indices.dropFirst()).first {
            text[$0.0] == UInt8(ascii: ":") && text[$0.1] == UInt8(ascii: ":")
        }?.0
    }

    /// Groups with ":" between them; the last two of an address may be an IPv4 one.
    private static func written(_ text: ArraySlice<UInt8>, atEnd: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: UInt8(ascii: ":"), maxSplits: 8, omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if atEnd, index &+ 1 == parts.count, let ipv4 = ipv4(part) {
                groups += [UInt16(truncatingIfNeeded: ipv4 >> 16), UInt16(truncatingIfNeeded: ipv4)]
            } else {
                guard (1...4).contains(part.count), let group = hexadecimal(part) else { return nil }
                groups.append(group)
            }
        }
        return groups.count <= 8 ? groups : nil
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt16? {
        var number: UInt16 = 0
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit &- UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit &- UInt8(ascii: "a") &+ 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit &- UInt8(ascii: "A") &+ 10
            default: return nil
            }
            number = number << 4 | UInt16(value)
        }
        return number
    }
}

extension IPAddress: CustomStringConvertible {
    /// "192.0.2.1", "2001:db8::1": as RFC 5952 writes them.
    public var description: String {
        if isIPv4 { return [24, 16, 8, 0].map { String(low >> UInt64($0) & 0xFF) }.joined(separator: ".") }
        let groups = [high, low].flatMap { half in [48, 32, 16, 0].map { half >> UInt64($0) & 0xFFFF } }
        func text(_ range: Range<Int>) -> String {
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard let gap = Self.longestZeros(groups) else { return text(0..<8) }
        return "\(text(0..<gap.lowerBound))::\(text(gap.upperBound..<8))"
    }

    /// The first of the longest runs of zero groups, if it is longer than one.
    private static func longestZeros(_ groups: [UInt64]) -> Range<Int>? {
        var longest = 0..<1
        var start = 0
        for index in groups.indices {
            if groups[index] != 0 { start = index &+ 1 }
            if index &+ 1 &- start > longest.count { longest = start..<(index &+ 1) }
        }
        return longest.count > 1 ? longest : nil
    }
}
