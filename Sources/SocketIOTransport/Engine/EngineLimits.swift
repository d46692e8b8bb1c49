import EngineIOCore
import Synchronization

/// How much of the server all clients together, and those of one address, may have.
package struct EngineLimits: Sendable {
    package var connections = 1_000_000
    /// Nil: any number.
    package var connectionsPerAddress: Int?
    /// Nil: any number.
    package var handshakesPerSecond: Int?
    /// Bytes that may wait for all clients together.
    package var bufferedBytes = 4 * 1024 * 1024 * 1024
    /// Bytes that other threads may have handed to the event loops, which have not come to them yet.
    package var pendingEmitBytes = 256 * 1024 * 1024
    package var http = HTTPLimits()

    package init(
        connections: Int = 1_000_000, connectionsPerAddress: Int? = nil, handshakesPerSecond: Int? = nil,
        bufferedBytes: Int = 4 * 1024 * 1024 * 1024, pendingEmitBytes: Int = 256 * 1024 * 1024,
        http: HTTPLimits = HTTPLimits()
    ) {
        self.connections = connections
        self.connectionsPerAddress = connectionsPerAddress
        self.handshakesPerSecond = handshakesPerSecond
        self.bufferedBytes = bufferedBytes
        self.pendingEmitBytes = pendingEmitBytes
        self.http = http
    }
}

/// How many connections each address has. It knows only those that have some, so it is never larger than their number.
final class AddressTable: Sendable {
    let limit: Int
    private let counts = Mutex<[IPAddress: Int]>([:])

    init(limit: Int) {
        self.limit = limit
    }

    /// False if the address has as many as it may.
    func enter(_ address: IPAddress) -> Bool {
        counts.withLock { counts in
            let count = counts[address, default: 0]
            guard count < limit else { return false }
            counts[address] = count &+ 1
            return true
        }
    }

    /// Counts one that was counted before, and is let in whatever the limit says.
    func enterAgain(_ address: IPAddress) {
        counts.withLock { $0[address, default: 0] &+= 1 }
    }

    func leave(_ address: IPAddress) {
        counts.withLock { counts in
            guard let count = counts[address] else { return }
            counts[address] = count > 1 ? count &- 1 : nil
        }
    }

    /// The addresses that are known.
    var count: Int { counts.withLock { $0.count } }
}

/// How many sessions may be opened in a second, on all loops.
final class HandshakeLimit: Sendable {
    let perSecond: Int
    private let bucket: Mutex<TokenBucket>

    init(perSecond: Int) {
        self.perSecond = perSecond
        bucket = Mutex(TokenBucket(perSecond: perSecond, now: EngineLoop.now))
    }

    func take() -> Bool {
        bucket.withLock { $0.take(now: EngineLoop.now) }
    }
}
