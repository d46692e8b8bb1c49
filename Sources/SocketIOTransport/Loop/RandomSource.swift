import CLinux
import EngineIOCore
import Glibc

/// Session ids and mask keys from the system's generator, fetched for many at once.
package struct RandomSource {
    /// The keys of a thousand messages.
    private static let batch = 4096
    private var pool: [UInt8] = []
    /// How many of the pool's bytes were not given yet: its first.
    private var left = 0

    package init() {}

    /// 120 random bits.
    package mutating func sessionID() -> SessionID {
        SessionID(random: InlineArray<15, UInt8> { _ in nextByte() })
    }

    /// The key that a WebSocket frame of a client is masked with: nobody may guess it (RFC 6455, 5.3).
    package mutating func maskKey() -> UInt32 {
        if left < 4 { refill() }
        // A failure leaves the standard library's generator.
        guard left >= 4 else { return UInt32.random(in: 0...UInt32.max) }
        left &-= 4
        return pool.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: left, as: UInt32.self) }
    }

    /// So many random bytes.
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in nextByte() } }

    private mutating func nextByte() -> UInt8 {
        if left == 0 { refill() }
        guard left > 0 else { return UInt8.random(in: 0...255) }
        left &-= 1
        return pool[left]
    }

    @inline(never)
    private mutating func refill() {
        if pool.isEmpty { pool = [UInt8](repeating: 0, count: Self.batch) }
        // It may be interrupted, and have filled a part.
        left = max(0, pool.withUnsafeMutableBytes { getrandom($0.baseAddress, $0.count, 0) })
    }
}
