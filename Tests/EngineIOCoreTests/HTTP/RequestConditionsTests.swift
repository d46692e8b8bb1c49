import Testing

@testable import EngineIOCore

@Suite struct RequestConditionsTests {
    private static let tag = "\"abc\""
    /// Sun, 06 Nov 1994 08:49:37 GMT.
    private static let modified = 784_111_777

    private func verdict(_ fields: String, method: String = "GET", size: Int = 1000) throws -> RequestConditions.Verdict
    {
        let lines = fields.isEmpty ? "" : fields.split(separator: "\n").map { $0 + "\r\n" }.joined()
        let text = "\(method) / HTTP/1.1\r\n\(lines)\r\n"
        let parsed = try withMemory(text.utf8) { try HTTPHeadParser.parse(UnsafeRawBufferPointer($0)) }
        let head = try #require(parsed).head
        return RequestConditions(head).verdict(tag: Self.tag, modified: Self.modified, size: size)
    }

    private static let sunday = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let before = "Sun, 06 Nov 1994 08:49:36 GMT"

    private static let conditions: [(String, RequestConditions.Verdict)] = [
        ("", .send(.whole)),
        ("If-None-Match: \"abc\"", .notModified),
        ("If-None-Match: W/\"abc\"", .notModified),
        ("If-None-Match: \"x\", W/\"y,\" , \"abc\"", .notModified),
        ("If-None-Match: \"x\"\nIf-None-Match: \"abc\"", .notModified),
        ("If-None-Match: *", .notModified),
        ("If-None-Match: \"abcd\"", .send(.whole)),
        ("If-None-Match: abc", .send(.whole)),
        ("If-None-Match: \"", .send(.whole)),
        ("If-None-Match:", .send(.whole)),
        ("If-Modified-Since: \(sunday)", .notModified),
        ("If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT", .notModified),
        ("If-Modified-Since: Sun Nov  6 08:49:37 1994", .notModified),
        ("If-Modified-Since: \(before)", .send(.whole)),
        ("If-Modified-Since: yesterday", .send(.whole)),
        // The tag counts, the date does not.
        ("If-None-Match: \"x\"\nIf-Modified-Since: \(sunday)", .send(.whole)),
        ("If-Match: \"abc\"", .send(.whole)),
        ("If-Match: *", .send(.whole)),
        ("If-Match: \"x\"", .failed),
        ("If-Match: W/\"abc\"", .failed),
        ("If-Unmodified-Since: \(sunday)", .send(.whole)),
        ("If-Unmodified-Since: \(before)", .failed),
        ("Range: bytes=0-9", .send(.part(0..<10))),
        ("Range: bytes=0-9\nIf-Range: \"abc\"", .send(.part(0..<10))),
        ("Range: bytes=0-9\nIf-Range: W/\"abc\"", .send(.whole)),
        ("Range: bytes=0-9\nIf-Range: \"x\"", .send(.whole)),
        ("Range: bytes=0-9\nIf-Range: \(sunday)", .send(.part(0..<10))),
        ("Range: bytes=0-9\nIf-Range: \(before)", .send(.whole)),
        ("Range: bytes=0-9\nIf-None-Match: \"abc\"", .notModified),
        ("Range: bytes=1000-", .send(.unsatisfiable)),
    ]

    @Test(arguments: conditions)
    private func decides(fields: String, expected: RequestConditions.Verdict) throws {
        #expect(try verdict(fields) == expected)
    }

    @Test func rangesAreForGET() throws {
        #expect(try verdict("Range: bytes=0-9", method: "HEAD") == .send(.whole))
    }

    private static let ranges: [(String, RequestedRange)] = [
        ("bytes=0-0", .part(0..<1)),
        ("bytes=10-", .part(10..<1000)),
        ("BYTES=999-", .part(999..<1000)),
        ("bytes=0-999999", .part(0..<1000)),
        ("bytes=-1", .part(999..<1000)),
        ("bytes=-5000", .part(0..<1000)),
        ("bytes=0-99999999999999999999999", .part(0..<1000)),
        ("bytes=-99999999999999999999999", .part(0..<1000)),
        ("bytes=1000-1001", .unsatisfiable),
        ("bytes=99999999999999999999999-", .unsatisfiable),
        ("bytes=-0", .unsatisfiable),
        // CVE-2011-3192: several are not served.
        ("bytes=0-,0-,0-", .whole),
        ("bytes=0-1,5-6", .whole),
        ("bytes=5-4", .whole),
        ("bytes=-", .whole), ("bytes=", .whole), ("bytes", .whole), ("", .whole), ("bytes=a-b", .whole),
        ("bytes=--1", .whole), ("bytes=1-2-3", .whole), ("bytes=+1-2", .whole), ("lines=0-1", .whole),
        ("bytes=0x1-2", .whole), ("bytes= 1-2", .whole), ("bytes=1", .whole),
    ]

    @Test(arguments: ranges)
    private func readsRanges(field: String, expected: RequestedRange) {
        #expect(RequestedRange.parse(field, size: 1000) == expected)
    }

    @Test func nothingOfAnEmptyFile() {
        #expect(RequestedRange.parse("bytes=0-", size: 0) == .unsatisfiable)
        #expect(RequestedRange.parse("bytes=-1", size: 0) == .whole)
    }

    private static let codings: [(String?, String?)] = [
        (nil, nil), ("", nil), ("gzip", "gzip"), ("br, gzip", "br"), ("gzip, br", "br"), ("GZIP", "gzip"),
        ("gzip;q=1, br;q=0.5", "gzip"), ("gzip; q=0.001", "gzip"), ("gzip;q=0", nil), ("gzip;q=0.000", nil),
        ("*", "br"), ("*;q=0", nil), ("br;q=0, *", "gzip"), ("identity", nil), ("identity, gzip;q=0.5", nil),
        ("identity;q=0.5, gzip", "gzip"), ("identity;q=0, gzip;q=0.1", "gzip"), ("deflate", nil), ("gzip;q=x", nil),
        ("gzip;q=2", nil), ("gzip;q=0.1234", nil), ("gzip;q=-1", nil), (";q=1,,gzip", "gzip"), ("gzipped", nil),
        ("gzip;q=1.5", "gzip"),
    ]

    @Test(arguments: codings)
    private func choosesACoding(field: String?, expected: String?) {
        #expect(AcceptEncoding(field).best(of: ["br", "gzip"]) == expected)
    }

    private static let dates: [(String, Int?)] = [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
        ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200),
        ("Sat, 31 Dec 2099 12:00:00 GMT", 4_102_401_600),
        ("Wednesday, 01-Jan-69 00:00:00 GMT", 3_124_224_000),
        ("Mon Jan  1 00:00:00 2001", 978_307_200),
        ("Sun, 06 Nov 1994 08:49:37 UTC", nil), ("Sun, 06 Nov 1994 24:49:37 GMT", nil),
        ("Sun, 32 Nov 1994 08:49:37 GMT", nil), ("Sun, 06 Nov 1994 08:49 GMT", nil),
        ("Sun, 06 Foo 1994 08:49:37 GMT", nil), ("Sun, 06 Nov 19941 08:49:37 GMT", nil),
        ("Sun, +6 Nov 1994 08:49:37 GMT", nil), ("", nil), ("\"abc\"", nil), ("0", nil), (", , , , , ", nil),
        ("Sun, 06 Nov 1994 99999999999999999999:0:0 GMT", nil), ("a b c d e f g", nil),
    ]

    @Test(arguments: dates)
    private func readsDates(text: String, expected: Int?) {
        #expect(HTTPTime.parse(text) == expected)
    }

    @Test func tagsTellVersionsApart() {
        let tag = EntityTag.of(size: 1, seconds: 2, nanoseconds: 3, inode: 4)
        #expect(tag.utf8.count == 22)
        #expect(EntityTag.list(tag, has: tag, .strong))
        let others = [(2, 2, 3, 4), (1, 3, 3, 4), (1, 2, 4, 4), (1, 2, 3, 5)].map {
            EntityTag.of(size: UInt64($0.0), seconds: UInt64($0.1), nanoseconds: UInt64($0.2), inode: UInt64($0.3))
        }
        #expect(Set(others + [tag]).count == 5)
    }
}
