import SocketIOHandlers
import SocketIOTransport

/// Whom a broadcast goes to. Each call returns another one: they can be kept and used again.
public struct BroadcastOperator: Sendable {
    private var namespace: Namespace
    private var rooms: [String] = []
    private var exceptRooms: [String] = []
    private var excluding: ServerSocket?
    private var isVolatile = false
    private var compresses = true
    private var coalesceKey: String?
    private var overflow: OverflowPolicy?

    package init(namespace: Namespace, excluding: ServerSocket? = nil) {
        self.namespace = namespace
        self.excluding = excluding
    }

    /// Adds a room: a socket in any of them gets the event, once.
    public func to(_ room: String) -> BroadcastOperator { with { $0.rooms.append(room) } }

    /// Adds rooms.
    public func to(_ rooms: [String]) -> BroadcastOperator { with { $0.rooms += rooms } }

    /// The same as ``to(_:)-(String)``.
    public func `in`(_ room: String) -> BroadcastOperator { to(room) }

    /// The same as ``to(_:)-([String])``.
    public func `in`(_ rooms: [String]) -> BroadcastOperator { to(rooms) }

    /// Leaves out the sockets of a room.
    public func except(_ room: String) -> BroadcastOperator { with { $0.exceptRooms.append(room) } }

    /// Leaves out the sockets of rooms.
    public func except(_ rooms: [String]) -> BroadcastOperator { with { $0.exceptRooms += rooms } }

    /// Leaves out one socket.
    package func except(_ socket: ServerSocket?) -> BroadcastOperator { with { $0.excluding = socket } }

    /// Drops the event for those who cannot take it at once.
    public var volatile: BroadcastOperator { with { $0.isVolatile = true } }

    /// Whether the event may be compressed, for those that know how, if it is large enough.
    public func compress(_ compresses: Bool) -> BroadcastOperator { with { $0.compresses = compresses } }

    /// The event takes the place of one with the same key that still waits for the same socket: of a price, a position,
    /// only the latest is of interest to who reads slowly.
    public func coalesce(by key: String) -> BroadcastOperator { with { $0.coalesceKey = key } }

    /// What becomes of the event for those who read too slowly, instead of what the server's options say.
    public func overflow(_ policy: OverflowPolicy) -> BroadcastOperator { with { $0.overflow = policy } }

    /// Only to clients of this process; without a cluster that is everyone.
    public var local: BroadcastOperator { self }

    private func with(_ change: (inout BroadcastOperator) -> Void) -> BroadcastOperator {
        var copy = self
        change(&copy)
        return copy
    }

    /// Broadcasts an event. `args` is the JSON text of an array, in which placeholders stand for `attachments`. Who
    /// gets it is decided now: a socket that leaves a room right after still does.
    public func emit(_ event: String, _ args: String = "[]", attachments: [[UInt8]] = []) throws(SocketError) {
        try EventMessage.withBytes(
            name: event, args: args, attachments: attachments, compresses: compresses, coalesceKey: coalesceKey,
            overflow: overflow
        ) {
            (message) throws(SocketError) in try emit(message)
        }
    }

    package func emit(_ message: borrowing EventMessage) throws(SocketError) {
        let content = try message.validatedEvent()
        for namespace in namespaces { try emit(content, in: namespace) }
    }

    private func emit(_ content: ValidMessage, in namespace: Namespace) throws(SocketError) {
        let outgoing = namespace.watchesOutgoing ? OutgoingContent(content) : nil
        let delivery = content.delivery(isVolatile: isVolatile)
        var isTaken = true
        if let recovery = namespace.recovery, !isVolatile {
            try recovery.record(
                rooms: rooms, except: exceptRooms + (excluding.map { [$0.id] } ?? []), now: EngineLoop.now,
                encode: { (offset) throws(SocketError) in try content.enginePackets(in: namespace, offset: offset) },
                handOver: { isTaken = hand($0, delivery, outgoing, in: namespace) })
        } else {
            // Encoded once, for all.
            isTaken = hand(
                try content.enginePackets(
                    content.event(namespace: namespace.wireName, acknowledgement: nil), namespace.parser),
                delivery, outgoing, in: namespace)
        }
        guard isTaken || namespace.mayDrop(delivery) else { throw .loopsBehind }
    }

    /// Hands packets to the loops of those they are for. False if loops are so far behind that they get no more.
    private func hand(
        _ packets: [EnginePacket], _ delivery: Delivery, _ outgoing: OutgoingContent?, in namespace: Namespace
    ) -> Bool {
        var isTaken = true
        forEachLoop(of: namespace) { loop, sockets in
            @Sendable func write() {
                if let outgoing { for socket in sockets { socket.tellOutgoing(outgoing) } }
                // Nearly all events are one packet: it is taken out of the array, and counted, once for all sockets.
                if packets.count == 1, let packet = packets.first {
                    var count = 0
                    for socket in sockets
                    where !socket.isDisconnected && socket.write(packet, of: packets, delivery) {
                        count &+= 1
                    }
                    sockets.first?.session.traffic.sent(.event, count)
                } else {
                    for socket in sockets where !socket.isDisconnected { socket.write(packets, delivery) }
                }
            }
            // What was sent in a namespace that recovers may wait for its turn on the loop.
            if loop.isCurrent, namespace.recovery == nil { return write() }
            guard let reservation = sockets.first?.session.engine.reserve(packets, clients: sockets.count) else {
                isTaken = false
                return
            }
            loop.engineLoop.post { withExtendedLifetime(reservation, write) }
        }
        return isTaken
    }

    /// Broadcasts an event and asks every client for a reply. `reply` gets each, on the loop of its socket, so maybe
    /// several at once; behind them all `completion` is called, on one of the loops. Without a `timeout` it waits as
    /// long as the clients stay.
    public func emit(
        _ event: String, _ args: String = "[]", attachments: [[UInt8]] = [], timeout: Duration? = nil,
        reply: @escaping AckHandler, completion: @escaping @Sendable (BroadcastOutcome) -> Void
    ) throws(SocketError) {
        try EventMessage.withBytes(
            name: event, args: args, attachments: attachments, compresses: compresses, coalesceKey: coalesceKey,
            overflow: overflow
        ) {
            (message) throws(SocketError) in
            try emit(message, timeout: timeout?.wholeMilliseconds, reply: reply, completion: completion)
        }
    }

    package func emit(
        _ message: borrowing EventMessage, timeout: Int64?, reply: @escaping AckHandler,
        completion: @escaping @Sendable (BroadcastOutcome) -> Void
    ) throws(SocketError) {
        let content = try message.validatedEvent()
        let outgoing = namespace.watchesOutgoing ? OutgoingContent(content) : nil
        let delivery = content.delivery(isVolatile: isVolatile)
        let audiences = try namespaces.map { (namespace) throws(SocketError) in
            // One id for all, and so one encoding.
            let acknowledgement = namespace.nextAcknowledgement()
            let packets = try content.enginePackets(
                content.event(namespace: namespace.wireName, acknowledgement: acknowledgement), namespace.parser)
            return (sockets: sockets(of: namespace), acknowledgement: acknowledgement, packets: packets)
        }
        let everybody = audiences.flatMap(\.sockets)
        guard !everybody.isEmpty else { return completion(BroadcastOutcome(silent: [], failure: nil)) }
        let replies = BroadcastReplies(from: everybody, reply: reply, completion: completion)
        for audience in audiences {
            for socket in audience.sockets {
                if let outgoing { socket.tellOutgoing(outgoing) }
                socket.send(audience.packets, delivery, audience.acknowledgement, timeout: timeout) {
                    replies.ended($0, $1)
                }
            }
        }
    }

    // MARK: All of them at once

    /// Puts the sockets into a room. Throws ``SocketError/Kind/limit`` if some are in too many rooms already: they stay
    /// out, the others are in.
    public func socketsJoin(_ room: String) throws(SocketError) {
        var failure: SocketError?
        for socket in fetchSockets() {
            do {
                try socket.join(room)
            } catch  where error.kind == .gone {
                // Then it is in no room.
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Takes the sockets out of a room.
    public func socketsLeave(_ room: String) {
        for socket in fetchSockets() { try? socket.leave(room) }
    }

    /// Disconnects the sockets; with `close`, their connections too.
    public func disconnectSockets(close: Bool = false) {
        for namespace in namespaces {
            forEachLoop(of: namespace) { loop, sockets in
                loop.engineLoop.run { for socket in sockets { try? socket.disconnect(close: close) } }
            }
        }
    }

    /// The sockets, as they are now.
    public func fetchSockets() -> [ServerSocket] { namespaces.flatMap(sockets(of:)) }

    /// The namespace, or those that it is the parent of.
    private var namespaces: [Namespace] { namespace.isParent ? namespace.children : [namespace] }

    private func sockets(of namespace: Namespace) -> [ServerSocket] {
        var all: [ServerSocket] = []
        forEachLoop(of: namespace) { _, sockets in all += sockets }
        return all
    }

    private func forEachLoop(of namespace: Namespace, _ body: (SocketLoop, [ServerSocket]) -> Void) {
        for (loop, shard) in namespace.shards {
            let sockets = shard.sockets(in: rooms, except: exceptRooms, excluding: excluding)
            if !sockets.isEmpty { body(loop, sockets) }
        }
    }
}
