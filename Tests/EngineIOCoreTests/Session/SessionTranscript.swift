import EngineIOCore
import Testing

/// A packet of the tests: a word, which counts its characters.
struct Word: SessionPacket {
    typealias Ticket = String

    let text: String
    var byteCount: Int { text.utf8.count }
}

typealias Session = SessionStateMachine<Word>

/// A session as a table: who did something, what it was, and what came of it.
///
///     time | who    | does      | comes
///     0    | client | GET       | waits
///     5    | server | emits a   | a flush is due
///          |        | turn ends | GET <- a
///
/// `time` counts milliseconds from the opening of the session; an empty one is that of the row before, and an empty
/// `who` likewise. The words are those of ``Session/perform(_:at:)``; a "-" says that nothing is to be done.
struct SessionTranscript: CustomTestStringConvertible, Sendable {
    let name: String
    var transport = Transport.polling
    var revision = ProtocolRevision.four
    var configuration = SessionConfiguration()
    let table: String

    var testDescription: String { name }

    init(
        _ name: String, over transport: Transport = .polling, revision: ProtocolRevision = .four, _ table: String
    ) {
        self.init(name, over: transport, revision: revision, SessionConfiguration(), table)
    }

    init(
        _ name: String, over transport: Transport = .polling, revision: ProtocolRevision = .four,
        _ configuration: SessionConfiguration, _ table: String
    ) {
        self.name = name
        self.transport = transport
        self.revision = revision
        self.configuration = configuration
        self.table = table
    }

    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        var session = Session(
            transport: transport, revision: revision, configuration: SharedSessionConfiguration(configuration),
            now: 0)
        var (now, who) = (Instant(0), "")
        for line in table.split(separator: "\n").dropFirst() {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map(trimmed)
            guard cells.count == 4 else {
                Issue.record("This row does not have four cells: \(line)", sourceLocation: sourceLocation)
                return
            }
            now = Instant(cells[0]) ?? now
            if !cells[1].isEmpty { who = cells[1] }
            let comes = session.perform("\(who) \(cells[2])", at: now)
            #expect(comes == cells[3], "\(now): \(who) \(cells[2])", sourceLocation: sourceLocation)
        }
    }
}

func trimmed(_ text: some StringProtocol) -> String {
    let start = text.drop { $0 == " " }
    return String(start.reversed().drop { $0 == " " }.reversed())
}

extension SessionConfiguration {
    init(_ change: (inout SessionConfiguration) -> Void) {
        self.init()
        change(&self)
    }
}

extension SessionStateMachine<Word> {
    /// Tells the machine one fact, in words, and says in words what it wants done.
    mutating func perform(_ fact: String, at now: Instant) -> String {
        switch fact {
        // What a client does with requests.
        case "client GET": describe(poll())
        case "client drops GET": describe(pollAborted())
        case "client POST": describe(postStarted())
        case "client ends POST": nothing { postEnded() }
        case "client drops POST": describe(postFailed())
        // The packets of a POST, or of a WebSocket that has the session.
        case "client 0": describe(received(.open, now: now))
        case "client 1": describe(received(.close, now: now))
        case "client 2": describe(received(.ping, now: now))
        case "client 3": describe(received(.pong, now: now))
        case "client 4": describe(received(.message, now: now))
        case "client 5": describe(received(.upgrade, now: now))
        case "client 6": describe(received(.noop, now: now))
        case "client sends": nothing { heard(now: now) }
        case "client garbage": describe(receivedMalformed())
        // A WebSocket that asks for the session.
        case "probe opens": describe(probeOpened(now: now))
        case "probe 2probe": describe(probeReceived(.probe, now: now))
        case "probe 5": describe(probeReceived(.upgrade, now: now))
        case "probe 4": describe(probeReceived(.other, now: now))
        case "probe closes": nothing { probeClosed() }
        // The connection of a WebSocket that has the session.
        case "socket stalls": nothing { writabilityChanged(false) }
        case "socket drains":
            describe(
                {
                    writabilityChanged(true)
                    return takeAll()
                }())
        case "socket has room": nothing { writabilityChanged(true) }
        case "socket takes one": describe(takeNext().map { [$0] } ?? [])
        case "socket closes": describe(webSocketClosed(.transportClose))
        case "socket breaks a rule": describe(webSocketClosed(.transportError))
        // The application, and the turns of its event loop.
        case "server turn ends": describe(flush())
        case "server takes all": words(takeQueue())
        case "server closes": describe(closeOrderly(.forcedClose, now: now))
        case "server closes at once": describe(close(.forcedClose))
        case "server shuts down": describe(close(.serverShuttingDown))
        case "server asks": condition
        case "clock next": deadline.map { "\($0)" } ?? "none"
        case "clock ticks": describe(deadlineReached(now: now))
        default:
            if fact.hasPrefix("server emits "), let (message, terms) = message(String(fact.dropFirst(13))) {
                describe(send(message, terms))
            } else if fact.hasPrefix("server emits ") {
                describe(send(Word(text: String(fact.dropFirst(13)))))
            } else {
                "unknown words: \(fact)"
            }
        }
    }

    /// "volatile ab", or "oldest a+b", "coalesce k ab" and so on: the policy, the key, the packets of a message. Its
    /// ticket is the first of them.
    private func message(_ words: String) -> ([Word], Terms)? {
        let parts = words.split(separator: " ").map(String.init)
        guard parts.count > 1, let last = parts.last else { return nil }
        let packets = last.split(separator: "+").map { Word(text: String($0)) }
        var terms = Terms(key: parts.count > 2 ? MessageKey(parts[1]) : nil, ticket: packets.first?.text)
        switch parts[0] {
        case "volatile": terms.isVolatile = true
        case "newest": terms.policy = .dropNewest
        case "oldest": terms.policy = .dropOldest
        case "coalesce": terms.policy = .coalesce
        case "close": terms.policy = .close
        default: return nil
        }
        return (packets, terms)
    }

    private mutating func takeAll() -> [Word] {
        var all: [Word] = []
        while let word = takeNext() { all.append(word) }
        return all
    }

    /// What can be asked of a session.
    private var condition: String {
        guard !isClosed else { return "closed" }
        return [
            isOpen ? "open" : "closing", transport.rawValue, isPollPending ? "GET waits" : "",
            writesThrough ? "writes through" : "",
            bufferedBytes > 0 ? "\(bufferedBytes) B" : "",
            bufferedPackets > 0 && bufferedPackets != bufferedBytes ? "\(bufferedPackets) packets" : "",
        ].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private func nothing(_ body: () -> Void) -> String {
        body()
        return "-"
    }

    private func words(_ packets: [Word]) -> String {
        packets.isEmpty ? "-" : packets.map(\.text).joined(separator: " ")
    }

    private func describe(_ packets: [Word]) -> String {
        guard !packets.isEmpty else { return "-" }
        return transport == .webSocket ? "WS <- \(words(packets))" : "GET <- \(words(packets))"
    }

    private func describe(_ action: SendAction) -> String {
        switch action {
        case .write(let packets): "WS <- \(words(packets))"
        case .flushLater(let others): "a flush is due\(without(others))"
        case .queued(let others): "queued\(without(others))"
        case .dropped(.volatile, let others): "dropped\(without(others))"
        case .dropped(let reason, let others): "dropped, \(reason)\(without(others))"
        case .ended: "dropped"
        case .overflow(let action): "overflow; \(describe(action))"
        }
    }

    private func without(_ dropped: Drops) -> String {
        dropped.map { "; \($0.reason) \($0.ticket ?? "?")" }.joined()
    }

    private func describe(_ action: PollAction) -> String {
        switch action {
        case .wait: "waits"
        case .respond(let packets): "GET <- \(words(packets))"
        case .farewell: "GET <- 6 1, forgotten"
        case .overlap(let action): "400; \(describe(action))"
        case .refuse: "refused"
        }
    }

    private func describe(_ action: PostAction) -> String {
        switch action {
        case .read: "is read"
        case .overlap(let action): "400; \(describe(action))"
        case .refuse: "refused"
        }
    }

    private func describe(_ action: ReceiveAction) -> String {
        switch action {
        case .deliver: "delivered"
        case .pong: "pong"
        case .ignore: "-"
        case .close(let action): describe(action)
        case .wrongHeartbeat(let action): describe(action)
        }
    }

    private func describe(_ action: ProbeAction) -> String {
        switch action {
        case .accept: "accepted"
        case .refuse: "refused"
        }
    }

    private mutating func describe(_ action: ProbePacketAction) -> String {
        switch action {
        case .pong: "probe <- 3probe"
        case .upgrade(let completePoll):
            {
                let packets = takeAll()
                return "switched" + (completePoll ? ", GET <- 1" : "")
                    + (packets.isEmpty ? "" : ", WS <- \(words(packets))")
            }()
        case .farewell(let packets):
            (packets.isEmpty ? "" : "WS <- \(words(packets)), ") + "WS <- Close, over"
        case .abort: "probe is closed"
        }
    }

    private func describe(_ action: DeadlineAction) -> String {
        switch action {
        case .none: "-"
        case .ping: "ping"
        case .noop: "GET <- 6"
        case .abortProbe: "probe is closed"
        case .close(let action): describe(action)
        case .forget: "forgotten"
        }
    }

    private func describe(_ action: CloseAction) -> String {
        switch action {
        case .none: "-"
        case .closeWebSocket(let reason): "WS <- Close, \(reason.rawValue)"
        case .completePoll(let reason, withNoop: false): "GET <- 1, \(reason.rawValue)"
        case .completePoll(let reason, withNoop: true): "GET <- 6, \(reason.rawValue)"
        case .end(let reason): "ends, \(reason.rawValue)"
        case .awaitPoll(let reason): "awaits a GET, \(reason.rawValue)"
        }
    }
}
