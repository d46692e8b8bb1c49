import EngineIOCore
import SocketIOCore
import SocketIOTransport

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

    let engine = EngineMetrics(cellsAbove: packetTypes.count * Direction.count)
    private let replies = DurationCellTable()
    private let failures = SharedCells(count: AckFailure.all.count)
    private let reasons = SharedCells(count: DisconnectReason.all.count)

    // MARK: Counting

    /// What a loop puts in how long clients take to reply.
    func replyCells(of loop: EngineLoop) -> DurationCells { replies.cells(of: loop) }

    func count(_ failure: AckFailure) { failures.add(to: failure.cell) }

    func disconnected(_ reason: String) {
        if let place = DisconnectReason.all.firstIndex(of: reason) { reasons.add(to: place) }
    }

    // MARK: Reading

    func count(_ direction: Direction, of type: SocketIOCore.PacketType) -> UInt64 {
        engine.sum(above: type.cell(direction))
    }

    func count(of failure: AckFailure) -> UInt64 { failures[failure.cell] }

    /// How long clients took to reply.
    var replyDurations: DurationHistogram { replies.histogram }

    /// Disconnects of sockets by their reason, those that have not occurred among them.
    var disconnects: [(reason: String, count: UInt64)] {
        DisconnectReason.all.enumerated().map { ($1, reasons[$0]) }
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
    func received(_ type: SocketIOCore.PacketType) { add(1, above: type.cell(.received)) }

    /// A packet is handed to its connection.
    @inline(__always)
    func sent(_ type: SocketIOCore.PacketType, _ count: Int = 1) { add(count, above: type.cell(.sent)) }
}
