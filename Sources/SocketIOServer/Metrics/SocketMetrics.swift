import EngineIOCore
import SocketIOCore
import SocketIOTransport
import Synchronization

/// What a server counts of Socket.IO: packets, replies, disconnects. See ``EngineMetrics`` for what is below.
final class SocketMetrics: Sendable {
    /// Which way a packet goes. The two of a type are neighbours.
    enum Direction: Int {
        case received = 0
        case sent

        static let count = 2
    }

    static let packetTypes: [SocketIOCore.PacketType] = [
        .connect, .disconnect, .event, .ack, .connectError, .binaryEvent, .binaryAck,
    ]

    let engine = EngineMetrics()
    private let packets = LoopCellTable(count: packetTypes.count * Direction.count)
    private let replies = DurationCellTable()
    private let failures = SharedCells(count: AckFailure.all.count)
    private let reasons = Mutex<[String: UInt64]>([:])

    // MARK: Counting

    /// What a loop counts packets in.
    func packetCells(of loop: EngineLoop) -> LoopCells { packets.cells(of: loop) }

    /// What a loop puts in how long clients take to reply.
    func replyCells(of loop: EngineLoop) -> DurationCells { replies.cells(of: loop) }

    func count(_ failure: AckFailure) { failures.add(to: failure.cell) }

    func disconnected(_ reason: String) { reasons.withLock { $0[reason, default: 0] &+= 1 } }

    // MARK: Reading

    func count(_ direction: Direction, of type: SocketIOCore.PacketType) -> UInt64 { packets[type.cell(direction)] }

    func count(of failure: AckFailure) -> UInt64 { failures[failure.cell] }

    /// How long clients took to reply.
    var replyDurations: DurationHistogram { replies.histogram }

    /// Disconnects of sockets by their reason, those that have not occurred among them.
    var disconnects: [(reason: String, count: UInt64)] {
        let counted = reasons.withLock { $0 }
        return DisconnectReason.all.map { ($0, counted[$0] ?? 0) }
    }
}

extension SocketIOCore.PacketType {
    @inline(__always)
    fileprivate func cell(_ direction: SocketMetrics.Direction) -> Int {
        Int(rawValue) &* SocketMetrics.Direction.count &+ direction.rawValue
    }
}

extension AckFailure {
    static let all: [AckFailure] = [.timeout, .disconnected, .closed, .limit]

    fileprivate var cell: Int {
        switch self {
        case .timeout: 0
        case .disconnected: 1
        case .closed: 2
        case .limit: 3
        }
    }
}

extension LoopCells {
    /// A packet has come; one with attachments when they are all there.
    @inline(__always)
    func received(_ type: SocketIOCore.PacketType) { add(1, to: type.cell(.received)) }

    /// A packet is handed to its connection.
    @inline(__always)
    func sent(_ type: SocketIOCore.PacketType, _ count: Int = 1) { add(count, to: type.cell(.sent)) }
}
