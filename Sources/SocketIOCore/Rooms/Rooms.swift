/// Who is in which room: of one namespace, on one event loop.
///
/// A room exists while it has members.
public struct Rooms<Member: Hashable> {
    private var members: [String: Set<Member>] = [:]
    private var joined: [Member: Set<String>] = [:]

    /// (member, room) pairs.
    public private(set) var entryCount = 0

    public init() {}

    /// False if the member was there before.
    @discardableResult
    public mutating func join(_ member: Member, _ room: String) -> Bool {
        guard members[room, default: []].insert(member).inserted else { return false }
        joined[member, default: []].insert(room)
        entryCount &+= 1
        return true
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
        guard let rooms = joined.removeValue(forKey: member) else { return [] }
        for room in rooms { remove(member, from: room) }
        return rooms
    }

    /// All members of the room, which are returned, leave it.
    @discardableResult
    public mutating func close(_ room: String) -> Set<Member> {
        guard let leaving = members.removeValue(forKey: room) else { return [] }
        entryCount &-= leaving.count
        for member in leaving {
            joined[member]?.remove(room)
            if joined[member]?.isEmpty == true { joined[member] = nil }
        }
        return leaving
    }

    public func rooms(of member: Member) -> Set<String> { joined[member] ?? [] }

    public func members(of room: String) -> Set<Member> { members[room] ?? [] }

    private mutating func remove(_ member: Member, from room: String) {
        members[room]?.remove(member)
        if members[room]?.isEmpty == true { members[room] = nil }
        entryCount &-= 1
    }
}
