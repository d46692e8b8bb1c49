import Testing

@testable import EngineIOCore

@Suite struct PerMessageDeflateTests {
    private func negotiate(_ fields: String, _ change: (inout PerMessageDeflate) -> Void = { _ in }) throws -> String? {
        let text = "GET / HTTP/1.1\r\n\(fields)\r\n"
        let parsed = try withMemory(text.utf8) { bytes in try HTTPHeadParser.parse(UnsafeRawBufferPointer(bytes)) }
        var options = PerMessageDeflate()
        change(&options)
        return DeflateAgreement.negotiate(try #require(parsed).head, options)?.response
    }

    private func response(
        to offers: String, _ change: (inout PerMessageDeflate) -> Void = { _ in }
    ) throws -> String? {
        try negotiate("Sec-WebSocket-Extensions: \(offers)\r\n", change)
    }

    private static let plain = "permessage-deflate"

    private static let offers: [(String, String?)] = [
        ("permessage-deflate", plain),
        ("permessage-deflate; client_max_window_bits", plain),
        ("permessage-deflate; client_max_window_bits=15", plain),
        ("permessage-deflate; client_max_window_bits=10", plain + "; client_max_window_bits=10"),
        ("permessage-deflate; client_max_window_bits=8", plain + "; client_max_window_bits=8"),
        ("permessage-deflate; server_max_window_bits=15", plain + "; server_max_window_bits=15"),
        ("permessage-deflate; server_max_window_bits=9", plain + "; server_max_window_bits=9"),
        ("permessage-deflate; server_max_window_bits=\"10\"", plain + "; server_max_window_bits=10"),
        ("permessage-deflate; server_max_window_bits=\"1\\0\"", plain + "; server_max_window_bits=10"),
        ("permessage-deflate; server_no_context_takeover", plain + "; server_no_context_takeover"),
        ("permessage-deflate;client_no_context_takeover", plain + "; client_no_context_takeover"),
        (
            "permessage-deflate ; server_no_context_takeover ; client_max_window_bits = 12",
            plain + "; server_no_context_takeover; client_max_window_bits=12"
        ),
        // The first that is acceptable.
        ("x-webkit-deflate-frame, permessage-deflate", plain),
        ("permessage-deflate; server_max_window_bits=8, permessage-deflate", plain),
        (
            "permessage-deflate; mode=fast, permessage-deflate; server_max_window_bits=11, permessage-deflate",
            plain + "; server_max_window_bits=11"
        ),
        (", , permessage-deflate ,", plain),
        // zlib makes no window of 8 bits.
        ("permessage-deflate; server_max_window_bits=8", nil),
        // Illegal parameters and values.
        ("permessage-deflate; unknown", nil),
        ("permessage-deflate; Server_No_Context_Takeover", nil),
        ("Permessage-Deflate", nil),
        ("permessage-deflate; server_no_context_takeover=1", nil),
        ("permessage-deflate; client_no_context_takeover=\"\"", nil),
        ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", nil),
        ("permessage-deflate; client_max_window_bits; client_max_window_bits=10", nil),
        ("permessage-deflate; server_max_window_bits", nil),
        ("permessage-deflate; server_max_window_bits=7", nil),
        ("permessage-deflate; server_max_window_bits=16", nil),
        ("permessage-deflate; server_max_window_bits=09", nil),
        ("permessage-deflate; server_max_window_bits=+9", nil),
        ("permessage-deflate; server_max_window_bits=9.0", nil),
        ("permessage-deflate; client_max_window_bits=0", nil),
        ("permessage-deflate; client_max_window_bits=99999999999999999999", nil),
    ]

    @Test(arguments: offers)
    private func answersOffers(offer: String, response: String?) throws {
        #expect(try self.response(to: offer) == response, "\(offer)")
    }

    /// GHSA-5v72-xg48-5rpm: a list that is malformed, or means something to a language's objects, offers nothing.
    @Test(arguments: [
        "__proto__", "constructor", "toString; __proto__=1", "permessage-deflate; __proto__", ";", "=", "\"", ",",
        "permessage-deflate;", "permessage-deflate; =", "permessage-deflate; a=", "permessage-deflate; a=\"",
        "permessage-deflate; server_max_window_bits=\"", "permessage-deflate; server_max_window_bits=\"10",
        "permessage-deflate; server_max_window_bits=\"10\\", "permessage-deflate; server_max_window_bits=\"10\\\"",
        "permessage-deflate; server_max_window_bits=\"10\"x", "permessage-deflate; server_max_window_bits=\"1 0\"",
        "permessage-deflate; server_max_window_bits=10 11", "permessage-deflate permessage-deflate",
        "permessage-deflate; server_max_window_bits=\"\"", "permessage-deflate, \"", "permessage-deflate, @",
        "permessage-deflate\u{7f}", "permessage-deflate; client_max_window_bits==10", "é",
    ])
    private func ghsa5v72MalformedListsOfferNothing(list: String) throws {
        let text = list.utf8.contains(0x7F) ? "x" : list
        #expect(try response(to: text) == nil, "\(text)")
    }

    @Test func ghsa5v72LongListsAreRefused() throws {
        #expect(try response(to: String(repeating: "a,", count: 31) + Self.plain) == Self.plain)
        #expect(try response(to: String(repeating: "a,", count: 32) + Self.plain) == nil)
        #expect(try response(to: Self.plain + String(repeating: ";a", count: 5000)) == nil)
    }

    /// Bytes of the grammar at random: no input traps, and none is accepted that a second reader would not accept.
    @Test func ghsa5v72RandomListsAreSafe() throws {
        var random = SplitMix64(seed: 5)
        let pieces = [
            "permessage-deflate", "server_max_window_bits", "client_max_window_bits", "=", ";", ",", "\"", "\\", " ",
            "1",
            "5", "10", "server_no_context_takeover", "\t", "a",
        ]
        var accepted = 0
        for _ in 0..<20_000 {
            let list = (0..<Int.random(in: 1...9, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }.joined()
            if let response = try response(to: list) {
                accepted += 1
                #expect(response.hasPrefix(Self.plain), "\(list)")
                #expect(list.contains(Self.plain), "\(list)")
            }
        }
        #expect(accepted > 50)
    }

    @Test func severalFieldsAreOneList() throws {
        let fields = "Sec-WebSocket-Extensions: foo\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
        #expect(try negotiate(fields) == Self.plain)
        #expect(try negotiate("") == nil)
    }

    // MARK: What the server wants

    @Test func theServerSaysWhatItWants() throws {
        let all = try response(to: "permessage-deflate; client_max_window_bits") {
            $0.serverNoContextTakeover = true
            $0.clientNoContextTakeover = true
            $0.serverMaxWindowBits = 11
            $0.clientMaxWindowBits = 12
        }
        #expect(
            all == Self.plain + "; server_no_context_takeover; client_no_context_takeover"
                + "; server_max_window_bits=11; client_max_window_bits=12")
    }

    @Test func theSmallerWindowCounts() throws {
        let offer = "permessage-deflate; server_max_window_bits=10; client_max_window_bits=13"
        let smaller = try response(to: offer) {
            $0.serverMaxWindowBits = 9
            $0.clientMaxWindowBits = 14
        }
        #expect(smaller == Self.plain + "; server_max_window_bits=9; client_max_window_bits=13")
    }

    @Test func aClientThatCannotBeToldItsWindowGetsNone() throws {
        #expect(try response(to: Self.plain) { $0.clientMaxWindowBits = 12 } == nil)
        #expect(
            try response(to: "permessage-deflate, permessage-deflate; client_max_window_bits") {
                $0.clientMaxWindowBits = 12
            } == Self.plain + "; client_max_window_bits=12")
    }
}
