/// The buckets of a histogram of durations, the same for all: from a millisecond to ten seconds, and what is longer.
public enum DurationBuckets {
    /// Where each ends, in microseconds, and as it is written in seconds. What is longer than the last has a bucket too.
    public static let bounds: [(microseconds: UInt64, seconds: String)] = [
        (1_000, "0.001"), (2_500, "0.0025"), (5_000, "0.005"), (10_000, "0.01"), (25_000, "0.025"), (50_000, "0.05"),
        (100_000, "0.1"), (250_000, "0.25"), (500_000, "0.5"), (1_000_000, "1.0"), (2_500_000, "2.5"),
        (5_000_000, "5.0"), (10_000_000, "10.0"),
    ]

    /// The last has no end.
    public static let count = bounds.count + 1

    /// Which bucket a duration is in.
    public static func index(ofMicroseconds duration: UInt64) -> Int {
        bounds.firstIndex { duration <= $0.microseconds } ?? bounds.count
    }
}

/// How often durations were in each of the ``DurationBuckets``, and their sum.
public struct DurationHistogram: Equatable, Sendable {
    public private(set) var counts = [UInt64](repeating: 0, count: DurationBuckets.count)
    public var microseconds: UInt64 = 0

    public init() {}

    public var count: UInt64 { counts.reduce(0, &+) }

    public mutating func add(_ count: UInt64, toBucket index: Int) {
        guard counts.indices.contains(index) else { return }
        counts[index] &+= count
    }
}
