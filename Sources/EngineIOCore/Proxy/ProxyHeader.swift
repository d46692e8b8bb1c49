/// The header of the PROXY protocol, version 1 or 2, which a proxy writes before the first byte of its client's.
public enum ProxyHeader: Equatable, Sendable {
    /// The proxy speaks for itself, a health check, or does not say for whom: the connection's own addresses hold.
    case local
    /// The client.
    case client(ProxyHop)

    /// Bytes that are looked at before a header has to be complete: more than any proxy writes.
    public static let limit = 4096

    /// The header that `bytes` starts with, and its size; nil if its end has not come yet. What is none fails at the
    /// first byte that tells.
    public static func parse(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ProxyHeaderError) -> (header: ProxyHeader, size: Int)? {
        guard let first = bytes.first else { return nil }
        return first == signature2[0] ? try parseVersion2(bytes) : try parseVersion1(bytes)
    }

    // MARK: Version 1, a line of text

    private static let signature1 = Array("PROXY ".utf8)
    /// The longest line, its CR and LF included.
    private static let lineLimit = 107

    /// "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443", CR, LF.
    private static func parseVersion1(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ProxyHeaderError) -> (header: ProxyHeader, size: Int)? {
        guard bytes.prefix(signature1.count).elementsEqual(signature1.prefix(bytes.count)) else { throw .noHeader }
        let start = Array(bytes.prefix(lineLimit))
        guard let end = start.firstIndex(of: UInt8(ascii: "\r")) else {
            guard start.count < lineLimit else { throw .tooLong }
            return nil
        }
        guard end &+ 1 < start.count else {
            guard start.count < lineLimit else { throw .tooLong }
            return nil
        }
        guard start[end &+ 1] == UInt8(ascii: "\n") else { throw .malformed }
        return (try version1(start[..<end]), end &+ 2)
    }

    private static func version1(_ line: ArraySlice<UInt8>) throws(ProxyHeaderError) -> ProxyHeader {
        let words = line.split(separator: UInt8(ascii: " "), maxSplits: 6, omittingEmptySubsequences: false)
        guard words.count > 1 else { throw .malformed }
        if words[1].elementsEqual("UNKNOWN".utf8) { return .local }
        let isIPv4 = words[1].elementsEqual("TCP4".utf8)
        guard isIPv4 || words[1].elementsEqual("TCP6".utf8), words.count == 6,
            let source = IPAddress(words[2]), IPAddress(words[3]) != nil,
            words[2].contains(UInt8(ascii: ":")) != isIPv4, words[3].contains(UInt8(ascii: ":")) != isIPv4,
            let port = DecimalNumber.parse(words[4], atMost: 65535),
            DecimalNumber.parse(words[5], atMost: 65535) != nil
        else { throw .malformed }
        return .client(.ip(source, port: UInt16(truncatingIfNeeded: port)))
    }

    // MARK: Version 2, binary

    private static let signature2: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]
    /// The signature, version and command, family and transport, and the length of what follows.
    private static let fixedSize = 16

    private static func parseVersion2(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ProxyHeaderError) -> (header: ProxyHeader, size: Int)? {
        guard bytes.prefix(signature2.count).elementsEqual(signature2.prefix(bytes.count)) else { throw .noHeader }
        guard bytes.count >= fixedSize else { return nil }
        guard bytes[12] >> 4 == 2 else { throw .version }
        let length = Int(bytes[14]) << 8 | Int(bytes[15])
        guard fixedSize &+ length <= limit else { throw .tooLong }
        guard bytes.count >= fixedSize &+ length else { return nil }
        // What is behind the addresses is for those who know it.
        let body = UnsafeRawBufferPointer(rebasing: bytes[fixedSize..<(fixedSize &+ length)])
        let header: ProxyHeader
        switch bytes[12] & 0xF {
        case 0: header = .local
        case 1: header = try version2(family: bytes[13] >> 4, body)
        default: throw .version
        }
        return (header, fixedSize &+ length)
    }

    private static func version2(
        family: UInt8, _ body: UnsafeRawBufferPointer
    ) throws(ProxyHeaderError) -> ProxyHeader {
        switch family {
        case 1: try ip(body, size: 4)
        case 2: try ip(body, size: 16)
        case 3:
            if body.count >= 216 { .client(.unix) } else { throw .malformed }
        default: .local
        }
    }

    /// Two addresses and two ports, of which the first are the client's.
    private static func ip(_ body: UnsafeRawBufferPointer, size: Int) throws(ProxyHeaderError) -> ProxyHeader {
        guard body.count >= 2 &* size &+ 4,
            let source = IPAddress(bytes: UnsafeRawBufferPointer(rebasing: body[..<size]))
        else { throw .malformed }
        let port = UInt16(body[2 &* size]) << 8 | UInt16(body[2 &* size &+ 1])
        return .client(.ip(source, port: port))
    }
}

/// Why the beginning of a connection is no PROXY header. The raw value is for the log.
public enum ProxyHeaderError: String, Error, Sendable {
    case noHeader = "it does not begin with a PROXY header"
    case malformed = "its PROXY header is malformed"
    case version = "its PROXY header has a version or command that does not exist"
    case tooLong = "its PROXY header is too long"
}
