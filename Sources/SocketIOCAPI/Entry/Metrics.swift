import CSocketIO
import SocketIOServer

// socketio/metrics.h

@c @implementation
public func sio_server_totals(
    _ server: sio_server, _ size: Int, _ out_totals: UnsafeMutablePointer<sio_totals>?
) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_totals else { throw .null("out_totals") }
        try checkSize(size, "sio_totals")
        give(sio_totals(try Registry.server(server).server.totals), to: out_totals, size)
    }
}

@c @implementation
public func sio_server_metrics(_ server: sio_server, _ out_text: UnsafeMutablePointer<sio_text>?) -> sio_status {
    boundary { () throws(Failure) in
        guard let out_text else { throw .null("out_text") }
        let text = try Registry.server(server).server.metrics()
        var memory = try OwnedMemory(fixed: 0, variable: text.utf8.count)
        out_text.pointee = memory.add(text)
    }
}

extension sio_totals {
    fileprivate init(_ totals: SocketServer.Totals) {
        self.init()
        connections = totals.connections
        sessions = totals.sessions
        upgrades = totals.upgrades
        failed_upgrades = totals.failedUpgrades
        Self.fill(&connection_errors, with: totals.connectionErrors)
        Self.fill(&packets_received, with: totals.packets.received)
        Self.fill(&bytes_received, with: totals.packets.receivedBytes)
        Self.fill(&packets_sent, with: totals.packets.sent)
        Self.fill(&bytes_sent, with: totals.packets.sentBytes)
        events_received = totals.eventsReceived
        events_sent = totals.eventsSent
        acks_received = totals.acksReceived
        acks_sent = totals.acksSent
        acks_failed = totals.acksFailed
        disconnects = totals.disconnects
        rate_limited = totals.rateLimited
        log_lines_suppressed = totals.logLinesSuppressed
        dropped_volatile = totals.dropped.volatile
        dropped_newest = totals.dropped.newest
        dropped_oldest = totals.dropped.oldest
        dropped_coalesced = totals.dropped.coalesced
        dropped_server = totals.dropped.server
        overflowed_clients = totals.overflowedClients
    }

    /// An array of the header is a tuple here.
    private static func fill<Array>(_ array: inout Array, with numbers: [UInt64]) {
        withUnsafeMutableBytes(of: &array) { bytes in
            numbers.withUnsafeBytes { bytes.copyBytes(from: $0.prefix(bytes.count)) }
        }
    }
}

// MARK: Structs that the caller gives the size of

func checkSize(_ size: Int, _ name: StaticString) throws(Failure) {
    guard size >= MemoryLayout<UInt64>.size, size <= 4096 else {
        throw Failure(SIO_E_ARGUMENT, "size is \(size): pass sizeof(\(name)).")
    }
}

/// Fills the first `size` bytes. What a newer program has more than this version knows is zero.
func give<Numbers>(_ numbers: Numbers, to target: UnsafeMutablePointer<Numbers>, _ size: Int) {
    let out = UnsafeMutableRawBufferPointer(start: target, count: size)
    out.initializeMemory(as: UInt8.self, repeating: 0)
    withUnsafeBytes(of: numbers) { out.copyBytes(from: $0.prefix(size)) }
}
