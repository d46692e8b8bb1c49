import EngineIOCore
import NIOEmbedded
import Testing

@testable import SocketIOTransport

@Suite struct LoopCellsTests {
    @Test func cellsAddUpOverLoops() {
        withLoop { first, second in
            let table = LoopCellTable(count: 3)
            #expect(table[1] == 0)
            table.cells(of: first).add(2, to: 1)
            table.cells(of: second).add(3, to: 1)
            table.cells(of: first).add(1, to: 2)
            #expect(table.cells(of: first)[1] == 2)
            #expect([table[0], table[1], table[2]] == [0, 5, 1])
            #expect(table.cells(of: first) === table.cells(of: first))
        }
    }

    @Test func thereAreNoOtherCells() {
        let (own, shared) = (LoopCells(count: 2), SharedCells(count: 2))
        own.add(1, to: 2)
        shared.add(to: 2)
        #expect((own[2], shared[2]) == (0, 0))
        shared.add(5, to: 0)
        shared.add(-2, to: 0)
        own.add(5, to: 0)
        own.add(-2, to: 0)
        #expect((own[0], shared[0]) == (3, 3))
    }

    @Test func trafficOfAKindIsItsOwn() {
        withLoop { loop, _ in
            let metrics = EngineMetrics()
            for (index, kind) in PacketKind.allCases.enumerated() {
                metrics.cells(of: loop).received(kind, bytes: 10 + index)
                metrics.cells(of: loop).sent(kind, bytes: 100 + index)
                metrics.cells(of: loop).sent(kind, bytes: 100)
            }
            for (index, kind) in PacketKind.allCases.enumerated() {
                #expect(metrics.sum(.packetsReceived, of: kind) == 1)
                #expect(metrics.sum(.bytesReceived, of: kind) == UInt64(10 + index))
                #expect(metrics.sum(.packetsSent, of: kind) == 2)
                #expect(metrics.sum(.bytesSent, of: kind) == UInt64(200 + index))
            }
        }
    }

    @Test func sessionsMoveWhenTheyUpgrade() {
        let metrics = EngineMetrics()
        metrics.sessionOpened(.init(.polling, .three))
        metrics.sessionOpened(.init(.webSocket, .four))
        metrics.sessionUpgraded(.three)
        #expect(EngineMetrics.SessionKind.allCases.map(metrics.openSessions) == [0, 1, 0, 1])
        #expect(EngineMetrics.SessionKind.allCases.map(metrics.openedSessions) == [0, 1, 1, 0])
        metrics.sessionEnded(.init(.webSocket, .three))
        #expect(EngineMetrics.SessionKind.allCases.map(metrics.openSessions) == [0, 1, 0, 0])
        for kind in EngineMetrics.SessionKind.allCases {
            #expect(EngineMetrics.SessionKind(kind.transport, kind.revision) == kind)
        }
    }

    @Test func durationsFindTheirBuckets() {
        withLoop { first, second in
            let table = DurationCellTable()
            table.cells(of: first).add(microseconds: 500)
            table.cells(of: first).add(microseconds: 60_000_000)
            table.cells(of: second).add(microseconds: 700)
            let histogram = table.histogram
            #expect((histogram.counts.first, histogram.counts.last, histogram.count) == (2, 1, 3))
            #expect(histogram.microseconds == 60_001_200)
        }
    }

    @Test func everyCauseHasAName() {
        let names = LogCause.others.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(LogCause.slowReader.name == "slow_reader")
        #expect(LogCause.refusedTLS.name == "refused_tls")
        #expect(names.allSatisfy { $0.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz_".utf8.contains($0) } })
    }

    private func withLoop(_ body: (EngineLoop, EngineLoop) -> Void) {
        let eventLoop = EmbeddedEventLoop()
        body(EngineLoop(eventLoop: eventLoop, index: 3), EngineLoop(eventLoop: eventLoop, index: 0))
    }
}
