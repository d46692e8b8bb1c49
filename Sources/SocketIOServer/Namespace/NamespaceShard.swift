import EngineIOCore
import SocketIOCore
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
    }

    private unowned let namespace: Namespace
    private let members = Mutex(Members())
    private var cachedHandlers = HandlerTable.empty
    private var cachedVersion = 0

    init(namespace: Namespace) {
        self.namespace = namespace
    }

    /// The namespace's handlers as they are now; on the loop.
    var handlers: HandlerTable {
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
        cachedHandlers = .empty
    }

    func add(_ socket: ServerSocket) {
        members.withLock { $0.sockets[socket.socketID.characters] = socket }
    }

    func remove(_ socket: ServerSocket) {
        members.withLock { members in
            members.sockets[socket.socketID.characters] = nil
            members.rooms.leaveAll(socket)
        }
    }

    /// False if the socket is not, or no longer, connected.
    func join(_ socket: ServerSocket, _ room: String) -> Bool {
        members.withLock { members in
            // A socket that is asked about by a middleware may choose its rooms already.
            guard !socket.isDisconnected else { return false }
            if room != socket.id { members.rooms.join(socket, room) }
            return true
        }
    }

    func leave(_ socket: ServerSocket, _ room: String) {
        members.withLock { $0.rooms.leave(socket, room) }
    }

    func close(_ room: String) {
        members.withLock { $0.rooms.close(room) }
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

    /// The sockets that a broadcast goes to, each once.
    func sockets(in rooms: [String], except: [String], excluding: ServerSocket?) -> [ServerSocket] {
        members.withLock { members in
            var chosen: [ServerSocket]
            switch rooms.count {
            case 0: chosen = Array(members.sockets.values)
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
    fileprivate func of(_ room: String, _ namespace: Namespace) -> [ServerSocket] {
        var found = Array(rooms.members(of: room)).filter(\.isConnected)
        if let id = SocketID(room, in: namespace), let socket = socket(id) { found.append(socket) }
        return found
    }

    fileprivate func socket(_ id: SocketID) -> ServerSocket? {
        guard let socket = sockets[id.characters], socket.socketID == id else { return nil }
        return socket
    }
}
