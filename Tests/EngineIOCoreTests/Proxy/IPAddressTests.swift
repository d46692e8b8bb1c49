import Testing

@testable import EngineIOCore

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"), ("192.0.2.1", "192.0.2.1"), ("255.255.255.255", "255.255.255.255"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"), ("0:0:1:0:0:0:1:0", "0:0:1::1:0"), ("fe80:0000::0001", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("::ffff:c000:201", "192.0.2.1"),
        ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("::1.2.3.4", "::102:304"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ])
    func readsAndWrites(text: String, canonical: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address)
    }

    @Test(arguments: [
        "", " ", "a", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "256.1.1.1", "01.2.3.4", "1.2.3.04", "1.2.3.4 ",
        "-1.2.3.4", "1.2.3.1000", "0x1.2.3.4", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", ":1::",
        "1:",
        "1::2:", "12345::", "g::", "::1%lo", "[::1]", "::1.2.3", "1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4",
        "1:2:3:4::5:6:7:8",
        "::ffff:1.2.3.4:5", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "localhost",
    ])
    func refuses(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func bytes() throws {
        func address(_ bytes: [UInt8]) -> IPAddress? { bytes.withUnsafeBytes { IPAddress(bytes: $0) } }
        #expect(address([192, 0, 2, 1])?.description == "192.0.2.1")
        #expect(address([0x20, 1, 0xD, 0xB8] + Array(repeating: 0, count: 11) + [1])?.description == "2001:db8::1")
        #expect(address([1, 2, 3]) == nil)
        #expect(address([]) == nil)
    }
}

@Suite struct TrustedProxiesTests {
    private func contains(_ list: [String], _ address: String) throws -> Bool {
        try TrustedProxies(list).contains(.ip(#require(IPAddress(address)), port: 0))
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1", "127.0.0.2"), ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
        ("10.1.2.3/8", "10.9.9.9", "9.255.255.255"), ("192.0.2.128/25", "192.0.2.255", "192.0.2.127"),
        ("0.0.0.0/0", "203.0.113.9", "::1"), ("192.0.2.1/32", "192.0.2.1", "192.0.2.0"),
        ("::1", "::1", "::2"), ("fd00::/8", "fdff::1", "fc00::1"), ("2001:db8::/32", "2001:db8:ffff::", "2001:db9::"),
        ("2001:db8::/65", "2001:db8::7fff:0:0:0", "2001:db8::8000:0:0:0"), ("::/0", "2001:db8::1", "192.0.2.1"),
        ("::ffff:10.0.0.0/104", "10.1.1.1", "11.1.1.1"), ("10.0.0.0/8", "::ffff:10.1.1.1", "::10.1.1.1"),
    ])
    func networks(network: String, inside: String, outside: String) throws {
        #expect(try contains([network], inside))
        #expect(try !contains([network], outside))
        #expect(try contains(["unix", "203.0.113.77", network], inside))
    }

    @Test func unixSockets() throws {
        #expect(try TrustedProxies(["unix"]).contains(.unix))
        #expect(try !TrustedProxies(["unix"]).contains(.unknown))
        #expect(try !TrustedProxies(["0.0.0.0/0", "::/0"]).contains(.unix))
        #expect(try !contains(["unix"], "127.0.0.1"))
    }

    @Test func none() throws {
        #expect(TrustedProxies().isEmpty)
        #expect(try TrustedProxies([]).isEmpty)
        #expect(!TrustedProxies().contains(.unix))
    }

    @Test(arguments: [
        "", "*", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8/8", "::1/129", "fd00::/x",
        "10.0.0/8",
        "unix:", "/run/s", "127.0.0.1:80", "[::1]", "10.0.0.0/99999999999",
    ])
    func whatIsNone(text: String) {
        let error = #expect(throws: ProxyListError.self) { try TrustedProxies(["127.0.0.1", text]) }
        #expect(error?.sentence.contains("\"\(text)\" is not an address") == true)
    }
}
