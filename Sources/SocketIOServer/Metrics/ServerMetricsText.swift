import EngineIOCore
import SocketIOCore
import SocketIOTransport

/// The metrics of a server as text, family by family.
struct ServerMetricsText {
    private var writer = OpenMetricsText()
    let text: String

    init(_ server: SocketServer) {
        let metrics = server.counters.metrics
        writer.writeLife(server.counts, metrics.engine)
        if let queue = server.counters.owner.load() as? any EventQueueOwner { writer.write(queue) }
        writer.writeRefusals(metrics.engine)
        writer.writeTraffic(metrics)
        writer.writeReplies(metrics, server.counts)
        writer.writeLoops(server.runtime.lags())
        text = writer.finished()
    }
}

extension OpenMetricsText {
    private mutating func gauge(_ name: String, _ value: Int, unit: String = "", help: String) {
        family("socketio_\(name)", .gauge, unit: unit, help: help)
        sample(UInt64(clamping: value))
    }

    private mutating func counter(_ name: String, _ value: UInt64, help: String) {
        family("socketio_\(name)", .counter, help: help)
        sample(value)
    }

    fileprivate mutating func writeLife(_ counts: SocketServer.Counts, _ engine: EngineMetrics) {
        gauge("connections", counts.connections, help: "Connections of TCP and Unix sockets.")
        counter("connections_accepted", engine.acceptedConnections, help: "Connections that were accepted.")
        family("socketio_sessions", .gauge, help: "Engine.IO sessions that are open.")
        for kind in EngineMetrics.SessionKind.allCases { sample(engine.openSessions(kind), kind.labels) }
        family("socketio_sessions_opened", .counter, help: "Engine.IO sessions that were opened, by how they began.")
        for kind in EngineMetrics.SessionKind.allCases { sample(engine.openedSessions(kind), kind.labels) }
        family("socketio_upgrades", .counter, help: "Sessions that went from polling to WebSocket, or failed to.")
        sample(engine.completedUpgrades, [("outcome", "done")])
        sample(engine.failedUpgrades, [("outcome", "failed")])
        gauge("sockets", counts.sockets, help: "Sockets in all namespaces.")
        gauge("room_entries", counts.roomEntries, help: "Pairs of a socket and a room that it is in.")
        gauge(
            "buffered_bytes", counts.bufferedBytes, unit: "bytes", help: "Bytes that wait for polls and slow clients.")
    }

    fileprivate mutating func write(_ queue: any EventQueueOwner) {
        gauge(
            "queued_events", queue.queuedEvents,
            help: "Events that wait for the program, of all servers of the runtime.")
    }

    fileprivate mutating func writeRefusals(_ engine: EngineMetrics) {
        let causes = engine.causeCounts
        family("socketio_connection_errors", .counter, help: "Requests and handshakes that were refused, by code.")
        for error in EngineError.allCases {
            sample(
                causes[.refusedRequest(error)] ?? 0, [("code", String(error.rawValue)), ("message", error.message)])
        }
        family("socketio_troubles", .counter, help: "What else clients have brought about that was refused or cut off.")
        for cause in LogCause.others { sample(causes[cause] ?? 0, [("cause", cause.name)]) }
        counter("log_lines_suppressed", engine.suppressedLines, help: "Lines that the log was spared.")
    }

    fileprivate mutating func writeTraffic(_ metrics: SocketMetrics) {
        let engine = metrics.engine
        for (name, traffic, help) in [
            ("engine_packets_received", EngineMetrics.Traffic.packetsReceived, "Engine.IO packets from clients."),
            ("engine_packets_sent", .packetsSent, "Engine.IO packets to clients."),
        ] {
            family("socketio_\(name)", .counter, help: help)
            for kind in PacketKind.allCases { sample(engine.sum(traffic, of: kind), [("type", kind.name)]) }
        }
        for (name, traffic, help) in [
            ("received_bytes", EngineMetrics.Traffic.bytesReceived, "Bytes of Engine.IO packets from clients."),
            ("sent_bytes", .bytesSent, "Bytes of Engine.IO packets to clients, before compression."),
        ] {
            family("socketio_\(name)", .counter, unit: "bytes", help: help)
            for kind in PacketKind.allCases { sample(engine.sum(traffic, of: kind), [("type", kind.name)]) }
        }
        for (name, direction, help) in [
            ("packets_received", SocketMetrics.Direction.received, "Socket.IO packets from clients."),
            ("packets_sent", .sent, "Socket.IO packets to clients."),
        ] {
            family("socketio_\(name)", .counter, help: help)
            for type in SocketMetrics.packetTypes { sample(metrics.count(direction, of: type), [("type", type.name)]) }
        }
        family("socketio_events_dropped", .counter, help: "Events that were dropped, by why, for each client.")
        for reason in DropReason.allCases {
            sample(engine.drops(reason), [("reason", String(describing: reason))])
        }
        counter(
            "clients_overflowed", engine.overflowedClients,
            help: "Clients that were disconnected because too much waited for them.")
        family("socketio_disconnects", .counter, help: "Sockets that have left, by reason.")
        for (reason, count) in metrics.disconnects { sample(count, [("reason", reason)]) }
    }

    fileprivate mutating func writeReplies(_ metrics: SocketMetrics, _ counts: SocketServer.Counts) {
        gauge("acks_pending", counts.pendingAcks, help: "Replies that are awaited from clients.")
        gauge("replies_pending", counts.pendingReplies, help: "Replies that clients await.")
        family("socketio_acks_failed", .counter, help: "Emits that asked for a reply and got none, by why.")
        for failure in AckFailure.all {
            sample(metrics.count(of: failure), [("reason", String(describing: failure))])
        }
        family(
            "socketio_ack_latency_seconds", .histogram, unit: "seconds",
            help: "How long clients took to reply, to within a few milliseconds.")
        histogram(metrics.replyDurations)
    }

    fileprivate mutating func writeLoops(_ lags: [LoopLag]) {
        guard !lags.isEmpty else { return }
        family(
            "socketio_event_loop_lag_seconds", .histogram, unit: "seconds",
            help: "How late an event loop does what is due, once a second while metrics are read.")
        for (index, lag) in lags.enumerated() { histogram(lag.histogram, [("loop", String(index))]) }
        family(
            "socketio_event_loop_last_lag_seconds", .gauge, unit: "seconds",
            help: "How late an event loop was when that was measured last.")
        for (index, lag) in lags.enumerated() { sample(microseconds: lag.microseconds, [("loop", String(index))]) }
    }
}

extension EngineMetrics.SessionKind {
    fileprivate var labels: OpenMetricsText.Labels {
        [("transport", transport.rawValue), ("revision", String(revision.rawValue))]
    }
}

extension SocketIOCore.PacketType {
    fileprivate var name: String {
        switch self {
        case .connect: "connect"
        case .disconnect: "disconnect"
        case .event: "event"
        case .ack: "ack"
        case .connectError: "connect_error"
        case .binaryEvent: "binary_event"
        case .binaryAck: "binary_ack"
        }
    }
}
