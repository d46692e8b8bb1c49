import Testing

@testable import EngineIOCore

@Suite struct ProxyHeaderTests {
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
    private static let ipv4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 1, 0x30, 0x39, 0x01, 0xBB]

    /// A header of version 2.
    private func version2(_ command: UInt8, _ family: UInt8, _ body: [UInt8], length: Int? = nil) -> [UInt8] {
        let length = length ?? body.count
        return Self.signature + [command, family, UInt8(length >> 8), UInt8(length & 0xFF)] + body
    }

    /// "client 192.0.2.1 12345 of 40", "local of 15", "incomplete", or the name of the error.
    private func parse(_ bytes: some Collection<UInt8>) -> String {
        Array(bytes).withUnsafeBytes { bytes in
            do throws(ProxyHeaderError) {
                guard let (header, size) = try ProxyHeader.parse(bytes) else { return "incomplete" }
                guard case .client(let hop) = header else { return "local of \(size)" }
                return "client \(hop.host) \(hop.port) of \(size)"
            } catch {
                return "\(error)"
            }
        }
    }

    /// At each byte before the last it is incomplete, and what follows does not matter.
    private func whole(_ bytes: [UInt8]) -> String {
        for size in bytes.indices where parse(bytes[..<size]) != "incomplete" { return "complete at \(size)" }
        let result = parse(bytes)
        return parse(bytes + Array("GET / HTTP/1.1\r\n\r\n".utf8)) == result ? result : "depends on what follows"
    }

    // MARK: Version 1

    @Test(arguments: [
        ("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443", "client 192.0.2.1 56324 of 45"),
        ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535", "client 255.255.255.255 65535 of 56"),
        ("PROXY TCP6 2001:db8::1 ::1 1 2", "client 2001:db8::1 1 of 32"),
        (
            "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535",
            "client ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 of 104"
        ),
        ("PROXY UNKNOWN", "local of 15"),
        (
            "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535",
            "local of 107"
        ),
    ])
    func lines(line: String, expected: String) {
        #expect(whole(Array((line + "\r\n").utf8)) == expected)
    }

    @Test(arguments: [
        "PROXY", "PROXY ", "PROXY TCP4", "PROXY TCP4 1.1.1.1 1.1.1.1 1", "PROXY TCP4 1.1.1.1 1.1.1.1 1 2 3",
        "PROXY TCP4 1.1.1.1  1.1.1.1 1 2", "PROXY TCP4 ::1 ::1 1 2", "PROXY TCP6 1.1.1.1 1.1.1.1 1 2",
        "PROXY TCP4 1.1.1.1 1.1.1.1 65536 2", "PROXY TCP4 1.1.1.1 1.1.1.1 1 -2", "PROXY TCP4 1.1.1.1 x 1 2",
        "PROXY UDP4 1.1.1.1 1.1.1.1 1 2", "PROXY tcp4 1.1.1.1 1.1.1.1 1 2", "PROXY\tTCP4 1.1.1.1 1.1.1.1 1 2",
        "PROXY TCP4 1.1.1.1 1.1.1.1 99999999999999999999 2",
    ])
    func linesThatAreNone(line: String) {
        #expect(["malformed", "noHeader"].contains(parse((line + "\r\n").utf8)))
    }

    @Test func aLineEndsInTime() {
        #expect(parse(("PROXY UNKNOWN" + String(repeating: " ", count: 93)).utf8) == "incomplete")
        #expect(parse(("PROXY UNKNOWN" + String(repeating: " ", count: 94)).utf8) == "tooLong")
        #expect(parse(("PROXY UNKNOWN" + String(repeating: " ", count: 93) + "\r\n").utf8) == "tooLong")
        #expect(parse("PROXY UNKNOWN\rX".utf8) == "malformed")
        #expect(parse("PROXY UNKNOWN\n".utf8) == "incomplete")
    }

    /// Nobody waits for the rest of what is no header.
    @Test(arguments: ["G", "GET / HTTP/1.1\r\n\r\n", "PROXX", "\r\n\r\n\0\r\nQUIX", "\r\nG", "\u{16}\u{3}\u{1}"])
    func failsAtTheFirstByteThatTells(text: String) {
        #expect(parse(text.utf8) == "noHeader")
    }

    // MARK: Version 2

    @Test func binary() {
        #expect(whole(version2(0x21, 0x11, Self.ipv4)) == "client 192.0.2.1 12345 of 28")
        let ipv6: [UInt8] = [0x20, 1, 0xD, 0xB8] + Array(repeating: 0, count: 11) + [1]
        #expect(whole(version2(0x21, 0x21, ipv6 + ipv6 + [0, 1, 0, 2])) == "client 2001:db8::1 1 of 52")
        #expect(whole(version2(0x21, 0x31, Array(repeating: 0, count: 216))) == "client unix 0 of 232")
        #expect(whole(version2(0x20, 0x00, [])) == "local of 16")
        #expect(whole(version2(0x20, 0x11, Self.ipv4)) == "local of 28")
        // UNSPEC, and what only the sender knows.
        #expect(whole(version2(0x21, 0x00, [])) == "local of 16")
        #expect(whole(version2(0x21, 0x00, [1, 2, 3])) == "local of 19")
        #expect(whole(version2(0x21, 0x51, Self.ipv4)) == "local of 28")
    }

    /// A CRC32c, a unique id, padding, one that nobody knows: all the same.
    @Test func whatIsBehindTheAddressesIsSkipped() {
        let values: [UInt8] = [0x03, 0, 4, 1, 2, 3, 4, 0x05, 0, 2, 9, 9, 0x04, 0, 0, 0xEE, 0xFF, 0xFF]
        #expect(whole(version2(0x21, 0x11, Self.ipv4 + values)) == "client 192.0.2.1 12345 of 46")
        #expect(
            whole(version2(0x21, 0x11, Self.ipv4 + Array(repeating: 7, count: 4068)))
                == "client 192.0.2.1 12345 of 4096")
    }

    @Test func whatIsWrong() {
        #expect(parse(version2(0x11, 0x11, Self.ipv4)) == "version")
        #expect(parse(version2(0x22, 0x11, Self.ipv4)) == "version")
        #expect(parse(version2(0x2F, 0x11, Self.ipv4)) == "version")
        #expect(parse(version2(0x21, 0x11, Array(Self.ipv4.dropLast()))) == "malformed")
        #expect(parse(version2(0x21, 0x21, Self.ipv4)) == "malformed")
        #expect(parse(version2(0x21, 0x31, Self.ipv4)) == "malformed")
        #expect(parse(version2(0x21, 0x11, [])) == "malformed")
        // Before any of it has come.
        #expect(parse(version2(0x21, 0x11, [], length: 4081)) == "tooLong")
        #expect(parse(version2(0x21, 0x11, [], length: 65535)) == "tooLong")
        #expect(parse(version2(0x20, 0x00, [], length: 4080)) == "incomplete")
    }

    @Test func randomBytesDoNotTrap() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<20_000 {
            var bytes = Bool.random(using: &random) ? Self.signature : Array("PROXY TCP4 ".utf8)
            for _ in 0..<Int.random(in: 0..<40, using: &random) { bytes.append(.random(in: 0...255, using: &random)) }
            _ = parse(bytes)
        }
    }
}
