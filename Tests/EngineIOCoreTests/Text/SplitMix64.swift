/// A seeded generator, so that a failing random test fails again.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    /// One of `seeds`, damaged in a few places: bytes changed, removed, inserted, or the end cut off.
    mutating func mutation(of seeds: [[UInt8]], alphabet: [UInt8]) -> [UInt8] {
        var bytes = seeds.randomElement(using: &self) ?? []
        for _ in 0..<Int.random(in: 0...4, using: &self) {
            let byte =
                Bool.random(using: &self)
                ? alphabet.randomElement(using: &self) ?? 0 : UInt8.random(in: .min ... .max, using: &self)
            let offset = Int.random(in: 0...bytes.count, using: &self)
            switch Int.random(in: 0..<4, using: &self) {
            case 0: bytes.insert(byte, at: offset)
            case 1 where offset < bytes.count: bytes.remove(at: offset)
            case 2 where offset < bytes.count: bytes[offset] = byte
            default: bytes.removeLast(min(bytes.count, Int.random(in: 0...3, using: &self)))
            }
        }
        return bytes
    }
}
