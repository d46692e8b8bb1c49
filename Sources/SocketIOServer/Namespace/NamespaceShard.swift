import EngineIOCore
import SocketIOCore
import SocketIOTransport
import Synchronization

/// A namespace's part on one event loop: its sockets there, and their rooms.
///
/// Members have a lock, so that joining, leaving and choosing whom a broadcast goes to happen at the call, on
/// whatever thread that is; the path of an event does not take it.
package final class NamespaceShard: @unchecked Sendable {
    // SAFETY: the cached handlers are used on the loop only.

    fileprivate struct Members {
        var sockets: [SessionID: ServerSocket] = [:]
        var rooms = Rooms<ServerSocket>()
        /// All sockets, for who broadcasts, until they change.
        var everybody: [ServerSocket]?
    }

    // SAFETY: whoever uses a shard holds the namespace: it, or a socket of it.
    private unowned(unsafe) let namespace: Namespace
    /// What the loop counts.
    let replyDurations: DurationCells
    private let members = Mutex(Members())
    private var cachedHandlers = EventHandlers()
    private var cachedVersion = 0

    init(namespace: Namespace, loop: SocketLoop) {
        self.namespace = namespace
        replyDurations = namespace.counters.metrics.replyCells(of: loop.engineLoop)
    }

    /// The namespace's handlers as they are now; on the loop.
    var handlers: EventHandlers {
        let version = namespace.handlersVersion
        if version != cachedVersion {
            cachedVersion = version
            cachedHandlers = namespace.handlers
        }
        return cachedHandlers
    }

    /// Lets go of the handlers, when the server ends.
    func forgetHandlers() {
        // SAFETY: the server is closed, nothing runs on its loops any more.
        cachedHandlers = EventHandlers()
    }

    // Those that change rooms return what is to be told to those that listen: ``Namespace/tell(_:)``, once no lock is
    // held.

    func add(_ socket: ServerSocket) -> [RoomEvent] {
        changingRooms(
            {
                members.withLock { members in
                    members.sockets[socket.socketID.characters] = socket
                    members.everybody = nil
                    // It may have joined rooms before it was connected.
                    members.rooms.forgetAudiences(of: socket)
                }
            },
            steps: { [RoomWatch.Step(room: socket.id, socket: socket, joins: true)] }
        ).events
    }

    /// Returns the rooms that the socket was in, too, its own not among them.
    func remove(_ socket: ServerSocket) -> (rooms: Set<String>, events: [RoomEvent]) {
        let (left, events) = changingRooms(
            {
                members.withLock { members -> (wasHere: Bool, rooms: Set<String>) in
                    let own = members.sockets.removeValue(forKey: socket.socketID.characters)
                    members.everybody = nil
                    return (own != nil, members.rooms.leaveAll(socket))
                }
            },
            steps: { left in
                ((left.wasHere ? [socket.id] : []) + left.rooms.sorted()).map {
                    RoomWatch.Step(room: $0, socket: socket, joins: false)
                }
            })
        return (left.rooms, events)
    }

    enum JoinOutcome {
        /// With what is to be told to those that listen to rooms.
        case done([RoomEvent])
        /// The socket is not, or no longer, connected.
        case gone
        /// It is in as many rooms as one may be.
        case full
    }

    func join(_ socket: ServerSocket, _ room: String) -> JoinOutcome {
        enum Outcome { case gone, wasThere, joined, full }
        let limit = namespace.socketLimits.rooms
        let (outcome, events) = changingRooms(
            {
                members.withLock { members -> Outcome in
                    // A socket that is asked about by a middleware may choose its rooms already.
                    guard !socket.isDisconnected else { return .gone }
                    guard room != socket.id else { return .wasThere }
                    switch members.rooms.join(socket, room, limit: limit) {
                    case .joined: return .joined
                    case .wasThere: return .wasThere
                    case .full: return .full
                    }
                }
            },
            steps: { $0 == .joined ? [RoomWatch.Step(room: room, socket: socket, joins: true)] : [] })
        switch outcome {
        case .gone: return .gone
        case .full: return .full
        case .wasThere, .joined: return .done(events)
        }
    }

    func leave(_ socket: ServerSocket, _ room: String) -> [RoomEvent] {
        changingRooms(
            { members.withLock { $0.rooms.leave(socket, room) } },
            steps: { $0 ? [RoomWatch.Step(room: room, socket: socket, joins: false)] : [] }
        ).events
    }

    func close(_ room: String) -> [RoomEvent] {
        changingRooms(
            { members.withLock { $0.rooms.close(room) } },
            steps: { $0.map { RoomWatch.Step(room: room, socket: $0, joins: false) } }
        ).events
    }

    /// Changes rooms; `steps` says what to tell those that listen, if there are any.
    @inline(__always)
    private func changingRooms<Result>(
        _ change: () -> Result, steps: (Result) -> [RoomWatch.Step]
    ) -> (result: Result, events: [RoomEvent]) {
        guard namespace.roomWatch.isOn else { return (change(), []) }
        return namespace.watching(rooms: change, steps)
    }

    /// How many are in a room, for those who listen to rooms.
    func memberCount(of room: String) -> Int {
        members.withLock { $0.count(of: room, namespace) }
    }

    func rooms(of socket: ServerSocket) -> [String] {
        members.withLock { $0.rooms.rooms(of: socket).sorted() }
    }

    func socket(_ id: SocketID) -> ServerSocket? {
        members.withLock { $0.socket(id) }
    }

    var counts: (sockets: Int, roomEntries: Int) {
        members.withLock { ($0.sockets.count, $0.sockets.count &+ $0.rooms.entryCount) }
    }

    /// The sockets that a broadcast goes to, each once. The next broadcast to the same gets the same array: to count a
    /// reference for each socket, on another thread than its loop's, takes longer than to write to it.
    func sockets(in rooms: [String], except: [String], excluding: ServerSocket?) -> [ServerSocket] {
        members.withLock { members in
            var chosen: [ServerSocket]
            switch rooms.count {
            case 0: chosen = members.all()
            case 1: chosen = members.of(rooms[0], namespace)
            default: chosen = Array(rooms.reduce(into: Set()) { $0.formUnion(members.of($1, namespace)) })
            }
            if !except.isEmpty {
                let out = except.reduce(into: Set()) { $0.formUnion(members.of($1, namespace)) }
                chosen.removeAll { out.contains($0) }
            }
            if let excluding { chosen.removeAll { $0 === excluding } }
            return chosen
        }
    }
}

extension NamespaceShard.Members {
    /// A room's members; every socket is alone in the room that has its id.
    fileprivate mutating func of(_ room: String, _ namespace: Namespace) -> [ServerSocket] {
        var found = rooms.audience(of: room, where: \.isConnected)
        if let id = SocketID(room, in: namespace), let socket = socket(id) { found.append(socket) }
        return found
    }

    fileprivate mutating func all() -> [ServerSocket] {
        if let everybody { return everybody }
        let made = Array(sockets.values)
        everybody = made
        return made
    }

    fileprivate func count(of room: String, _ namespace: Namespace) -> Int {
        let isOwn = SocketID(room, in: namespace).map { socket($0) != nil } ?? false
        return rooms.members(of: room).count &+ (isOwn ? 1 : 0)
    }

    fileprivate func socket(_ id: SocketID) -> ServerSocket? {
        guard let socket = sockets[id.characters], socket.socketID == id else { return nil }
        return socket
    }
}
