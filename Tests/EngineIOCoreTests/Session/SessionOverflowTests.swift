import Testing

@testable import EngineIOCore

/// What becomes of messages when too much waits for a client.
@Suite struct SessionOverflowTests {
    private static let small = SessionConfiguration {
        $0.bufferedBytes = 4
        $0.bufferedPackets = 3
    }

    private static let policies: [SessionTranscript] = [
        SessionTranscript(
            "packets are limited, too", over: .webSocket, small,
            """
            time | who    | does    | comes
            0    | socket | stalls  | -
                 | server | emits a | queued
                 |        | emits b | queued
                 |        | emits c | queued
                 |        | emits d | overflow; WS <- Close, transport error
            """),
        SessionTranscript(
            "the newest is dropped", over: .webSocket, small,
            """
            time | who    | does            | comes
            0    | socket | stalls          | -
                 | server | emits newest ab | queued
                 |        | emits newest cd | queued
                 |        | emits newest e  | dropped, newest
            1    | socket | drains          | WS <- ab cd
                 | server | emits newest e  | WS <- e
            """),
        SessionTranscript(
            "the oldest are dropped", over: .webSocket, small,
            """
            time | who    | does             | comes
            0    | socket | stalls           | -
                 | server | emits oldest a   | queued
                 |        | emits oldest bb  | queued
                 |        | emits oldest c   | queued
                 |        | emits oldest ddd | queued; oldest a; oldest bb
                 |        | emits oldest eeeee | dropped, newest
                 |        | asks             | open, websocket, 4 B, 2 packets
            1    | socket | drains           | WS <- c ddd
            """),
        SessionTranscript(
            "a message and its attachments are dropped together", over: .webSocket, small,
            """
            time | who    | does               | comes
            0    | socket | stalls             | -
                 | server | emits oldest a+b+c | queued
                 |        | emits oldest d     | queued; oldest a
                 |        | emits oldest e+f   | queued
                 |        | emits newest g+h   | dropped, newest
            1    | socket | drains             | WS <- d e f
            """),
        SessionTranscript(
            "what is left of a message is not dropped", over: .webSocket, small,
            """
            time | who    | does               | comes
            0    | socket | stalls             | -
                 | server | emits oldest a+b+c | queued
            1    | socket | has room           | -
                 |        | takes one          | WS <- a
                 |        | stalls             | -
                 | server | emits oldest d     | queued
                 |        | emits oldest e     | queued; oldest d
                 |        | emits oldest f+g   | dropped, newest
            2    | socket | drains             | WS <- b c e
            """),
        SessionTranscript(
            "what is larger than may wait does not leave at once either", over: .webSocket, small,
            """
            time | who    | does               | comes
            0    | server | emits abcd         | WS <- abcd
                 |        | emits newest abcde | dropped, newest
                 |        | emits oldest ab+cd+e | dropped, newest
                 |        | emits volatile abcde | dropped
                 |        | emits oldest ab+cd | WS <- ab cd
                 |        | emits abcde        | overflow; WS <- Close, transport error
            """),
        SessionTranscript(
            "the rest of a message that a poll has begun stays",
            SessionConfiguration {
                $0.bufferedPackets = 3
                $0.packetsPerPoll = 1
            },
            """
            time | who    | does               | comes
            0    | server | emits oldest a+b+c | queued
            1    | client | GET                | GET <- a
            2    | server | emits oldest d     | queued
                 |        | emits oldest e     | queued; oldest d
                 |        | emits oldest f     | queued; oldest e
            3    | client | GET                | GET <- b
            4    |        | GET                | GET <- c
            5    |        | GET                | GET <- f
            """),
        SessionTranscript(
            "what is volatile is dropped first, whatever the policy",
            SessionConfiguration {
                $0.bufferedPackets = 3
                $0.packetsPerPoll = 3
            },
            """
            time | who    | does             | comes
            0    | client | GET              | waits
            1    | server | emits oldest a   | a flush is due
                 |        | emits volatile b | a flush is due
                 |        | emits oldest c   | a flush is due
                 |        | emits newest d   | a flush is due; volatile b
                 |        | emits volatile e | dropped
                 |        | emits oldest f   | a flush is due; oldest a
                 |        | turn ends        | GET <- c d f
            """),
        SessionTranscript(
            "what may be dropped makes room for what may not", over: .webSocket, small,
            """
            time | who    | does           | comes
            0    | socket | stalls         | -
                 | server | emits oldest a | queued
                 |        | emits newest b | queued
                 |        | emits c        | queued
                 |        | emits d        | queued; oldest a
                 |        | emits e        | queued; oldest b
                 |        | emits oldest f | dropped, newest
                 |        | emits g        | overflow; WS <- Close, transport error
            """),
        SessionTranscript(
            "a message that cannot fit drops nobody", over: .webSocket, small,
            """
            time | who    | does               | comes
            0    | socket | stalls             | -
                 | server | emits oldest a     | queued
                 |        | emits oldest bcdef | dropped, newest
            1    | socket | drains             | WS <- a
            """),
    ]

    @Test(arguments: policies)
    private func overflows(_ transcript: SessionTranscript) { transcript.check() }

    private static let keys: [SessionTranscript] = [
        SessionTranscript(
            "a message takes the place of one of its key", over: .webSocket,
            """
            time | who    | does               | comes
            0    | socket | stalls             | -
                 | server | emits close k a+b  | queued
                 |        | emits c            | queued
                 |        | emits close l d    | queued
                 |        | emits close k e    | queued; coalesced a
                 |        | emits coalesce k f | queued; coalesced e
            1    | socket | drains             | WS <- f c d
                 | server | emits close k g    | WS <- g
                 | socket | stalls             | -
                 | server | emits close k h    | queued
            2    | socket | drains             | WS <- h
            """),
        SessionTranscript(
            "one that a poll has begun to take is not replaced", SessionConfiguration { $0.packetsPerPoll = 1 },
            """
            time | who    | does              | comes
            0    | server | emits close k a+b | queued
            1    | client | GET               | GET <- a
            2    | server | emits close k c   | queued
            3    | client | GET               | GET <- b
            4    |        | GET               | GET <- c
            """),
        SessionTranscript(
            "coalescing drops what has no key first", over: .webSocket, small,
            """
            time | who    | does               | comes
            0    | socket | stalls             | -
                 | server | emits oldest k a   | queued
                 |        | emits oldest b     | queued
                 |        | emits oldest l c   | queued
                 |        | emits coalesce d   | queued; oldest b
                 |        | emits coalesce m e | queued; oldest d
                 |        | emits coalesce n f | queued; oldest a
                 |        | emits oldest g     | queued; oldest c
            1    | socket | drains             | WS <- e f g
            """),
        SessionTranscript(
            "what takes a place may be larger", over: .webSocket, small,
            """
            time | who    | does                 | comes
            0    | socket | stalls               | -
                 | server | emits oldest aa      | queued
                 |        | emits oldest k b     | queued
                 |        | emits newest k cccc  | dropped, newest
                 |        | emits oldest k ccc   | queued; coalesced b; oldest aa
                 |        | emits d              | queued
                 |        | emits close k eeee   | overflow; WS <- Close, transport error
            """),
        SessionTranscript(
            "what is too large for its place leaves the old one there", over: .webSocket, small,
            """
            time | who    | does                  | comes
            0    | socket | stalls                | -
                 | server | emits aa              | queued
                 |        | emits coalesce k b    | queued
                 |        | emits coalesce k ccc  | dropped, newest
                 |        | emits oldest k cccc   | dropped, newest
                 |        | emits oldest k c+d+e  | dropped, newest
                 |        | emits coalesce k dd   | queued; coalesced b
            1    | socket | drains                | WS <- aa dd
            """),
        SessionTranscript(
            "what makes room for a larger one is another", over: .webSocket, small,
            """
            time | who    | does                 | comes
            0    | socket | stalls               | -
                 | server | emits coalesce k a   | queued
                 |        | emits coalesce l b   | queued
                 |        | emits coalesce m c   | queued
                 |        | emits coalesce k ddd | queued; coalesced a; oldest b
            1    | socket | drains               | WS <- ddd c
            """),
        SessionTranscript(
            "the terms of the later one hold", over: .webSocket, small,
            """
            time | who    | does               | comes
            0    | socket | stalls             | -
                 | server | emits close k a    | queued
                 |        | emits oldest l b   | queued
                 |        | emits oldest k c   | queued; coalesced a
                 |        | emits close l d    | queued; coalesced b
                 |        | emits oldest ef    | queued
                 |        | emits oldest gh    | queued; oldest c; oldest ef
                 |        | emits oldest l i   | queued; coalesced d
                 |        | emits newest jk    | dropped, newest
                 |        | emits oldest jklm  | queued; oldest i; oldest gh
            1    | socket | drains             | WS <- jklm
            """),
    ]

    @Test(arguments: keys)
    private func coalesces(_ transcript: SessionTranscript) { transcript.check() }

    @Test func keysBelongToTheirScopes() {
        var queue = OutboundQueue<Word>()
        let limit = QueueLimit(bytes: 100, packets: 100)
        for scope in [1, 2, 1] as [UInt64] {
            _ = queue.add(
                [Word(text: "\(scope)")], MessageTerms(key: MessageKey("k", scope: scope), ticket: ""), limit: limit)
        }
        #expect(queue.take(.max).map(\.text) == ["1", "2"])
    }

    @Test func theLimitOfTheServerSaysSo() {
        var queue = OutboundQueue<Word>()
        func add(_ text: String, _ terms: MessageTerms<String>, _ serverBytes: Int) -> String {
            let limit = QueueLimit(bytes: 10, packets: 10, serverBytes: serverBytes)
            switch queue.add([Word(text: text)], terms, limit: limit) {
            case .added(let others): return "added" + others.map { " \($0.reason)" }.joined()
            case .dropped(let reason, let others): return "\(reason)" + others.map { " \($0.reason)" }.joined()
            case .overflow: return "overflow"
            }
        }
        #expect(add("abc", MessageTerms(policy: .dropOldest), 5) == "added")
        #expect(add("def", MessageTerms(policy: .dropNewest), 5) == "server")
        #expect(add("def", MessageTerms(policy: .dropOldest), 5) == "added server")
        #expect(add("g", MessageTerms(isVolatile: true), 3) == "volatile")
        #expect(add("ghijkl", MessageTerms(), 5) == "overflow")
    }

    private final class Load {}

    private struct Heavy: SessionPacket {
        let load = Load()
        var byteCount: Int { 1 }
    }

    /// What has left is not in memory any more, however much waits behind it.
    @Test(arguments: [true, false]) func whatHasLeftIsGone(isKept: Bool) {
        weak var first: Load?
        var queue = OutboundQueue<Heavy>()
        func fill() {
            let packets = (0..<5).map { _ in Heavy() }
            first = packets.first?.load
            let terms = MessageTerms<Never>(policy: isKept ? .close : .dropOldest)
            _ = queue.add(packets[...], terms, limit: QueueLimit(bytes: 10, packets: 10))
        }
        fill()
        #expect(first != nil && queue.packetCount == 5)
        _ = queue.takeFirst()
        #expect(first == nil && queue.packetCount == 4 && queue.byteCount == 4)
    }

    /// A message of the model.
    private struct Message {
        var packets: [String]
        var key: String?
        var isKept: Bool
    }

    /// The model is an array that is searched.
    @Test func manyMessagesBehaveAsInAnArray() {
        var random = SplitMix64(seed: 7)
        var queue = OutboundQueue<Word>()
        var model: [Message] = []
        let limit = QueueLimit(bytes: .max, packets: 200)
        for number in 0..<20_000 {
            if number.isMultiple(of: 4) {
                let count = Int.random(in: 0...12, using: &random)
                #expect(queue.take(count).map(\.text) == take(count, from: &model))
                continue
            }
            let isKept = Int.random(in: 0...9, using: &random) == 0
            let policy = isKept ? .close : Bool.random(using: &random) ? QueuePolicy.dropOldest : .coalesce
            let key = Int.random(in: 0...2, using: &random) == 0 ? "\(Int.random(in: 0...20, using: &random))" : nil
            let packets = (0...Int.random(in: 0...2, using: &random)).map { "\(number).\($0)" }
            let terms = MessageTerms(policy: policy, key: key.map { MessageKey($0) }, ticket: packets[0])
            let fits = add(Message(packets: packets, key: key, isKept: isKept), policy, to: &model)
            switch queue.add(packets.map { Word(text: $0) }[...], terms, limit: limit) {
            case .added: #expect(fits)
            case .dropped, .overflow: #expect(!fits)
            }
            #expect(queue.packetCount == model.reduce(0) { $0 + $1.packets.count })
        }
        #expect(queue.take(.max).map(\.text) == model.flatMap(\.packets))
        #expect(queue.isEmpty && queue.byteCount == 0)
    }

    private func take(_ count: Int, from model: inout [Message]) -> [String] {
        var taken: [String] = []
        while taken.count < count, !model.isEmpty {
            taken.append(model[0].packets.removeFirst())
            model[0].isKept = true
            model[0].key = nil
            if model[0].packets.isEmpty { model.removeFirst() }
        }
        return taken
    }

    private func add(_ message: Message, _ policy: QueuePolicy, to model: inout [Message]) -> Bool {
        var place = model.firstIndex { message.key != nil && $0.key == message.key }
        let kept = model.indices.reduce(0) { $0 + (model[$1].isKept && $1 != place ? model[$1].packets.count : 0) }
        guard kept + message.packets.count <= 200 else { return false }
        if let place {
            model[place].packets = message.packets
            model[place].isKept = message.isKept
        } else {
            model.append(message)
        }
        while model.reduce(0, { $0 + $1.packets.count }) > 200 {
            let others = model.indices.filter { $0 != (place ?? model.count - 1) && !model[$0].isKept }
            let first = policy == .coalesce ? others.first { model[$0].key == nil } : nil
            guard let victim = first ?? others.first else {
                Issue.record("There should have been room beside what is kept.")
                return false
            }
            model.remove(at: victim)
            if let own = place, victim < own { place = own - 1 }
        }
        return true
    }
}
