import EngineIOCore
import Glibc

/// Session ids and mask keys from the system's generator, fetched for many at once.
package struct RandomSource {
    /// Sixteen ids; the system fills up to 256 bytes in one call.
    private static let batch = 240
    private var pool: [UInt8] = []

    package init() {}

    /// 120 random bits.
    package mutating func sessionID() -> SessionID {
        SessionID(random: InlineArray<15, UInt8> { _ in nextByte() })
    }

    /// The key that a WebSocket frame of a client is masked with: nobody may guess it (RFC 6455, 5.3).
    package mutating func maskKey() -> UInt32 {
        var key: UInt32 = 0
        for _ in 0..<4 { key = key << 8 | UInt32(nextByte()) }
        return key
    }

    /// So many random bytes.
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in nextByte() } }

    private mutating func nextByte() -> UInt8 {
        if let byte = pool.popLast() { return byte }
        var fresh = [UInt8](repeating: 0, count: Self.batch)
        // A failure leaves the standard library's generator.
        let isFilled = getentropy(&fresh, Self.batch) == 0
        guard isFilled else { return UInt8.random(in: 0...255) }
        pool = fresh
        return pool.popLast() ?? UInt8.random(in: 0...255)
    }
}
