import Testing

@testable import EngineIOCore

@Suite struct ContentCodingTests {
    private func preferred(_ fields: String) throws -> ContentCoding? {
        let text = "GET / HTTP/1.1\r\n\(fields)\r\n"
        let parsed = try withMemory(text.utf8) { bytes in try HTTPHeadParser.parse(UnsafeRawBufferPointer(bytes)) }
        return ContentCoding.preferred(by: try #require(parsed).head)
    }

    private static let lists: [(String, ContentCoding?)] = [
        ("gzip", .gzip), ("deflate", .deflate), ("gzip, deflate, br, zstd", .gzip), ("deflate, gzip", .gzip),
        ("GZip", .gzip), ("br", nil), ("", nil), (",,", nil), ("gzipp", nil), ("compress", nil),
        // Weights.
        ("gzip;q=0", nil), ("gzip;q=0.000", nil), ("gzip;q=0, deflate", .deflate), ("gzip;q=0.5, deflate", .deflate),
        ("gzip;q=0.5, deflate;q=0.501", .deflate), ("gzip;q=1.0,deflate;q=0.9", .gzip), ("gzip ; q=0.3", .gzip),
        ("gzip;Q=1", .gzip), ("gzip;q=0.001", .gzip),
        // The others, and none.
        ("*", .gzip), ("*;q=0", nil), ("gzip;q=0, *", .deflate), ("*;q=0, deflate;q=0.1", .deflate),
        ("deflate, *;q=0.5", .deflate), ("identity", nil), ("identity, gzip;q=0.5", nil),
        ("identity;q=0.5, gzip;q=0.5", .gzip), ("identity;q=0, gzip", .gzip), ("identity;q=0", nil),
        // What is not a weight is none.
        ("gzip;q=2", nil), ("gzip;q=-1", nil), ("gzip;q=1.0001", nil), ("gzip;q=0.0001", nil), ("gzip;q=", nil),
        ("gzip;q=0,5", nil), ("gzip;q=abc", nil), ("gzip;q=0.5x", nil), ("gzip;q=1a", nil),
    ]

    @Test(arguments: lists)
    private func choosesWhatTheClientWantsMost(list: String, coding: ContentCoding?) throws {
        #expect(try preferred("Accept-Encoding: \(list)\r\n") == coding, "\(list)")
    }

    @Test func withoutAWordTheBodyGoesAsItIs() throws {
        #expect(try preferred("Host: gzip\r\n") == nil)
    }

    @Test func severalFieldsAreOneList() throws {
        #expect(try preferred("Accept-Encoding: br\r\nX: y\r\naccept-encoding: deflate\r\n") == .deflate)
    }
}
