import EngineIOCore
import Synchronization

/// What an engine counts.
///
/// What every packet changes is in cells of its loop; what is rare is shared by all threads. It lives as long as the
/// server does, so that its numbers outlast the engine.
package final class EngineMetrics: Sendable {
    /// A session is one of these.
    package enum SessionKind: Int, CaseIterable, Sendable {
        case polling4 = 0
        case webSocket4
        case polling3
        case webSocket3

        init(_ transport: Transport, _ revision: ProtocolRevision) {
            self =
                switch (transport, revision) {
                case (.polling, .four): .polling4
                case (.webSocket, .four): .webSocket4
                case (.polling, .three): .polling3
                case (.webSocket, .three): .webSocket3
                }
        }

        package var transport: Transport {
            switch self {
            case .polling4, .polling3: .polling
            case .webSocket4, .webSocket3: .webSocket
            }
        }

        package var revision: ProtocolRevision {
            switch self {
            case .polling4, .webSocket4: .four
            case .polling3, .webSocket3: .three
            }
        }
    }

    /// What is counted for each kind of packet. The four of a kind are neighbours.
    package enum Traffic: Int, Sendable {
        case packetsReceived = 0
        case bytesReceived
        case packetsSent
        case bytesSent

        static let count = 4
    }

    /// How many of a loop's cells are the engine's.
    fileprivate static var trafficCount: Int { (PacketKind.binary.rawValue &+ 1) &* Traffic.count }

    private let traffic: LoopCellTable
    private let opened = SharedCells(count: SessionKind.allCases.count)
    private let open = SharedCells(count: SessionKind.allCases.count)
    private let upgrades = SharedCells(count: 2)
    private let causes = Mutex<[LogCause: UInt64]>([:])
    private let drops = SharedCells(count: DropReason.allCases.count)
    private let other = SharedCells(count: 3)

    /// `cellsAbove`: how many cells of each loop the layer above fills; see ``LoopCells/add(_:above:)``.
    package init(cellsAbove: Int = 0) {
        traffic = LoopCellTable(count: Self.trafficCount &+ cellsAbove)
    }

    // MARK: Counting

    /// What a loop counts in; a session keeps it.
    func cells(of loop: EngineLoop) -> LoopCells { traffic.cells(of: loop) }

    func sessionOpened(_ kind: SessionKind) {
        opened.add(to: kind.rawValue)
        open.add(to: kind.rawValue)
    }

    func sessionEnded(_ kind: SessionKind) { open.add(-1, to: kind.rawValue) }

    func sessionUpgraded(_ revision: ProtocolRevision) {
        open.add(-1, to: SessionKind(.polling, revision).rawValue)
        open.add(to: SessionKind(.webSocket, revision).rawValue)
        upgrades.add(to: 0)
    }

    /// The WebSocket that was to take over a session did not.
    func upgradeFailed() { upgrades.add(to: 1) }

    func connectionAccepted() { other.add(to: 0) }

    /// Counts a message that was dropped.
    package func dropped(_ reason: DropReason) { drops.add(to: reason.rawValue) }

    /// A client was disconnected because too much waited for it.
    func clientOverflowed() { other.add(to: 2) }

    /// Counts what a client has brought about, whether a line is written about it or not.
    package func count(_ cause: LogCause) { causes.withLock { $0[cause, default: 0] &+= 1 } }

    /// Counts a line that was not written because there were too many.
    package func lineSuppressed() { other.add(to: 1) }

    // MARK: Reading

    package func sum(_ traffic: Traffic, of kind: PacketKind) -> UInt64 {
        self.traffic[kind.cell(of: traffic)]
    }

    /// The sum of a number of the layer above.
    package func sum(above index: Int) -> UInt64 { traffic[Self.trafficCount &+ index] }

    package func sum(_ traffic: Traffic) -> UInt64 {
        PacketKind.allCases.reduce(0) { $0 &+ sum(traffic, of: $1) }
    }

    package func openSessions(_ kind: SessionKind) -> UInt64 { open[kind.rawValue] }
    package func openedSessions(_ kind: SessionKind) -> UInt64 { opened[kind.rawValue] }
    package var completedUpgrades: UInt64 { upgrades[0] }
    package var failedUpgrades: UInt64 { upgrades[1] }
    package var acceptedConnections: UInt64 { other[0] }
    package var suppressedLines: UInt64 { other[1] }
    package var overflowedClients: UInt64 { other[2] }
    package func drops(_ reason: DropReason) -> UInt64 { drops[reason.rawValue] }
    /// What clients have brought about so far.
    package var causeCounts: [LogCause: UInt64] { causes.withLock { $0 } }
}

extension PacketKind {
    /// Where a loop counts it.
    @inline(__always)
    fileprivate func cell(of traffic: EngineMetrics.Traffic) -> Int {
        rawValue &* EngineMetrics.Traffic.count &+ traffic.rawValue
    }
}

extension LoopCells {
    /// A packet has come. `bytes` is what stands in it, its type included, before compression and behind inflation.
    @inline(__always)
    func received(_ kind: PacketKind, bytes: Int) {
        add(1, to: kind.cell(of: .packetsReceived))
        add(bytes, to: kind.cell(of: .bytesReceived))
    }

    /// A packet leaves, or waits to.
    @inline(__always)
    func sent(_ kind: PacketKind, bytes: Int) {
        add(1, to: kind.cell(of: .packetsSent))
        add(bytes, to: kind.cell(of: .bytesSent))
    }

    /// Adds to a number of the layer above, which stand behind the engine's: what a message changes is in one place.
    @inline(__always)
    public func add(_ amount: Int, above index: Int) { add(amount, to: EngineMetrics.trafficCount &+ index) }
}
