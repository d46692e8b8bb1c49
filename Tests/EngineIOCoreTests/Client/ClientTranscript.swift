import EngineIOCore
import Testing

extension Word: ClientPacket {
    func size(in form: PayloadForm) -> Int { byteCount }
}

typealias ClientSession = ClientSessionMachine<Word>

/// A client's session as a table: what happens, and what is to be done then.
///
///     time | happens   | to do
///     0    | opens     | GET
///     5    | sends a   | POST a
///
/// `time` is in milliseconds; an empty one is that of the row before. The words are those of
/// ``ClientSessionMachine/perform(_:at:)``; a "-" says that nothing is to be done.
struct ClientTranscript: CustomTestStringConvertible, Sendable {
    let name: String
    let handshake: ClientHandshake
    var configuration = ClientConfiguration()
    let table: String

    var testDescription: String { name }

    init(
        _ name: String, over transport: Transport = .polling, revision: ProtocolRevision = .four,
        upgrades: [Transport] = [], maxPayload: Int? = nil, with change: (inout ClientConfiguration) -> Void = { _ in },
        _ table: String
    ) {
        self.name = name
        handshake = ClientHandshake(
            sid: "s", upgrades: upgrades, pingInterval: 25_000, pingTimeout: 20_000, maxPayload: maxPayload,
            transport: transport, revision: revision)
        self.table = table
        change(&configuration)
    }

    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        var session = ClientSession(configuration: configuration)
        session.begin(now: 0)
        var now = Instant(0)
        for line in table.split(separator: "\n").dropFirst() {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map(trimmed)
            guard cells.count == 3 else {
                Issue.record("This row does not have three cells: \(line)", sourceLocation: sourceLocation)
                return
            }
            now = Instant(cells[0]) ?? now
            let done = session.perform(cells[1], handshake, at: now)
            #expect(done == cells[2], "\(now): \(cells[1])", sourceLocation: sourceLocation)
        }
    }
}

extension ClientSessionMachine<Word> {
    /// Tells the machine one fact, in words, and says in words what it wants done.
    mutating func perform(_ fact: String, _ handshake: ClientHandshake, at now: Instant) -> String {
        var done: [String] = []
        switch fact {
        case "opens": opened(handshake, now: now)
        case "GET ends": pollEnded(isVain: false, now: now)
        case "GET brings nothing": pollEnded(isVain: true, now: now)
        case "POST ends": postEnded()
        case "probe opens": probeOpened()
        case "3probe": probeAnswered()
        case "probe fails": probeFailed()
        case "fails": transportEnded(.transportError)
        case "is closed": transportEnded(.transportClose)
        case "is full": writabilityChanged(false)
        case "takes more": writabilityChanged(true)
        case "close": close(isAsked: true, now: now)
        case "close unasked": close(isAsked: false, now: now)
        case "abort": end(.forcedClose)
        case "deadline?": return deadline.map { "\($0)" } ?? "none"
        case "can send?": return canSendNow ? "yes" : "no"
        case "waits?": return "\(bufferedBytes)"
        case "time":
            var action = deadlineReached(now: now)
            while true {
                switch action {
                case .none: break
                case .ping: done.append("ping")
                case .dropProbe: done.append("drop probe")
                case .lateOpening: done.append("late")
                }
                if case .none = action { break }
                action = deadlineReached(now: now)
            }
        default:
            let parts = fact.split(separator: " ", maxSplits: 1)
            switch parts.first {
            case "sends":
                for word in parts[1].split(separator: ",") {
                    switch send(Word(text: String(word))) {
                    case .write(let packet): done.append("write \(packet.text)")
                    case .queued: break
                    case .dropped: done.append("dropped")
                    case .overflow: done.append("overflow")
                    }
                }
            case "receives":
                guard let type = PacketType(digit: parts[1].utf8.first ?? 0) else { return "?" }
                switch received(type, now: now) {
                case .deliver: done.append("deliver")
                case .pong: done.append("pong")
                case .answered: done.append("answered")
                case .ignore: break
                }
            default: return "?"
            }
        }
        while let step = nextStep(now: now) { done.append(Self.words(step)) }
        return done.isEmpty ? "-" : done.joined(separator: ", ")
    }

    private static func words(_ step: Step) -> String {
        func list(_ packets: [Word]) -> String { packets.map(\.text).joined(separator: "+") }
        switch step {
        case .poll: return "GET"
        case .post(let packets, let closes): return "POST \(list(packets + (closes ? [Word(text: "1")] : [])))"
        case .openProbe: return "open probe"
        case .askProbe: return "2probe"
        case .dropProbe: return "drop probe"
        case .upgrade(let packets): return (["5"] + packets.map(\.text)).joined(separator: "+")
        case .write(let packets): return "write \(list(packets))"
        case .closeWebSocket: return "close WebSocket"
        case .drained: return "drained"
        case .end(let reason): return "end: \(reason.rawValue)"
        }
    }
}
