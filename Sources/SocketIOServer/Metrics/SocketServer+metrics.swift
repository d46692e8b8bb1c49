import EngineIOCore
import NIOCore
import SocketIOCore
import SocketIOTransport

/// What a server tells those who watch over it.
extension SocketServer {
    /// What has happened since the server was made; see ``SocketServer/counts`` for what is alive.
    public struct Totals: Sendable, Equatable {
        /// Of Engine.IO's packets, and their bytes, by the number of their type; 7 is for binary messages.
        public struct Packets: Sendable, Equatable {
            public var received = [UInt64](repeating: 0, count: 8)
            public var receivedBytes = [UInt64](repeating: 0, count: 8)
            public var sent = [UInt64](repeating: 0, count: 8)
            public var sentBytes = [UInt64](repeating: 0, count: 8)
        }

        /// Connections that were accepted.
        public var connections: UInt64 = 0
        /// Sessions that were opened.
        public var sessions: UInt64 = 0
        public var upgrades: UInt64 = 0
        public var failedUpgrades: UInt64 = 0
        /// Requests that were refused, by code.
        public var connectionErrors = [UInt64](repeating: 0, count: 6)
        public var packets = Packets()
        /// Events from clients, those with attachments among them, and to them.
        public var eventsReceived: UInt64 = 0
        public var eventsSent: UInt64 = 0
        /// Replies of clients, and to them.
        public var acksReceived: UInt64 = 0
        public var acksSent: UInt64 = 0
        /// Emits that asked for a reply and got none.
        public var acksFailed: UInt64 = 0
        /// Sockets that have left.
        public var disconnects: UInt64 = 0
        /// Handshakes that were put off, and connections that were closed because there were too many.
        public var rateLimited: UInt64 = 0
        public var logLinesSuppressed: UInt64 = 0
        public var dropped = Dropped()
        /// Clients that were disconnected because too much waited for them.
        public var overflowedClients: UInt64 = 0

        /// Events that were dropped, once for each client that they were for; see ``ServerOptions/overflowPolicy``.
        public struct Dropped: Sendable, Equatable {
            /// They were volatile, and could not leave at once.
            public var volatile: UInt64 = 0
            /// There was no room for them.
            public var newest: UInt64 = 0
            /// They made room for later ones.
            public var oldest: UInt64 = 0
            /// A later one of their key has taken their place.
            public var coalesced: UInt64 = 0
            /// What waited for all clients together was too much.
            public var server: UInt64 = 0
        }
    }

    public var totals: Totals {
        let metrics = counters.metrics
        let engine = metrics.engine
        var totals = Totals()
        totals.connections = engine.acceptedConnections
        totals.sessions = EngineMetrics.SessionKind.allCases.reduce(0) { $0 &+ engine.openedSessions($1) }
        totals.upgrades = engine.completedUpgrades
        totals.failedUpgrades = engine.failedUpgrades
        let causes = engine.causeCounts
        totals.connectionErrors = EngineError.allCases.map { causes[.refusedRequest($0)] ?? 0 }
        totals.packets.received = PacketKind.allCases.map { engine.sum(.packetsReceived, of: $0) }
        totals.packets.receivedBytes = PacketKind.allCases.map { engine.sum(.bytesReceived, of: $0) }
        totals.packets.sent = PacketKind.allCases.map { engine.sum(.packetsSent, of: $0) }
        totals.packets.sentBytes = PacketKind.allCases.map { engine.sum(.bytesSent, of: $0) }
        totals.eventsReceived = metrics.count(.received, of: .event) &+ metrics.count(.received, of: .binaryEvent)
        totals.eventsSent = metrics.count(.sent, of: .event) &+ metrics.count(.sent, of: .binaryEvent)
        totals.acksReceived = metrics.count(.received, of: .ack) &+ metrics.count(.received, of: .binaryAck)
        totals.acksSent = metrics.count(.sent, of: .ack) &+ metrics.count(.sent, of: .binaryAck)
        totals.acksFailed = AckFailure.all.reduce(0) { $0 &+ metrics.count(of: $1) }
        totals.disconnects = metrics.disconnects.reduce(0) { $0 &+ $1.count }
        totals.rateLimited = [LogCause.busy, .tooManyConnections, .tooManyOfAddress]
            .reduce(0) { $0 &+ (causes[$1] ?? 0) }
        totals.logLinesSuppressed = engine.suppressedLines
        totals.dropped = Totals.Dropped(
            volatile: engine.drops(.volatile), newest: engine.drops(.newest), oldest: engine.drops(.oldest),
            coalesced: engine.drops(.coalesced), server: engine.drops(.server))
        totals.overflowedClients = engine.overflowedClients
        return totals
    }

    /// How the server is and what has happened, as the text of OpenMetrics 1.0, which Prometheus reads. The event loops
    /// measure how late they are from the first call on, and until nobody has asked for two minutes.
    public func metrics() -> String {
        ServerMetricsText(self).text
    }

    /// Answers a request for the metrics; nil for every other.
    func metrics(for exchange: HTTPExchange) -> HTTPResponse? {
        guard let path = options.metricsPath, exchange.isFor(ownPath: path) else { return nil }
        var response = HTTPResponse(status: 200, contentType: OpenMetricsText.contentType, text: metrics())
        response.headers.append(("cache-control", "no-store"))
        response.isCompressible = true
        return response
    }
}
