/// The numbers that a client's session lives by; times in milliseconds.
public struct ClientConfiguration: Sendable {
    /// From the start to the open packet at the latest.
    public var openTimeout: Int64 = 20_000
    /// Whether a polling session goes over to WebSocket if the server can.
    public var upgrades = true
    /// From the start of an upgrade to its end at the latest; beyond, the session stays on polling.
    public var upgradeTimeout: Int64 = 10_000
    /// How long an orderly end may take until it is one at once.
    public var closeTimeout: Int64 = 5_000
    /// Packets in one POST. python-engineio drops a body with more than 16, and says that all is well.
    public var packetsPerPost = 16
    /// Bytes that may wait until they can leave.
    public var bufferedBytes = 16 * 1024 * 1024

    public init() {}
}

/// What a client queues: it knows what it takes in a polling body.
public protocol ClientPacket: SessionPacket {
    func size(in form: PayloadForm) -> Int
}
