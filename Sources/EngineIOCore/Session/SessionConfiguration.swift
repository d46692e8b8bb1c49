/// A point in time, in milliseconds of a monotonic clock. The cores never read a clock: time is an input.
public typealias Instant = Int64

/// The numbers a session lives by; times in milliseconds. The defaults are Node's.
public struct SessionConfiguration: Sendable {
    /// From one pong to the next ping. A client of revision 3 pings by itself, this often.
    public var pingInterval: Int64 = 25_000
    /// From a ping to the pong at the latest. A client of revision 3 has this long beyond the interval to be heard.
    public var pingTimeout: Int64 = 20_000
    /// From the opening of a probing WebSocket to its upgrade packet at the latest.
    public var upgradeTimeout: Int64 = 10_000
    /// Between two answers to a pending poll while a client upgrades, so that it can pause polling.
    public var noopInterval: Int64 = 100
    /// How long a closed polling session waits for a poll that it can tell about it.
    public var closeWait: Int64 = 30_000
    /// Packets in one polling response. python-socketio's clients refuse more than 16.
    public var packetsPerPoll: Int = 16
    /// Bytes that may wait for a client that does not read.
    public var bufferedBytes: Int = 16 * 1024 * 1024
    /// Packets that may: each takes memory besides its bytes.
    public var bufferedPackets: Int = 100_000

    public init() {}

    /// How long a client of revision 3 may be silent.
    var patience: Int64 {
        let (sum, overflow) = pingInterval.addingReportingOverflow(pingTimeout)
        return overflow ? .max : sum
    }
}

/// The configuration of all sessions of a server, which is not kept once for each.
public final class SharedSessionConfiguration: Sendable {
    let value: SessionConfiguration

    public init(_ value: SessionConfiguration) {
        self.value = value
    }
}
