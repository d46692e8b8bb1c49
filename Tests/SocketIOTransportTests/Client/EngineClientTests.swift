import EngineIOCore
import Testing

@testable import SocketIOTransport

/// The client against our own server, over sockets.
@Suite(.serialized, .timeLimit(.minutes(2))) struct EngineClientTests {
    private static func over(_ transports: Transport...) -> (inout EngineClientOptions) -> Void {
        { $0.transports = transports }
    }

    @Test func webSocket() throws {
        try withRig { rig in
            let client = try rig.openClient(nil, Self.over(.webSocket))
            #expect(client.next() == "open websocket")
            #expect(rig.lines.next() == "open websocket 4")
            let session = try #require(client.recorder.session.withLock { $0 })
            #expect(session.sid.utf8.count == 20)
            #expect(session.upgrades.isEmpty)
            #expect((session.pingInterval, session.pingTimeout) == (25_000, 20_000))
            #expect(session.maxPayload == 1_000_000)
            client.send("hello")
            #expect(client.next() == "text hello")
            client.send(binary: [1, 2, 3])
            #expect(client.next() == "binary 010203")
            client.send("")
            #expect(client.next() == "text ")
            client.send("!large 500000")
            #expect(client.next() == "text of 500000")
            client.run { $0.close() }
            #expect(client.next() == "closed forced close")
            #expect(client.recorder.failure == nil)
            #expect(rig.lines.next() == "closed transport close")
        }
    }

    @Test func whatIsSentBeforeTheSessionOpensLeavesWhenItDoes() throws {
        try withRig { rig in
            let client = try rig.client(nil, Self.over(.webSocket))
            client.send("one")
            client.run { client in
                client.open()
                client.send(EnginePacket(text: "4two"))
                #expect(!client.canSendNow)
                #expect(client.bufferedBytes > 0)
            }
            #expect(client.lines.next() == "open websocket")
            #expect(client.lines.next() == "drained")
            #expect(client.next(2) == ["text one", "text two"])
            client.run { client in
                #expect(client.canSendNow)
                #expect(client.bufferedBytes == 0)
                client.abort()
            }
            #expect(client.next() == "closed forced close")
        }
    }

    @Test func theServerCloses() throws {
        try withRig { rig in
            let client = try rig.openClient(nil, Self.over(.webSocket))
            #expect(client.next() == "open websocket")
            client.send("!close")
            #expect(client.next() == "closed transport close")
            #expect(client.recorder.failure?.code == .lost)
        }
    }
}

/// Polling, and the upgrade.
@Suite(.serialized, .timeLimit(.minutes(2))) struct EngineClientPollingTests {
    @Test(arguments: [ProtocolRevision.four, .three])
    func polling(_ revision: ProtocolRevision) throws {
        try withRig { rig in
            let client = try rig.openClient {
                $0.transports = [.polling]
                $0.revisions = .only(revision)
            }
            #expect(client.next() == "open polling")
            #expect(rig.lines.next() == "open polling \(revision.rawValue)")
            client.send("hello €😀")
            #expect(client.next() == "text hello €😀")
            client.send(binary: [1, 2, 3])
            #expect(client.next() == "binary 010203")
            client.run { client in
                for number in 0..<40 { client.send(EnginePacket(text: "4\(number)")) }
            }
            #expect(client.next(40) == (0..<40).map { "text \($0)" })
            client.send("!burst 100")
            #expect(client.next(100) == (0..<100).map { "text \($0)" })
            client.send("!large 500000")
            #expect(client.next() == "text of 500000")
            client.run { client in
                client.send(EnginePacket(text: "4!burst 1"))
                client.close()
            }
            #expect(client.next() == "closed forced close")
            #expect(rig.lines.next() == "closed transport close")
        }
    }

    @Test(arguments: [ProtocolRevision.four, .three])
    func upgrade(_ revision: ProtocolRevision) throws {
        try withRig { rig in
            let client = try rig.client { $0.revisions = .only(revision) }
            client.recorder.onOpened = { [weak client] in
                for number in 0..<50 { client?.client.send(EnginePacket(text: "4\(number)")) }
            }
            client.run { $0.open() }
            #expect(client.next() == "open polling")
            var numbers: [String] = []
            var isUpgraded = false
            while numbers.count < 50 || !isUpgraded {
                let line = client.next()
                if line == "upgraded" { isUpgraded = true } else { numbers.append(line) }
                if line.hasPrefix("(") { break }
            }
            #expect(numbers == (0..<50).map { "text \($0)" })
            client.send("!burst 10")
            #expect(client.next(10) == (0..<10).map { "text \($0)" })
            client.send(binary: [4, 5])
            #expect(client.next() == "binary 0405")
            client.run { $0.close() }
            #expect(client.next() == "closed forced close")
            #expect(rig.lines.next(2) == ["open polling \(revision.rawValue)", "closed transport close"])
        }
    }
}
