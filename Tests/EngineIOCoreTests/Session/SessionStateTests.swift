import EngineIOCore
import Testing

/// Every state of a session, and whatever may happen in it, a second after the session opened: what comes of it, and
/// what the session is then. A session is asked for its queue and its pending GET too, so that an input that should
/// change nothing is seen to change nothing.
struct SessionState: CustomTestStringConvertible, Sendable {
    let name: String
    var transport = Transport.polling
    /// How a session comes to be in this state.
    let history: [String]
    /// does | comes | is then
    let table: String

    var testDescription: String { name }

    init(_ name: String, over transport: Transport = .polling, after history: [String] = [], _ table: String) {
        self.name = name
        self.transport = transport
        self.history = history
        self.table = table
    }

    var rows: [[String]] {
        table.split(separator: "\n").map { row in
            row.split(separator: "|", omittingEmptySubsequences: false).map(trimmed)
        }
    }
}

@Suite struct SessionStateTests {
    @Test(arguments: SessionState.all)
    private func answersEveryInput(_ state: SessionState) {
        for row in state.rows {
            var session = Session(
                transport: state.transport, configuration: SharedSessionConfiguration(SessionConfiguration()), now: 0)
            for fact in state.history { _ = session.perform(fact, at: 0) }
            let comes = session.perform(row[0], at: 1000)
            let then = session.perform("server asks", at: 1000)
            #expect([row[0], comes, then] == row)
        }
    }

    /// No table lacks an input.
    @Test func tablesAreComplete() {
        for state in SessionState.all {
            #expect(state.rows.map { $0[0] } == SessionState.all[0].rows.map { $0[0] }, "\(state.name)")
        }
    }
}

extension SessionState {
    static let all: [SessionState] = [
        SessionState(
            "polling",
            """
            client GET              | waits                      | open, polling, GET waits
            client drops GET        | -                          | open, polling
            client POST             | is read                    | open, polling
            client ends POST        | -                          | open, polling
            client drops POST       | ends, transport error      | closed
            client 0                | -                          | open, polling
            client 1                | ends, transport close      | closed
            client 2                | ends, transport error      | closed
            client 3                | -                          | open, polling
            client 4                | delivered                  | open, polling
            client 5                | -                          | open, polling
            client 6                | -                          | open, polling
            client garbage          | ends, parse error          | closed
            probe opens             | accepted                   | open, polling
            probe 2probe            | probe is closed            | open, polling
            probe 5                 | probe is closed            | open, polling
            probe 4                 | probe is closed            | open, polling
            probe closes            | -                          | open, polling
            socket stalls           | -                          | open, polling
            socket drains           | -                          | open, polling
            socket closes           | -                          | open, polling
            socket breaks a rule    | -                          | open, polling
            server emits b          | queued                     | open, polling, 1 B
            server emits volatile b | dropped                    | open, polling
            server turn ends        | -                          | open, polling
            server takes all        | -                          | open, polling
            server closes           | awaits a GET, forced close | closing, polling
            server closes at once   | ends, forced close         | closed
            clock ticks             | -                          | open, polling
            """),
        SessionState(
            "polling, a packet waits", after: ["server emits a"],
            """
            client GET              | GET <- a                   | open, polling
            client drops GET        | -                          | open, polling, 1 B
            client POST             | is read                    | open, polling, 1 B
            client ends POST        | -                          | open, polling, 1 B
            client drops POST       | ends, transport error      | closed
            client 0                | -                          | open, polling, 1 B
            client 1                | ends, transport close      | closed
            client 2                | ends, transport error      | closed
            client 3                | -                          | open, polling, 1 B
            client 4                | delivered                  | open, polling, 1 B
            client 5                | -                          | open, polling, 1 B
            client 6                | -                          | open, polling, 1 B
            client garbage          | ends, parse error          | closed
            probe opens             | accepted                   | open, polling, 1 B
            probe 2probe            | probe is closed            | open, polling, 1 B
            probe 5                 | probe is closed            | open, polling, 1 B
            probe 4                 | probe is closed            | open, polling, 1 B
            probe closes            | -                          | open, polling, 1 B
            socket stalls           | -                          | open, polling, 1 B
            socket drains           | -                          | open, polling, 1 B
            socket closes           | -                          | open, polling, 1 B
            socket breaks a rule    | -                          | open, polling, 1 B
            server emits b          | queued                     | open, polling, 2 B
            server emits volatile b | dropped                    | open, polling, 1 B
            server turn ends        | -                          | open, polling, 1 B
            server takes all        | a                          | open, polling
            server closes           | awaits a GET, forced close | closing, polling, 1 B
            server closes at once   | ends, forced close         | closed
            clock ticks             | -                          | open, polling, 1 B
            """),
        SessionState(
            "polling, a GET waits", after: ["client GET"],
            """
            client GET              | 400; GET <- 1, transport error | closed
            client drops GET        | ends, transport error          | closed
            client POST             | is read                        | open, polling, GET waits
            client ends POST        | -                              | open, polling, GET waits
            client drops POST       | GET <- 1, transport error      | closed
            client 0                | -                              | open, polling, GET waits
            client 1                | GET <- 6, transport close      | closed
            client 2                | GET <- 1, transport error      | closed
            client 3                | -                              | open, polling, GET waits
            client 4                | delivered                      | open, polling, GET waits
            client 5                | -                              | open, polling, GET waits
            client 6                | -                              | open, polling, GET waits
            client garbage          | GET <- 1, parse error          | closed
            probe opens             | accepted                       | open, polling, GET waits
            probe 2probe            | probe is closed                | open, polling, GET waits
            probe 5                 | probe is closed                | open, polling, GET waits
            probe 4                 | probe is closed                | open, polling, GET waits
            probe closes            | -                              | open, polling, GET waits
            socket stalls           | -                              | open, polling, GET waits
            socket drains           | -                              | open, polling, GET waits
            socket closes           | -                              | open, polling, GET waits
            socket breaks a rule    | -                              | open, polling, GET waits
            server emits b          | a flush is due                 | open, polling, GET waits, 1 B
            server emits volatile b | a flush is due                 | open, polling, GET waits, 1 B
            server turn ends        | -                              | open, polling, GET waits
            server takes all        | -                              | open, polling, GET waits
            server closes           | GET <- 1, forced close         | closed
            server closes at once   | GET <- 1, forced close         | closed
            clock ticks             | -                              | open, polling, GET waits
            """),
        SessionState(
            "polling, a POST is read", after: ["client POST"],
            """
            client GET              | waits                      | open, polling, GET waits
            client drops GET        | -                          | open, polling
            client POST             | 400; ends, transport error | closed
            client ends POST        | -                          | open, polling
            client drops POST       | ends, transport error      | closed
            client 0                | -                          | open, polling
            client 1                | ends, transport close      | closed
            client 2                | ends, transport error      | closed
            client 3                | -                          | open, polling
            client 4                | delivered                  | open, polling
            client 5                | -                          | open, polling
            client 6                | -                          | open, polling
            client garbage          | ends, parse error          | closed
            probe opens             | accepted                   | open, polling
            probe 2probe            | probe is closed            | open, polling
            probe 5                 | probe is closed            | open, polling
            probe 4                 | probe is closed            | open, polling
            probe closes            | -                          | open, polling
            socket stalls           | -                          | open, polling
            socket drains           | -                          | open, polling
            socket closes           | -                          | open, polling
            socket breaks a rule    | -                          | open, polling
            server emits b          | queued                     | open, polling, 1 B
            server emits volatile b | dropped                    | open, polling
            server turn ends        | -                          | open, polling
            server takes all        | -                          | open, polling
            server closes           | awaits a GET, forced close | closing, polling
            server closes at once   | ends, forced close         | closed
            clock ticks             | -                          | open, polling
            """),
        SessionState(
            "a WebSocket was opened", after: ["probe opens"],
            """
            client GET              | waits                      | open, polling, GET waits
            client drops GET        | -                          | open, polling
            client POST             | is read                    | open, polling
            client ends POST        | -                          | open, polling
            client drops POST       | ends, transport error      | closed
            client 0                | -                          | open, polling
            client 1                | ends, transport close      | closed
            client 2                | ends, transport error      | closed
            client 3                | -                          | open, polling
            client 4                | delivered                  | open, polling
            client 5                | -                          | open, polling
            client 6                | -                          | open, polling
            client garbage          | ends, parse error          | closed
            probe opens             | refused                    | open, polling
            probe 2probe            | probe <- 3probe            | open, polling
            probe 5                 | switched                   | open, websocket, writes through
            probe 4                 | probe is closed            | open, polling
            probe closes            | -                          | open, polling
            socket stalls           | -                          | open, polling
            socket drains           | -                          | open, polling
            socket closes           | -                          | open, polling
            socket breaks a rule    | -                          | open, polling
            server emits b          | queued                     | open, polling, 1 B
            server emits volatile b | dropped                    | open, polling
            server turn ends        | -                          | open, polling
            server takes all        | -                          | open, polling
            server closes           | awaits a GET, forced close | closing, polling
            server closes at once   | ends, forced close         | closed
            clock ticks             | -                          | open, polling
            """),
        SessionState(
            "it has probed, a GET waits", after: ["client GET", "probe opens", "probe 2probe"],
            """
            client GET              | 400; GET <- 1, transport error | closed
            client drops GET        | ends, transport error          | closed
            client POST             | is read                        | open, polling, GET waits
            client ends POST        | -                              | open, polling, GET waits
            client drops POST       | GET <- 1, transport error      | closed
            client 0                | -                              | open, polling, GET waits
            client 1                | GET <- 6, transport close      | closed
            client 2                | GET <- 1, transport error      | closed
            client 3                | -                              | open, polling, GET waits
            client 4                | delivered                      | open, polling, GET waits
            client 5                | -                              | open, polling, GET waits
            client 6                | -                              | open, polling, GET waits
            client garbage          | GET <- 1, parse error          | closed
            probe opens             | refused                        | open, polling, GET waits
            probe 2probe            | probe <- 3probe                | open, polling, GET waits
            probe 5                 | switched, GET <- 1             | open, websocket, writes through
            probe 4                 | probe is closed                | open, polling, GET waits
            probe closes            | -                              | open, polling, GET waits
            socket stalls           | -                              | open, polling, GET waits
            socket drains           | -                              | open, polling, GET waits
            socket closes           | -                              | open, polling, GET waits
            socket breaks a rule    | -                              | open, polling, GET waits
            server emits b          | a flush is due                 | open, polling, GET waits, 1 B
            server emits volatile b | a flush is due                 | open, polling, GET waits, 1 B
            server turn ends        | -                              | open, polling, GET waits
            server takes all        | -                              | open, polling, GET waits
            server closes           | GET <- 1, forced close         | closed
            server closes at once   | GET <- 1, forced close         | closed
            clock ticks             | GET <- 6                       | open, polling
            """),
        SessionState(
            "WebSocket", over: .webSocket,
            """
            client GET              | refused                      | open, websocket, writes through
            client drops GET        | -                            | open, websocket, writes through
            client POST             | refused                      | open, websocket, writes through
            client ends POST        | -                            | open, websocket, writes through
            client drops POST       | -                            | open, websocket, writes through
            client 0                | -                            | open, websocket, writes through
            client 1                | WS <- Close, transport close | closed
            client 2                | WS <- Close, transport error | closed
            client 3                | -                            | open, websocket, writes through
            client 4                | delivered                    | open, websocket, writes through
            client 5                | -                            | open, websocket, writes through
            client 6                | -                            | open, websocket, writes through
            client garbage          | WS <- Close, parse error     | closed
            probe opens             | refused                      | open, websocket, writes through
            probe 2probe            | probe is closed              | open, websocket, writes through
            probe 5                 | probe is closed              | open, websocket, writes through
            probe 4                 | probe is closed              | open, websocket, writes through
            probe closes            | -                            | open, websocket, writes through
            socket stalls           | -                            | open, websocket
            socket drains           | -                            | open, websocket, writes through
            socket closes           | ends, transport close        | closed
            socket breaks a rule    | ends, transport error        | closed
            server emits b          | WS <- b                      | open, websocket, writes through
            server emits volatile b | WS <- b                      | open, websocket, writes through
            server turn ends        | -                            | open, websocket, writes through
            server takes all        | -                            | open, websocket, writes through
            server closes           | WS <- Close, forced close    | closed
            server closes at once   | WS <- Close, forced close    | closed
            clock ticks             | -                            | open, websocket, writes through
            """),
        SessionState(
            "a full WebSocket, a packet waits", over: .webSocket, after: ["socket stalls", "server emits a"],
            """
            client GET              | refused                      | open, websocket, 1 B
            client drops GET        | -                            | open, websocket, 1 B
            client POST             | refused                      | open, websocket, 1 B
            client ends POST        | -                            | open, websocket, 1 B
            client drops POST       | -                            | open, websocket, 1 B
            client 0                | -                            | open, websocket, 1 B
            client 1                | WS <- Close, transport close | closed
            client 2                | WS <- Close, transport error | closed
            client 3                | -                            | open, websocket, 1 B
            client 4                | delivered                    | open, websocket, 1 B
            client 5                | -                            | open, websocket, 1 B
            client 6                | -                            | open, websocket, 1 B
            client garbage          | WS <- Close, parse error     | closed
            probe opens             | refused                      | open, websocket, 1 B
            probe 2probe            | probe is closed              | open, websocket, 1 B
            probe 5                 | probe is closed              | open, websocket, 1 B
            probe 4                 | probe is closed              | open, websocket, 1 B
            probe closes            | -                            | open, websocket, 1 B
            socket stalls           | -                            | open, websocket, 1 B
            socket drains           | WS <- a                      | open, websocket, writes through
            socket closes           | ends, transport close        | closed
            socket breaks a rule    | ends, transport error        | closed
            server emits b          | queued                       | open, websocket, 2 B
            server emits volatile b | dropped                      | open, websocket, 1 B
            server turn ends        | -                            | open, websocket, 1 B
            server takes all        | a                            | open, websocket
            server closes           | WS <- Close, forced close    | closed
            server closes at once   | WS <- Close, forced close    | closed
            clock ticks             | -                            | open, websocket, 1 B
            """),
        SessionState(
            "closing", after: ["server closes"],
            """
            client GET              | GET <- 6 1, forgotten | closed
            client drops GET        | -                     | closing, polling
            client POST             | is read               | closing, polling
            client ends POST        | -                     | closing, polling
            client drops POST       | -                     | closing, polling
            client 0                | -                     | closing, polling
            client 1                | -                     | closing, polling
            client 2                | -                     | closing, polling
            client 3                | -                     | closing, polling
            client 4                | -                     | closing, polling
            client 5                | -                     | closing, polling
            client 6                | -                     | closing, polling
            client garbage          | -                     | closing, polling
            probe opens             | refused               | closing, polling
            probe 2probe            | probe is closed       | closing, polling
            probe 5                 | probe is closed       | closing, polling
            probe 4                 | probe is closed       | closing, polling
            probe closes            | -                     | closing, polling
            socket stalls           | -                     | closing, polling
            socket drains           | -                     | closing, polling
            socket closes           | -                     | closing, polling
            socket breaks a rule    | -                     | closing, polling
            server emits b          | dropped               | closing, polling
            server emits volatile b | dropped               | closing, polling
            server turn ends        | -                     | closing, polling
            server takes all        | -                     | closing, polling
            server closes           | -                     | closing, polling
            server closes at once   | -                     | closing, polling
            clock ticks             | -                     | closing, polling
            """),
        SessionState(
            "closing, a packet waits", after: ["server emits a", "server closes"],
            """
            client GET              | GET <- a        | closing, polling
            client drops GET        | -               | closing, polling, 1 B
            client POST             | is read         | closing, polling, 1 B
            client ends POST        | -               | closing, polling, 1 B
            client drops POST       | -               | closing, polling, 1 B
            client 0                | -               | closing, polling, 1 B
            client 1                | -               | closing, polling, 1 B
            client 2                | -               | closing, polling, 1 B
            client 3                | -               | closing, polling, 1 B
            client 4                | -               | closing, polling, 1 B
            client 5                | -               | closing, polling, 1 B
            client 6                | -               | closing, polling, 1 B
            client garbage          | -               | closing, polling, 1 B
            probe opens             | refused         | closing, polling, 1 B
            probe 2probe            | probe is closed | closing, polling, 1 B
            probe 5                 | probe is closed | closing, polling, 1 B
            probe 4                 | probe is closed | closing, polling, 1 B
            probe closes            | -               | closing, polling, 1 B
            socket stalls           | -               | closing, polling, 1 B
            socket drains           | -               | closing, polling, 1 B
            socket closes           | -               | closing, polling, 1 B
            socket breaks a rule    | -               | closing, polling, 1 B
            server emits b          | dropped         | closing, polling, 1 B
            server emits volatile b | dropped         | closing, polling, 1 B
            server turn ends        | -               | closing, polling, 1 B
            server takes all        | a               | closing, polling
            server closes           | -               | closing, polling, 1 B
            server closes at once   | -               | closing, polling, 1 B
            clock ticks             | -               | closing, polling, 1 B
            """),
        SessionState(
            "closed", after: ["server closes at once"],
            """
            client GET              | refused         | closed
            client drops GET        | -               | closed
            client POST             | refused         | closed
            client ends POST        | -               | closed
            client drops POST       | -               | closed
            client 0                | -               | closed
            client 1                | -               | closed
            client 2                | -               | closed
            client 3                | -               | closed
            client 4                | -               | closed
            client 5                | -               | closed
            client 6                | -               | closed
            client garbage          | -               | closed
            probe opens             | refused         | closed
            probe 2probe            | probe is closed | closed
            probe 5                 | probe is closed | closed
            probe 4                 | probe is closed | closed
            probe closes            | -               | closed
            socket stalls           | -               | closed
            socket drains           | -               | closed
            socket closes           | -               | closed
            socket breaks a rule    | -               | closed
            server emits b          | dropped         | closed
            server emits volatile b | dropped         | closed
            server turn ends        | -               | closed
            server takes all        | -               | closed
            server closes           | -               | closed
            server closes at once   | -               | closed
            clock ticks             | -               | closed
            """),
    ]
}
