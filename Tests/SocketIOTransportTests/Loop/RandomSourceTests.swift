import EngineIOCore
import Testing

@testable import SocketIOTransport

/// More than one fetch from the system gives.
private let many = 5000

@Suite struct RandomSourceTests {
    @Test func keysAreNotGivenTwice() {
        var source = RandomSource()
        var keys: Set<UInt32> = []
        for _ in 0..<many { keys.insert(source.maskKey()) }
        // Of 32 bits: one run in a few hundred has two that are the same.
        #expect(keys.count > many - 5)
    }

    @Test func idsAreNotGivenTwice() {
        var source = RandomSource()
        var ids: Set<SessionID> = []
        for _ in 0..<many {
            // Out of step with what is left of a fetch.
            _ = source.maskKey()
            ids.insert(source.sessionID())
        }
        #expect(ids.count == many)
    }

    @Test func bytesAreAsManyAsAreAskedFor() {
        var source = RandomSource()
        #expect(source.bytes(10_000).count == 10_000)
        // A source that fails to fill its memory gives zeros.
        #expect(Set(source.bytes(10_000)).count > 200)
    }
}
