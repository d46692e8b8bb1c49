import SocketIOCore
import Testing

@Suite struct RoomsTests {
    /// The rooms after some steps: "a+red" joins, "a-red" leaves, "a-*" leaves all, "*-red" closes the room.
    private func rooms(_ steps: String) -> Rooms<String> {
        var rooms = Rooms<String>()
        for step in steps.split(separator: " ") {
            let joins = step.contains("+")
            let parts = step.split(separator: joins ? "+" : "-").map(String.init)
            switch (joins, parts[0], parts[1]) {
            case (true, let member, let room): rooms.join(member, room)
            case (false, "*", let room): rooms.close(room)
            case (false, let member, "*"): rooms.leaveAll(member)
            case (false, let member, let room): rooms.leave(member, room)
            }
        }
        return rooms
    }

    /// "red: a b, blue: a", and the same from the side of the members.
    private func describe(_ rooms: Rooms<String>) -> String {
        let names = ["red", "blue", ""]
        let members = ["a", "b", "c"]
        var entries = 0
        var parts: [String] = []
        for name in names {
            let inside = rooms.members(of: name).sorted()
            #expect(inside == members.filter { rooms.rooms(of: $0).contains(name) })
            entries += inside.count
            if !inside.isEmpty { parts.append("\(name): \(inside.joined(separator: " "))") }
        }
        #expect(rooms.entryCount == entries)
        return parts.joined(separator: ", ")
    }

    private static let cases: [(String, String)] = [
        ("", ""),
        ("a+red", "red: a"),
        ("a+red a+red", "red: a"),
        ("a+red b+red a+blue", "red: a b, blue: a"),
        ("a+red a-red", ""),
        ("a+red a-blue", "red: a"),
        ("a-red", ""),
        ("a+red b+red a-red", "red: b"),
        ("a+red a-red a-red a+red", "red: a"),
        ("a+red a+blue b+red a-*", "red: b"),
        ("a-*", ""),
        ("a+red b+red a+blue *-red", "blue: a"),
        ("*-red", ""),
        ("a+red *-red *-red a-red a-*", ""),
        ("a+red *-red a+red", "red: a"),
        ("a+red b+blue c+red *-red c+blue", "blue: b c"),
    ]

    @Test(arguments: cases)
    private func keepsWhoIsWhere(_ steps: String, _ expected: String) {
        #expect(describe(rooms(steps)) == expected)
    }

    /// Who broadcasts to the same members again gets the same array, until they change.
    @Test func anAudienceIsMadeOnce() {
        var rooms = Rooms<String>()
        var asked = 0
        var away: Set<String> = []
        func audience(_ room: String) -> [String] {
            asked = 0
            return rooms.audience(of: room) { member in
                asked += 1
                return !away.contains(member)
            }.sorted()
        }
        rooms.join("a", "red")
        rooms.join("b", "red")
        rooms.join("c", "blue")
        #expect(audience("red") == ["a", "b"] && asked == 2)
        #expect(audience("red") == ["a", "b"] && asked == 0)
        rooms.join("b", "red")
        rooms.join("c", "green")
        rooms.leave("c", "blue")
        #expect(audience("red") == ["a", "b"] && asked == 0)
        rooms.join("c", "red")
        #expect(audience("red") == ["a", "b", "c"] && asked == 3)
        rooms.leave("a", "red")
        #expect(audience("red") == ["b", "c"])
        rooms.leaveAll("b")
        #expect(audience("red") == ["c"])
        away = ["c"]
        rooms.forgetAudiences(of: "c")
        #expect(audience("red") == [] && asked == 1)
        away = []
        #expect(audience("red") == [] && asked == 0)
        rooms.forgetAudiences(of: "c")
        #expect(audience("red") == ["c"])
        rooms.close("red")
        #expect(audience("red") == [] && audience("black") == [])
    }

    @Test func takesTheEmptyNameForARoom() {
        var rooms = Rooms<String>()
        rooms.join("a", "")
        #expect(describe(rooms) == ": a")
        rooms.leave("a", "")
        #expect(describe(rooms) == "")
    }

    @Test func aMemberIsInAsManyRoomsAsItMay() {
        var rooms = Rooms<String>()
        let early = [("a", "red"), ("a", "blue"), ("a", ""), ("a", "blue"), ("b", "")].map {
            rooms.join($0.0, $0.1, limit: 2)
        }
        #expect(early == [.joined, .joined, .full, .wasThere, .joined])
        rooms.leave("a", "red")
        let late = rooms.join("a", "", limit: 2)
        #expect(late == .joined)
        #expect(rooms.members(of: "") == ["a", "b"])
        #expect(rooms.entryCount == 3)
    }

    @Test func forgetsRoomsWithoutMembers() {
        var rooms = Rooms<Int>()
        for member in 0..<1000 {
            for room in 0..<3 { rooms.join(member, "\(member &+ room)") }
        }
        #expect(rooms.entryCount == 3000)
        for member in 0..<1000 { rooms.leaveAll(member) }
        #expect(rooms.entryCount == 0)
        #expect(rooms.members(of: "500").isEmpty)
        #expect(rooms.rooms(of: 500).isEmpty)
    }
}
