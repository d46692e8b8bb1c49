import EngineIOCore
import Testing

/// protocol.md, sections 3.4 and 8: who ends a session, what the other side sees, and the reason.
@Suite struct SessionCloseTests {
    private static let byClient: [SessionTranscript] = [
        SessionTranscript(
            "on polling, a GET waits",
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            1    |        | POST      | is read
                 |        | ends POST | -
                 |        | 1         | GET <- 6, transport close
                 |        | 4         | -
            2    |        | GET       | refused
            """),
        SessionTranscript(
            "on polling, no GET waits",
            """
            time | who    | does | comes
            0    | client | 1    | ends, transport close
            1    |        | GET  | refused
            """),
        SessionTranscript(
            "with a packet on a WebSocket", over: .webSocket,
            """
            time | who    | does | comes
            0    | client | 1    | WS <- Close, transport close
                 |        | 4    | -
            """),
        SessionTranscript(
            "by closing the WebSocket", over: .webSocket,
            """
            time | who    | does           | comes
            0    | socket | closes         | ends, transport close
                 |        | closes         | -
                 | server | closes         | -
                 |        | closes at once | -
            """),
        SessionTranscript(
            "by breaking a rule of WebSocket", over: .webSocket,
            """
            time | who    | does          | comes
            0    | socket | breaks a rule | ends, transport error
                 |        | closes        | -
            """),
        SessionTranscript(
            "with garbage on a WebSocket", over: .webSocket,
            """
            time | who    | does    | comes
            0    | client | garbage | WS <- Close, parse error
                 | socket | closes  | -
            """),
        SessionTranscript(
            "not with packets that have no meaning here", over: .webSocket,
            """
            time | who    | does | comes
            0    | client | 0    | -
                 |        | 5    | -
                 |        | 6    | -
                 | server | asks | open, websocket, writes through
            """),
    ]

    @Test(arguments: byClient)
    private func clientEnds(_ transcript: SessionTranscript) { transcript.check() }

    private static let byServer: [SessionTranscript] = [
        SessionTranscript(
            "at once on polling, a GET waits: what is queued is discarded",
            """
            time | who    | does           | comes
            0    | client | GET            | waits
            1    | server | emits a        | a flush is due
                 |        | closes at once | GET <- 1, forced close
                 |        | turn ends      | -
                 |        | asks           | closed
                 | client | GET            | refused
            """),
        SessionTranscript(
            "at once on polling, no GET waits",
            """
            time | who    | does           | comes
            0    | server | emits a        | queued
                 |        | closes at once | ends, forced close
            1    | client | GET            | refused
                 | clock  | next           | none
            """),
        SessionTranscript(
            "at once on a WebSocket", over: .webSocket,
            """
            time | who    | does           | comes
            0    | socket | stalls         | -
                 | server | emits a        | queued
                 |        | closes at once | WS <- Close, forced close
                 |        | takes all      | -
            """),
        SessionTranscript(
            "when it shuts down, with a reason of its own", over: .webSocket,
            """
            time | who    | does       | comes
            0    | server | shuts down | WS <- Close, server shutting down
            """),
        SessionTranscript(
            "when it shuts down, and a GET waits",
            """
            time | who    | does       | comes
            0    | client | GET        | waits
            1    | server | shuts down | GET <- 1, server shutting down
            """),
        SessionTranscript(
            "in order on polling, a GET waits",
            """
            time | who    | does   | comes
            0    | client | GET    | waits
            1    | server | closes | GET <- 1, forced close
            2    | client | GET    | refused
            """),
        SessionTranscript(
            "in order on polling, a GET waits and a packet too: GET <- packet, GET <- 6 1, unknown",
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            1    | server | emits 41  | a flush is due
                 |        | turn ends | GET <- 41
                 |        | closes    | awaits a GET, forced close
                 |        | asks      | closing, polling
                 |        | emits a   | dropped
            2    | client | GET       | GET <- 6 1, forgotten
            3    |        | GET       | refused
            """),
        SessionTranscript(
            "in order on polling, no GET waits: the next one within 30 s is told",
            """
            time  | who    | does   | comes
            5     | server | closes | awaits a GET, forced close
                  |        | closes | -
                  | clock  | next   | 30005
            30004 |        | ticks  | -
                  | client | GET    | GET <- 6 1, forgotten
                  | clock  | next   | none
                  |        | ticks  | -
            """),
        SessionTranscript(
            "in order on polling, and no GET comes within 30 s",
            """
            time  | who    | does   | comes
            5     | server | closes | awaits a GET, forced close
            30005 | clock  | ticks  | forgotten
                  |        | ticks  | -
                  | client | GET    | refused
            """),
        SessionTranscript(
            "in order on polling, and packets wait: they leave first", SessionConfiguration { $0.packetsPerPoll = 2 },
            """
            time | who    | does           | comes
            0    | server | emits a        | queued
                 |        | emits b        | queued
                 |        | emits c        | queued
                 |        | closes         | awaits a GET, forced close
                 |        | closes at once | -
            1    | client | GET            | GET <- a b
            2    |        | GET            | GET <- c
            3    |        | GET            | GET <- 6 1, forgotten
            """),
        SessionTranscript(
            "more packets wait than a waiting GET takes", SessionConfiguration { $0.packetsPerPoll = 1 },
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            1    | server | emits a   | a flush is due
                 |        | emits b   | a flush is due
                 |        | turn ends | GET <- a
                 |        | closes    | awaits a GET, forced close
            2    | client | GET       | GET <- b
            3    |        | GET       | GET <- 6 1, forgotten
            """),
        SessionTranscript(
            "in order on a WebSocket: what waits leaves first", over: .webSocket,
            """
            time | who    | does      | comes
            0    | socket | stalls    | -
                 | server | emits a   | queued
                 |        | emits b   | queued
                 |        | takes all | a b
                 |        | closes    | WS <- Close, forced close
            """),
        SessionTranscript(
            "a closing session takes POSTs and throws them away",
            """
            time | who    | does       | comes
            0    | server | closes     | awaits a GET, forced close
            1    | client | POST       | is read
                 |        | POST       | refused
                 |        | ends POST  | -
                 |        | 4          | -
                 |        | 2          | -
                 |        | 1          | -
                 |        | garbage    | -
            2    |        | POST       | is read
                 |        | drops POST | -
            3    | client | GET        | GET <- 6 1, forgotten
            """),
        SessionTranscript(
            "the heartbeat of a closing session is over",
            """
            time  | who    | does   | comes
            24999 | server | closes | awaits a GET, forced close
            25000 | clock  | ticks  | -
            45000 |        | ticks  | -
            54999 |        | ticks  | forgotten
            """),
        SessionTranscript(
            "a closing session has no upgrade",
            """
            time | who    | does   | comes
            0    | server | closes | awaits a GET, forced close
            1    | probe  | opens  | refused
                 |        | 2probe | probe is closed
            """),
    ]

    @Test(arguments: byServer)
    private func serverEnds(_ transcript: SessionTranscript) { transcript.check() }

    @Test func hasNodesWords() {
        #expect(CloseReason.transportClose.rawValue == "transport close")
        #expect(CloseReason.transportError.rawValue == "transport error")
        #expect(CloseReason.pingTimeout.rawValue == "ping timeout")
        #expect(CloseReason.parseError.rawValue == "parse error")
        #expect(CloseReason.forcedClose.rawValue == "forced close")
        #expect(CloseReason.forcedServerClose.rawValue == "forced server close")
        #expect(CloseReason.serverShuttingDown.rawValue == "server shutting down")
    }

    @Test func hasNodesTimes() {
        let configuration = SessionConfiguration()
        #expect(configuration.pingInterval == 25_000)
        #expect(configuration.pingTimeout == 20_000)
        #expect(configuration.upgradeTimeout == 10_000)
        #expect(configuration.noopInterval == 100)
        #expect(configuration.closeWait == 30_000)
        #expect(configuration.packetsPerPoll == 16)
    }

    @Test func whatNoPollTookIsGone() {
        let configuration = SharedSessionConfiguration(SessionConfiguration())
        var session = Session(transport: .polling, configuration: configuration, now: 0)
        _ = session.perform("server emits abc", at: 0)
        #expect(session.perform("server closes", at: 0) == "awaits a GET, forced close")
        #expect(session.bufferedBytes == 3)
        var other = session
        #expect(session.perform("clock ticks", at: 30_000) == "forgotten")
        #expect(session.isClosed && session.bufferedBytes == 0)
        let (isAbandoned, isAgain) = (other.abandon(), other.abandon())
        #expect(isAbandoned && !isAgain && other.isClosed && other.bufferedBytes == 0)
    }
}
