/// How long a client waits before it connects again: longer and longer, up to a maximum, and each time a little more or
/// less, so that the clients of a server that was away do not come back at once.
///
/// Times are in milliseconds. Randomness is an input.
public struct Backoff: Sendable {
    /// The names are those of Socket.IO. Zero is zero, where JavaScript takes it for "not given".
    public struct Options: Equatable, Sendable {
        public var delay: Int64 = 1000
        public var maxDelay: Int64 = 5000
        /// By how much the delay grows from one attempt to the next.
        public var factor = 2.0
        /// From 0 to 1: which part of the delay is random.
        public var randomization = 0.5
        /// How many attempts are made; nil: any number.
        public var attempts: Int?

        public init() {}
    }

    private var options: Options
    /// How many attempts have been begun since the last success.
    public private(set) var attempts = 0
    /// The delay before the next attempt, before chance and the maximum.
    private var nextDelay: Double

    /// More than any delay that is waited for; what grows beyond stays finite.
    private static let longest = 1e15

    public init(_ options: Options) {
        self.options = options
        nextDelay = Self.start(options)
    }

    private static func start(_ options: Options) -> Double { min(Double(max(0, options.delay)), longest) }

    /// The delay before the next attempt; nil if there is none left. `random` is from 0 up to 1.
    public mutating func next(random: Double) -> Int64? {
        if let most = options.attempts, attempts >= most { return nil }
        attempts &+= 1
        var delay = nextDelay
        let grown = nextDelay * options.factor
        nextDelay = grown >= 0 ? min(grown, Self.longest) : 0
        if options.randomization > 0 {
            let deviation = (random * min(options.randomization, 1) * delay).rounded(.down)
            // Whether the first digit behind the point is even decides about the sign.
            let isEarlier = (random * 10).rounded(.down).truncatingRemainder(dividingBy: 2) == 0
            delay += isEarlier ? -deviation : deviation
        }
        // The maximum comes last: chance only ever shortens a delay that has reached it.
        return Int64(max(0, min(delay, Double(max(0, options.maxDelay)), Self.longest)))
    }

    /// Other options, from the next delay on. It grows from a new one; the attempts that were made count.
    public mutating func change(_ options: Options) {
        let growsAlike = options.delay == self.options.delay && options.factor == self.options.factor
        self.options = options
        if !growsAlike { nextDelay = Self.start(options) }
    }

    /// The client is connected, or is to begin anew.
    public mutating func reset() {
        attempts = 0
        nextDelay = Self.start(options)
    }
}
