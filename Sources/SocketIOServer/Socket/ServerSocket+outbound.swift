import EngineIOCore
import SocketIOCore
import SocketIOHandlers
import SocketIOTransport

/// What waits for a client that reads too slowly. The queue is that of the connection: the client's sockets share it.
extension ServerSocket {
    /// What waits for the client: for its next poll, or until it has read what was sent before. What the system holds, and
    /// the connection of packets that are smaller than 64 KiB, is not counted.
    public struct Buffered: Sendable, Equatable {
        public var bytes: Int
        public var packets: Int

        public init(bytes: Int, packets: Int) {
            self.bytes = bytes
            self.packets = packets
        }
    }

    public var buffered: Buffered { Buffered(bytes: session.bufferedBytes, packets: session.bufferedPackets) }

    /// Whether an event would leave at once: a volatile one is dropped if not.
    public var isWritable: Bool { session.isWritable && !isDisconnected }

    /// Calls `handler` when all that waited for the client has left. It may wait again by then, and is not called for
    /// what waited for less than a turn of the event loop.
    @discardableResult
    public func onDrain(
        as registration: Registration = Registration(), _ handler: @escaping DrainHandler
    ) throws(SocketError) -> Registration {
        namespace.counters.hearsOfDrains.store(true, ordering: .relaxed)
        try changeListeners { $0.listeners.drain.add(handler, registration, first: false) }
        return registration
    }

    func drained() {
        guard isConnected else { return }
        for handler in own(\.listeners.drain.handlers) ?? [] { handler(self) }
        for handler in namespace.handlers(\.drain) { handler(self) }
    }

    // MARK: Writing, on the loop

    /// Writes the packets of an event, or of what `type` says: of one whole packet of Socket.IO, of which all or none
    /// are dropped. `ticket`: the reply that is awaited.
    func write(
        _ packets: [EnginePacket], _ delivery: Delivery, _ ticket: PendingAck? = nil,
        as type: SocketIOCore.PacketType? = nil
    ) {
        guard session.sendThrough(packets) || writeBehind(packets, delivery, ticket) else { return }
        session.traffic.sent(type ?? (packets.count > 1 ? .binaryEvent : .event))
    }

    /// Writes an event that is one packet; `packets` is that packet. True if it is on its way, and to be counted.
    @inline(__always)
    func write(_ packet: EnginePacket, of packets: [EnginePacket], _ delivery: Delivery) -> Bool {
        session.sendThrough(packet) || writeBehind(packets, delivery, nil)
    }

    @inline(never)
    private func writeBehind(_ packets: [EnginePacket], _ delivery: Delivery, _ ticket: PendingAck?) -> Bool {
        session.send(
            packets,
            EngineSession.Terms(
                policy: delivery.policy ?? namespace.socketLimits.overflow, isVolatile: delivery.isVolatile,
                key: delivery.key.map { MessageKey($0, scope: rawHandle) }, ticket: ticket))
    }

    /// Room for packets that are handed to the loop; nil if that is so far behind that it gets no more.
    func reserve(_ packets: [EnginePacket]) -> Reservation? { session.engine.reserve(packets) }

    /// Whether an event goes the same way as what must not be dropped.
    func keeps(_ content: ValidMessage, isVolatile: Bool) -> Bool {
        !isVolatile && content.coalesceKey.isEmpty
            && (content.overflow ?? namespace.socketLimits.overflow) == .close
    }
}

extension Namespace {
    /// Whether an event need not arrive.
    func mayDrop(_ delivery: Delivery) -> Bool {
        delivery.isVolatile || (delivery.policy ?? socketLimits.overflow) != .close
    }
}

extension SocketError {
    static let loopsBehind = SocketError(
        .limit,
        "More is emitted than the event loops come to: what other threads have emitted has reached "
            + "max_pending_emit_bytes. Emit less, emit later, or raise it.")
}
