import SocketIOTransport

/// Whom a broadcast goes to. Each call returns another one: they can be kept and used again.
public struct BroadcastOperator: Sendable {
    private let namespace: Namespace
    private var rooms: [String] = []
    private var exceptRooms: [String] = []
    private var excluding: ServerSocket?
    private var isVolatile = false
    private var compresses = true

    package init(namespace: Namespace, excluding: ServerSocket? = nil) {
        self.namespace = namespace
        self.excluding = excluding
    }

    /// Adds a room: a socket in any of them gets the event, once.
    public func to(_ room: String) -> BroadcastOperator { with { $0.rooms.append(room) } }

    /// Leaves out the sockets of a room.
    public func except(_ room: String) -> BroadcastOperator { with { $0.exceptRooms.append(room) } }

    /// Leaves out one socket.
    package func except(_ socket: ServerSocket?) -> BroadcastOperator { with { $0.excluding = socket } }

    /// Drops the event for those who cannot take it at once.
    public var volatile: BroadcastOperator { with { $0.isVolatile = true } }

    /// Whether the event may be compressed, for those that know how, if it is large enough.
    public func compress(_ compresses: Bool) -> BroadcastOperator { with { $0.compresses = compresses } }

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
        try EventMessage.withBytes(name: event, args: args, attachments: attachments, compresses: compresses) {
            (message) throws(SocketError) in try emit(message)
        }
    }

    package func emit(_ message: borrowing EventMessage) throws(SocketError) {
        let content = try message.validatedEvent()
        // Encoded once, for all.
        let packets = try content.enginePackets(
            content.event(namespace: namespace.wireName, acknowledgement: nil), namespace.parser)
        let isVolatile = isVolatile
        let outgoing = namespace.watchesOutgoing ? OutgoingContent(content) : nil
        forEachLoop { loop, sockets in
            @Sendable func write() {
                for socket in sockets where !socket.isDisconnected {
                    if let outgoing { socket.tellOutgoing(outgoing) }
                    socket.write(packets, isVolatile: isVolatile)
                }
            }
            if loop.isCurrent { write() } else { loop.engineLoop.post(write) }
        }
    }

    /// Disconnects the sockets; with `close`, their connections too.
    public func disconnectSockets(close: Bool = false) {
        forEachLoop { loop, sockets in
            loop.engineLoop.run { for socket in sockets { try? socket.disconnect(close: close) } }
        }
    }

    /// The sockets, as they are now.
    public var sockets: [ServerSocket] {
        var all: [ServerSocket] = []
        forEachLoop { _, sockets in all += sockets }
        return all
    }

    private func forEachLoop(_ body: (SocketLoop, [ServerSocket]) -> Void) {
        for (loop, shard) in namespace.shards {
            let sockets = shard.sockets(in: rooms, except: exceptRooms, excluding: excluding)
            if !sockets.isEmpty { body(loop, sockets) }
        }
    }
}
