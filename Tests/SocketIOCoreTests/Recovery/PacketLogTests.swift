import Testing

@testable import SocketIOCore

@Suite struct PacketLogTests {
    private func log(
        _ packets: [(String, rooms: [String], except: [String])] = [], capacity: Int = 1000
    ) -> PacketLog<String> {
        var log = PacketLog<String>(tag: "t", duration: 100, capacity: capacity)
        for (packet, rooms, except) in packets {
            log.append(packet, size: 10, rooms: rooms, except: except, now: 0)
        }
        return log
    }

    @Test func offsetsCount() {
        var log = log()
        #expect(log.lastNumber == 0)
        #expect(log.number(of: "t1") == nil)
        #expect(log.nextOffset == "t1")
        log.append("a", size: 1, rooms: [], except: [], now: 0)
        #expect(log.nextOffset == "t2")
        #expect(log.number(of: "t1") == 1)
        for text in ["t2", "t0", "1", "", "x1", "t", "t-1", "t1 ", "tzzzzzzzzzzzzzzzzzzzz"] {
            #expect(log.number(of: text) == nil, "\(text)")
        }
    }

    @Test func onlyWhatWentToTheRoomsIsMissed() {
        let log = log([
            ("all", [], []), ("red", ["red"], []), ("red or blue", ["red", "blue"], []), ("not red", [], ["red"]),
            ("blue, not me", ["blue"], ["me"]), ("me", ["me"], []),
        ])
        #expect(log.missed(after: 0, rooms: ["me", "red"]) == ["all", "red", "red or blue", "me"])
        #expect(log.missed(after: 2, rooms: ["me", "red"]) == ["red or blue", "me"])
        #expect(log.missed(after: 0, rooms: ["you", "blue"]) == ["all", "red or blue", "not red", "blue, not me"])
        #expect(log.missed(after: 6, rooms: ["me"]) == [])
        #expect(log.missed(after: 7, rooms: ["me"]) == nil)
    }

    @Test func whatIsTooOldGoes() {
        var log = log([("a", [], []), ("b", [], [])])
        log.append("c", size: 10, rooms: [], except: [], now: 100)
        #expect(log.count == 3)
        log.purge(now: 101)
        #expect(log.count == 1)
        #expect(log.size == 10)
        // "c" is all that came behind "b".
        #expect(log.missed(after: 2, rooms: []) == ["c"])
        #expect(log.missed(after: 1, rooms: []) == nil)
        log.purge(now: 1000)
        #expect(log.count == 0)
        #expect(log.lastNumber == 3)
        #expect(log.missed(after: 3, rooms: []) == [])
        #expect(log.nextOffset == "t4")
    }

    @Test func whatHasNoRoomGoes() {
        var log = PacketLog<Int>(tag: "t", duration: 100, capacity: 100)
        for number in 1...1000 {
            log.append(number, size: 10, rooms: [], except: [], now: 0)
            #expect(log.size <= 100)
        }
        #expect(log.count == 10)
        #expect(log.missed(after: 990, rooms: []) == Array(991...1000))
        #expect(log.missed(after: 989, rooms: []) == nil)
        // One that is larger than all the room is not kept, and is missed.
        log.append(0, size: 101, rooms: [], except: [], now: 0)
        #expect(log.count == 0)
        #expect(log.missed(after: 1000, rooms: []) == nil)
        #expect(log.missed(after: 1001, rooms: []) == [])
    }

    @Test func theOldestGoIfLessIsAllowed() {
        var log = log([("a", [], []), ("b", [], []), ("c", [], [])])
        log.shrink(to: 30)
        #expect(log.count == 3)
        log.shrink(to: 29)
        #expect(log.size == 20)
        #expect(log.missed(after: 0, rooms: []) == nil)
        #expect(log.missed(after: 1, rooms: []) == ["b", "c"])
        log.shrink(to: 0)
        #expect(log.count == 0)
        #expect(log.lastNumber == 3)
    }
}

@Suite struct RecoveryRequestTests {
    @Test(arguments: [
        (#"{"pid":"a","offset":"b"}"#, RecoveryRequest(privateID: "a", offset: "b")),
        (#"{"offset":"b","x":[{"pid":"no"}],"pid":"a"}"#, RecoveryRequest(privateID: "a", offset: "b")),
        (#"{"pid":"a"}"#, RecoveryRequest(privateID: "a", offset: nil)),
        (#"{"pid":"a","offset":5}"#, RecoveryRequest(privateID: "a", offset: "")),
        (#"{"pid":"a","offset":["b"]}"#, RecoveryRequest(privateID: "a", offset: "")),
        (#"{"pid":"a","offset":"\u0062"}"#, RecoveryRequest(privateID: "a", offset: "")),
        (#"{"pid":"a","pid":"b"}"#, RecoveryRequest(privateID: "b", offset: nil)),
        (#"{ "pid" : "a" , "offset" : "b" }"#, RecoveryRequest(privateID: "a", offset: "b")),
        (#"{"x":"pid","y":"a"}"#, nil), (#"{"x":{"pid":"a"}}"#, nil), (#"{"offset":"b"}"#, nil), ("{}", nil),
        (#"{"pid":1}"#, nil), (#"{"pid":["a"]}"#, nil), (#"{"pid":"\u0061"}"#, nil), (#"["pid","a"]"#, nil),
        ("null", nil), (#""pid""#, nil), ("", nil),
    ])
    func readsIt(_ auth: String, _ request: RecoveryRequest?) {
        #expect(RecoveryRequest(auth: auth) == request)
    }

    @Test func longTextsAreNone() {
        let long = String(repeating: "a", count: 65)
        #expect(RecoveryRequest(auth: #"{"pid":"\#(long)"}"#) == nil)
        // What cannot be an offset is not the same as none, which asks for everything.
        #expect(RecoveryRequest(auth: #"{"pid":"a","offset":"\#(long)"}"#)?.offset == "")
    }
}
