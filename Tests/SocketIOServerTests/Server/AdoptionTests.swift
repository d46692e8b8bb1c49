import Glibc
import Testing

@testable import SocketIOServer

/// Connections that somebody else has accepted, as two ends of a pair of sockets.
@Suite(.serialized, .timeLimit(.minutes(2))) struct AdoptionTests {
    private static let handshake = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n"

    /// A server that listens nowhere, and what it sees.
    private func withServer(threads: Int = 1, _ body: (SocketServer, Inbox) throws -> Void) throws {
        var options = ServerOptions()
        options.trustedProxies = ["10.0.0.0/8"]
        let server = try SocketServer(options, threads: threads)
        let inbox = Inbox()
        try server.on("say") { event in
            inbox.put(event.args)
            try? event.socket.emit("said", event.args)
        }
        server.onConnection { socket in
            inbox.put("\(socket.handshake.address):\(socket.handshake.port) \(socket.handshake.isSecure)")
        }
        server.onRequest { request in try? request.respond(headers: [], body: request.address.utf8) }
        try body(server, inbox)
        server.close()
        server.wait()
        #expect(server.counts == SocketServer.Counts())
        server.runtime.stop()
    }

    private func makePair() throws -> (server: CInt, client: RawClient) {
        var pair: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
        return (pair[0], RawClient(connected: pair[1]))
    }

    @Test func nothingReadYet() throws {
        try withServer { io, inbox in
            let (descriptor, client) = try makePair()
            try io.adopt(descriptor: descriptor)
            try client.join()
            #expect(inbox.next() == "unix:0 false")
            try client.send(#"42["say",1]"#)
            #expect(try client.receive() == #"42["said",1]"#)
        }
    }

    @Test func requestsInTheBytesReadAlready() throws {
        try withServer { io, _ in
            // Whole, two of them, and each split that a reader may have come upon.
            let (descriptor, client) = try makePair()
            try io.adopt(descriptor: descriptor, alreadyRead: Array((Self.handshake + Self.handshake).utf8))
            #expect(try client.response().hasPrefix(#"200 0{"sid":""#))
            #expect(try client.response().hasPrefix(#"200 0{"sid":""#))
            let request = Array("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789".utf8)
            for split in [0, 1, 20, request.count - 10, request.count - 4, request.count] {
                let (descriptor, client) = try makePair()
                try io.adopt(descriptor: descriptor, alreadyRead: Array(request[..<split]), address: "192.0.2.7")
                try client.write(request[split...])
                #expect(try client.response() == "200 192.0.2.7", "split at \(split)")
                #expect(try client.get("/y") == "200 192.0.2.7")
            }
        }
    }

    @Test(arguments: [1, 2])
    func theClientThatTheOtherServerKnows(threads: Int) throws {
        try withServer(threads: threads) { io, inbox in
            func join(_ address: String, _ port: UInt16, _ isSecure: Bool, _ fields: String = "") throws -> String {
                let (descriptor, client) = try makePair()
                let upgrade =
                    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                    + "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + "Sec-WebSocket-Version: 13\r\n\(fields)\r\n"
                // The first frame, "40", masked with zeros, comes along with the request.
                let frame: [UInt8] = [0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30]
                try io.adopt(
                    descriptor: descriptor, alreadyRead: Array(upgrade.utf8) + frame, address: address, port: port,
                    isSecure: isSecure)
                defer { client.hangUp() }
                return inbox.next()
            }
            // The one that the other server names may be a proxy of ours, or not.
            let lies = "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Proto: https\r\n"
            let joined = try [
                join("192.0.2.7", 99, true), join("2001:db8::1", 0, false), join("unix", 0, false),
                join("10.0.0.9", 1, false, lies), join("192.0.2.7", 1, false, lies),
            ]
            #expect(
                joined == [
                    "192.0.2.7:99 true", "2001:db8::1:0 false", "unix:0 false", "198.51.100.1:0 true",
                    "192.0.2.7:1 false",
                ])
        }
    }

    @Test func manyConnectionsOnTwoLoops() throws {
        try withServer(threads: 2) { io, _ in
            var clients: [RawClient] = []
            for _ in 0..<40 {
                let (descriptor, client) = try makePair()
                try io.adopt(descriptor: descriptor, alreadyRead: Array(Self.handshake.utf8))
                clients.append(client)
            }
            for client in clients { #expect(try client.response().hasPrefix("200 0{")) }
            #expect(io.counts.connections == 40)
            // The other ends go, one after the other and all at once.
            clients.removeFirst()
            clients.removeAll()
        }
    }

    /// From polling to WebSocket, both adopted, whichever loops they are on.
    @Test func anUpgradeOverAdoptedConnections() throws {
        try withServer(threads: 2) { io, _ in
            for _ in 0..<4 {
                let (polls, poller) = try makePair()
                try io.adopt(descriptor: polls)
                let sid = try poller.openPolling()
                let (sockets, client) = try makePair()
                try io.adopt(descriptor: sockets)
                try client.upgrade(sid)
                try client.send("2probe")
                #expect(try client.receive() == "3probe")
                try client.send("5")
                try client.send("40")
                #expect(try client.receive().hasPrefix("40{"))
            }
        }
    }

    private func failure(_ body: () throws(SocketError) -> Void) -> String {
        do throws(SocketError) {
            try body()
            return "none"
        } catch {
            return error.description
        }
    }

    /// The caller keeps what is not taken.
    @Test func whatIsNotAdopted() throws {
        try withServer { io, _ in
            let (descriptor, _) = try makePair()
            defer { close(descriptor) }
            #expect(failure { () throws(SocketError) in try io.adopt(descriptor: -1) }.contains("not an open file"))
            let lonely = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            defer { close(lonely) }
            let unconnected = failure { () throws(SocketError) in try io.adopt(descriptor: lonely) }
            #expect(unconnected.contains("is not connected"))
            try #require(listen(lonely, 1) == 0)
            #expect(failure { () throws(SocketError) in try io.adopt(descriptor: lonely) }.contains("listens"))
            let address = failure { () throws(SocketError) in
                try io.adopt(descriptor: descriptor, address: "example.com")
            }
            #expect(address.contains("\"example.com\" is not the address of a client"))
            #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK == 0)
            io.close()
            #expect(failure { () throws(SocketError) in try io.adopt(descriptor: descriptor) }.contains("is closing"))
            #expect(fcntl(descriptor, F_GETFD) >= 0)
        }
    }
}
