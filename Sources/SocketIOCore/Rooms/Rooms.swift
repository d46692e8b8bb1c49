/// Who is in which room: of one namespace, on one event loop.
///
/// A room exists while it has members.
public struct Rooms<Member: Hashable> {
    private var members: [String: Set<Member>] = [:]
    private var joined: [Member: Set<String>] = [:]

    /// (member, room) pairs.
    public private(set) var entryCount = 0

    public init() {}

    public mutating func join(_ member: Member, _ room: String) {
        guard members[room, default: []].insert(member).inserted else { return }
        joined[member, default: []].insert(room)
        entryCount &+= 1
    }

    public mutating func leave(_ member: Member, _ room: String) {
        guard joined[member]?.remove(room) != nil else { return }
        if joined[member]?.isEmpty == true { joined[member] = nil }
        remove(member, from: room)
    }

    /// The member leaves all its rooms.
    public mutating func leaveAll(_ member: Member) {
        guard let rooms = joined.removeValue(forKey: member) else { return }
        for room in rooms { remove(member, from: room) }
    }

    /// All members of the room leave it.
    public mutating func close(_ room: String) {
        guard let leaving = members.removeValue(forKey: room) else { return }
        entryCount &-= leaving.count
        for member in leaving {
            joined[member]?.remove(room)
            if joined[member]?.isEmpty == true { joined[member] = nil }
        }
    }

    public func rooms(of member: Member) -> Set<String> { joined[member] ?? [] }

    public func members(of room: String) -> Set<Member> { members[room] ?? [] }

    private mutating func remove(_ member: Member, from room: String) {
        members[room]?.remove(member)
        if members[room]?.isEmpty == true { members[room] = nil }
        entryCount &-= 1
    }
}
