/// Who is in which room: of one namespace, on one event loop.
///
/// A room exists while it has members.
public struct Rooms<Member: Hashable> {
    private struct Room {
        var members: Set<Member> = []
        /// What was made of them for who broadcasts, until they change.
        var audience: [Member]?
    }

    private var rooms: [String: Room] = [:]
    private var joined: [Member: Set<String>] = [:]

    /// (member, room) pairs.
    public private(set) var entryCount = 0

    public init() {}

    public enum JoinOutcome: Sendable {
        case joined
        case wasThere
        /// The member is in `limit` rooms already.
        case full
    }

    /// The member joins a room, unless it is in `limit` others, one at the least.
    @discardableResult
    public mutating func join(_ member: Member, _ room: String, limit: Int = .max) -> JoinOutcome {
        let outcome = Self.add(room, to: &joined[member, default: []], limit: max(1, limit))
        guard outcome == .joined else { return outcome }
        Self.change(&rooms[room, default: Room()]) { _ = $0.insert(member) }
        entryCount &+= 1
        return .joined
    }

    private static func add(_ room: String, to rooms: inout Set<String>, limit: Int) -> JoinOutcome {
        guard rooms.count >= limit else { return rooms.insert(room).inserted ? .joined : .wasThere }
        return rooms.contains(room) ? .wasThere : .full
    }

    /// False if the member was not there.
    @discardableResult
    public mutating func leave(_ member: Member, _ room: String) -> Bool {
        guard joined[member]?.remove(room) != nil else { return false }
        if joined[member]?.isEmpty == true { joined[member] = nil }
        remove(member, from: room)
        return true
    }

    /// The member leaves all its rooms, which are returned.
    @discardableResult
    public mutating func leaveAll(_ member: Member) -> Set<String> {
        // An empty dictionary would compute the hash all the same.
        guard !joined.isEmpty, let rooms = joined.removeValue(forKey: member) else { return [] }
        for room in rooms { remove(member, from: room) }
        return rooms
    }

    /// All members of the room, which are returned, leave it.
    @discardableResult
    public mutating func close(_ room: String) -> Set<Member> {
        guard let leaving = rooms.removeValue(forKey: room)?.members else { return [] }
        entryCount &-= leaving.count
        for member in leaving {
            joined[member]?.remove(room)
            if joined[member]?.isEmpty == true { joined[member] = nil }
        }
        return leaving
    }

    public func rooms(of member: Member) -> Set<String> { joined[member] ?? [] }

    public func members(of room: String) -> Set<Member> { rooms[room]?.members ?? [] }

    /// The members that `isIncluded` says yes to. It is asked once: the same array is returned until the room's members
    /// change, or ``forgetAudiences(of:)`` says that it would answer another way.
    public mutating func audience(of room: String, where isIncluded: (Member) -> Bool) -> [Member] {
        guard let known = rooms[room] else { return [] }
        if let audience = known.audience { return audience }
        let audience = Array(known.members.lazy.filter(isIncluded))
        rooms[room]?.audience = audience
        return audience
    }

    /// Whether the member is included in the audiences of its rooms has changed.
    public mutating func forgetAudiences(of member: Member) {
        guard !joined.isEmpty else { return }
        for room in joined[member] ?? [] { rooms[room]?.audience = nil }
    }

    private mutating func remove(_ member: Member, from room: String) {
        if let index = rooms.index(forKey: room) {
            Self.change(&rooms.values[index]) { _ = $0.remove(member) }
            if rooms.values[index].members.isEmpty { rooms.remove(at: index) }
        }
        entryCount &-= 1
    }

    private static func change(_ room: inout Room, _ change: (inout Set<Member>) -> Void) {
        room.audience = nil
        change(&room.members)
    }
}
