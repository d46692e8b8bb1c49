import EngineIOCore
import NIOCore
import Testing

@testable import SocketIOTransport

/// Clients cannot flood the log.
@Suite struct LogLimiterTests {
    private static let limit = LogLimiter.linesPerMinute

    private func written(_ limiter: inout LogLimiter, _ count: Int, _ cause: LogCause, at now: Instant) -> Int {
        (0..<count).count { _ in limiter.verdict(on: cause, at: now) == .write }
    }

    @Test func aMinuteHasSoManyLines() {
        var limiter = LogLimiter()
        #expect(written(&limiter, Self.limit, .refusedTLS, at: 1000) == Self.limit)
        #expect(limiter.verdict(on: .refusedTLS, at: 31_000) == .dropAndEnd(in: 30_000))
        #expect(limiter.verdict(on: .refusedTLS, at: 31_000) == .drop)
        // Until it is ended, however late that is: no line is lost without being counted.
        #expect(limiter.verdict(on: .refusedTLS, at: 99_000) == .drop)
        #expect(limiter.end(.refusedTLS) == 3)
        #expect(limiter.verdict(on: .refusedTLS, at: 99_000) == .write)
    }

    @Test func aMinuteInWhichNothingIsDroppedEndsByItself() {
        var limiter = LogLimiter()
        #expect(written(&limiter, Self.limit, .slowHook, at: 0) == Self.limit)
        #expect(written(&limiter, Self.limit + 5, .slowHook, at: 60_000) == Self.limit)
        #expect(limiter.end(.slowHook) == 5)
        #expect(limiter.end(.slowHook) == 0)
    }

    @Test func oneKindDoesNotHideAnother() {
        var limiter = LogLimiter()
        #expect(written(&limiter, 100, .refusedRequest(.sessionUnknown), at: 0) == Self.limit)
        #expect(written(&limiter, 100, .refusedRequest(.unsupportedProtocol), at: 0) == Self.limit)
        #expect(limiter.end(.refusedRequest(.sessionUnknown)) == 100 - Self.limit)
    }

    @Test func theRestIsCountedInALineOfItsOwn() throws {
        let server = EmbeddedServer()
        for _ in 0..<(Self.limit + 7) {
            let client = try server.connect()
            client.send("no request\r\n\r\n")
        }
        #expect(server.recorder.logged.count == Self.limit)
        #expect(Set(server.recorder.logged).count == 1)
        server.eventLoop.advanceTime(by: .seconds(61))
        #expect(server.recorder.logged.count == Self.limit + 1)
        #expect(
            server.recorder.logged.last?.hasPrefix("7 more requests were refused as malformed within a minute") == true)
        let client = try server.connect()
        client.send("no request\r\n\r\n")
        #expect(server.recorder.logged.count == Self.limit + 2)
    }
}
