import EngineIOCore
import Glibc
import Synchronization
import Testing

@testable import SocketIOTransport

/// `close` and `abort` in each state, from outside and from inside of callbacks: one end, and nothing is left.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ClientClosingTests {
    enum Way: CaseIterable, Sendable {
        case close
        case abort
        /// Both, and again.
        case all

        func end(_ client: EngineClient) {
            switch self {
            case .close: client.close()
            case .abort: client.abort()
            case .all:
                client.close()
                client.abort()
                client.close()
                client.open()
            }
        }
    }

    /// How far a client comes before it is closed.
    enum Stage: String, CaseIterable, Sendable {
        case new
        case resolving
        case connecting
        case tls
        case proxy
        case pollingHandshake
        case webSocketHandshake
        case openPacket
        case polling
        case posting
        case probeHandshake
        case probeAnswer
        case pausing
        case webSocket
        case closing
        case closed
    }

    /// A client that is let go of when the test is done with it, unless something holds it.
    private final class Box: @unchecked Sendable {
        weak var client: EngineClient?
        init(_ client: EngineClient) { self.client = client }
    }

    @Test(arguments: Stage.allCases, Way.allCases)
    func ends(_ stage: Stage, _ way: Way) throws {
        let reached = Lines()
        // Does its part up to the stage, says so, and is silent.
        try withScript(
            ScriptedServer { peer, _ in
                func stop(_ here: Stage...) -> Bool {
                    guard here.contains(stage) else { return false }
                    reached.put(stage.rawValue)
                    peer.awaitEnd()
                    return true
                }
                if stop(.tls, .proxy) { return }
                while true {
                    let head = peer.request()
                    if head.isEmpty { return }
                    let hasSID = head.containsBytes("&sid=s")
                    if head.containsBytes("transport=websocket") {
                        if stop(.webSocketHandshake, .probeHandshake) { return }
                        peer.acceptWebSocket(head)
                        if stop(.openPacket) { return }
                        if hasSID {
                            _ = peer.frame()
                            if stop(.probeAnswer) { return }
                            peer.send(text: "3probe")
                            if stop(.pausing) { return }
                        } else {
                            peer.send(text: ScriptedServer.open)
                            if stage == .closing { peer.send(text: "4a") }
                            if stop(.webSocket, .closing, .closed) { return }
                        }
                        return peer.awaitEnd()
                    }
                    if !hasSID {
                        if stop(.pollingHandshake) { return }
                        let isUpgrading = [.probeHandshake, .probeAnswer, .pausing].contains(stage)
                        peer.respond(isUpgrading ? ScriptedServer.openWithUpgrade : ScriptedServer.open)
                    } else if head.hasPrefix("POST") {
                        if stop(.posting) { return }
                        peer.respond("ok")
                    } else if stop(.polling) {
                        return
                    }
                }
            }
        ) { server, rig in
            let full = stage == .connecting ? try FullListener() : nil
            let port = full?.port ?? server.port
            let isWebSocket = [.webSocketHandshake, .openPacket, .webSocket, .closing, .closed].contains(stage)
            let url =
                stage == .resolving
                ? "http://localhost:\(port)/" : "\(stage == .tls ? "https" : "http")://127.0.0.1:\(port)/"
            var client: TestClient? = try rig.client(url) {
                $0.transports = isWebSocket ? [.webSocket] : [.polling, .webSocket]
                $0.session.closeTimeout = 200
                if stage == .proxy { $0.proxy = ClientProxy(host: "127.0.0.1", port: port) }
            }
            let (box, lines) = (Box(try #require(client).client), try #require(client).lines)
            if stage == .posting { client?.send("a") }
            client?.run { client in
                guard stage != .new else { return }
                client.open()
                if stage == .resolving { way.end(client) }
            }
            switch stage {
            case .new, .connecting, .resolving: break
            case .closing:
                #expect(reached.next() == stage.rawValue)
                client?.run { $0.close() }
            case .closed:
                #expect(reached.next() == stage.rawValue)
                client?.run { $0.abort() }
            default: #expect(reached.next() == stage.rawValue)
            }
            client?.run { way.end($0) }
            var line = lines.next()
            while ["open polling", "open websocket", "drained", "text a"].contains(line) { line = lines.next() }
            #expect(line == "closed forced close")
            // Whatever is under way ends, and then nobody holds the client.
            client = nil
            expectGone(box)
            #expect(lines.isEmpty)
        }
    }

    @Test(arguments: ["opened", "text", "upgraded", "closed"], Way.allCases)
    func fromCallbacks(_ callback: String, _ way: Way) throws {
        try withRig { rig in
            var client: TestClient? = try rig.client()
            let (box, recorder) = (Box(try #require(client).client), try #require(client).recorder)
            recorder.onOpened = {
                box.client?.send(EnginePacket(text: "4!burst 5"))
                if callback == "opened", let client = box.client { way.end(client) }
            }
            recorder.onText = { text in
                if callback == "text", text == "2", let client = box.client { way.end(client) }
            }
            recorder.onUpgraded = { if callback == "upgraded", let client = box.client { way.end(client) } }
            let lines = try #require(client).lines
            client?.run { $0.open() }
            if callback == "closed" {
                var line = lines.next()
                while line != "upgraded", !line.hasPrefix("(") { line = lines.next() }
                client?.run { way.end($0) }
            }
            var line = ""
            while !line.hasPrefix("closed"), !line.hasPrefix("(") { line = lines.next() }
            #expect(line == "closed forced close")
            client = nil
            expectGone(box)
            #expect(lines.isEmpty)
            // The server was told; of an end at once it learns when its ping is not answered.
            guard way == .close else { return }
            #expect(rig.lines.next(2) == ["open polling 4", "closed transport close"])
        }
    }

    /// Waits until nothing holds the client.
    private func expectGone(_ box: Box, sourceLocation: SourceLocation = #_sourceLocation) {
        let start = EngineLoop.now
        while box.client != nil, EngineLoop.now - start < 10_000 { poll(nil, 0, 1) }
        #expect(box.client == nil, sourceLocation: sourceLocation)
    }
}

/// A listening socket that takes no connections: its backlog is full, and whoever connects waits.
private final class FullListener {
    let port: Int
    private var descriptors: [CInt] = []

    init() throws {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        descriptors.append(descriptor)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 0) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        try #require(isBound)
        port = Int(UInt16(bigEndian: address.sin_port))
        for _ in 0..<4 {
            let filler = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
            descriptors.append(filler)
            _ = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(filler, $0, length) }
            }
        }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}
