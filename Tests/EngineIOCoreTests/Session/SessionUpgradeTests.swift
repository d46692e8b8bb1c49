import EngineIOCore
import Testing

/// protocol.md, section 7: a polling session becomes a WebSocket session, or does not.
@Suite struct SessionUpgradeTests {
    private static let successes: [SessionTranscript] = [
        SessionTranscript(
            "as the JavaScript client does: a noop lets it pause polling",
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            50   | probe  | opens     | accepted
            60   |        | 2probe    | probe <- 3probe
                 | clock  | next      | 160
            159  |        | ticks     | -
            160  |        | ticks     | GET <- 6
            170  | probe  | 5         | switched
                 | server | asks      | open, websocket, writes through
                 |        | emits a   | WS <- a
                 | client | 4         | delivered
                 |        | GET       | refused
                 |        | POST      | refused
            """),
        SessionTranscript(
            "as python-socketio does: no GET at all",
            """
            time | who    | does   | comes
            0    | probe  | opens  | accepted
            10   |        | 2probe | probe <- 3probe
            20   |        | 5      | switched
                 | client | 4      | delivered
            """),
        SessionTranscript(
            "a GET still waits at the switch",
            """
            time | who    | does   | comes
            0    | client | GET    | waits
            10   | probe  | opens  | accepted
            20   |        | 2probe | probe <- 3probe
            30   |        | 5      | switched, GET <- 1
            """),
        SessionTranscript(
            "the upgrade packet without a probe",
            """
            time | who    | does  | comes
            0    | client | GET   | waits
            10   | probe  | opens | accepted
            20   |        | 5     | switched, GET <- 1
                 | server | asks  | open, websocket, writes through
            """),
        SessionTranscript(
            "a probe may be sent more than once; the cadence is the first one's",
            """
            time | who    | does   | comes
            0    | client | GET    | waits
            10   | probe  | opens  | accepted
            20   |        | 2probe | probe <- 3probe
            90   |        | 2probe | probe <- 3probe
                 | clock  | next   | 120
            120  |        | ticks  | GET <- 6
            130  | probe  | 2probe | probe <- 3probe
            140  |        | 5      | switched
            """),
        SessionTranscript(
            "noops every 100 ms, and only while a GET waits",
            """
            time | who    | does   | comes
            0    | probe  | opens  | accepted
            10   | client | GET    | waits
            100  | clock  | ticks  | -
            500  | probe  | 2probe | probe <- 3probe
                 | clock  | next   | 600
            600  |        | ticks  | GET <- 6
                 |        | ticks  | -
                 |        | next   | 10000
            610  | client | GET    | waits
                 | clock  | next   | 700
            699  |        | ticks  | -
            700  |        | ticks  | GET <- 6
            900  |        | ticks  | -
            910  | client | GET    | waits
                 | clock  | ticks  | GET <- 6
            920  | client | GET    | waits
                 | clock  | next   | 1010
            """),
        SessionTranscript(
            "no noops before the probe",
            """
            time | who    | does  | comes
            0    | client | GET   | waits
            1    | probe  | opens | accepted
                 | clock  | next  | 10001
            5000 |        | ticks | -
            """),
        SessionTranscript(
            "packets during the upgrade: on polling while a GET waits, then on the WebSocket, in order",
            """
            time | who    | does             | comes
            0    | client | GET              | waits
            10   | probe  | opens            | accepted
                 | server | emits a          | a flush is due
                 |        | turn ends        | GET <- a
            20   | probe  | 2probe           | probe <- 3probe
                 | server | emits b          | queued
                 |        | emits volatile x | dropped
            30   | client | GET              | GET <- b
            40   | server | emits c          | queued
                 |        | emits d          | queued
            50   | probe  | 5                | switched, WS <- c d
                 | server | emits e          | WS <- e
                 |        | asks             | open, websocket, writes through
            """),
        SessionTranscript(
            "a flush that is due at the switch: the packets leave on the WebSocket, once",
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            10   | probe  | opens     | accepted
            20   |        | 2probe    | probe <- 3probe
            30   | server | emits a   | a flush is due
                 | probe  | 5         | switched, GET <- 1, WS <- a
                 | server | turn ends | -
            """),
        SessionTranscript(
            "all that waits moves over, whatever a poll could take", SessionConfiguration { $0.packetsPerPoll = 1 },
            """
            time | who    | does    | comes
            0    | server | emits a | queued
                 |        | emits b | queued
                 |        | emits c | queued
            10   | probe  | opens   | accepted
            20   |        | 5       | switched, WS <- a b c
            """),
        SessionTranscript(
            "POSTs work until the switch",
            """
            time | who    | does      | comes
            0    | probe  | opens     | accepted
            10   |        | 2probe    | probe <- 3probe
            20   | client | POST      | is read
                 |        | ends POST | -
                 |        | 4         | delivered
            30   | probe  | 5         | switched
                 | client | 4         | delivered
            """),
        SessionTranscript(
            "a ping that no one answered is forgiven at the switch",
            """
            time  | who    | does    | comes
            24900 | probe  | opens   | accepted
            24950 |        | 2probe  | probe <- 3probe
            25000 | clock  | ticks   | ping
                  | server | emits 2 | queued
            25010 | probe  | 5       | switched, WS <- 2
                  | clock  | next    | 50010
            45000 |        | ticks   | -
            50010 |        | ticks   | ping
            """),
        SessionTranscript(
            "the pong that comes behind the switch counts",
            """
            time  | who    | does      | comes
            24990 | client | GET       | waits
            24995 | probe  | opens     | accepted
            25000 | clock  | ticks     | ping
                  | server | emits 2   | a flush is due
                  |        | turn ends | GET <- 2
            25005 | probe  | 2probe    | probe <- 3probe
            25010 |        | 5         | switched
            25020 | client | 3         | -
                  | clock  | next      | 50020
            """),
    ]

    @Test(arguments: successes)
    private func switches(_ transcript: SessionTranscript) { transcript.check() }

    private static let failures: [SessionTranscript] = [
        SessionTranscript(
            "another packet ends the probe; polling goes on; the client may try again",
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            10   | probe  | opens     | accepted
            20   |        | 2probe    | probe <- 3probe
            30   |        | 4         | probe is closed
                 | clock  | next      | 25000
                 | server | asks      | open, polling, GET waits
                 |        | emits a   | a flush is due
                 |        | turn ends | GET <- a
            40   | probe  | opens     | accepted
            50   |        | 2probe    | probe <- 3probe
            60   |        | 5         | switched
            """),
        SessionTranscript(
            "another packet instead of the probe",
            """
            time | who   | does  | comes
            0    | probe | opens | accepted
            10   |       | 4     | probe is closed
            20   |       | 5     | probe is closed
            """),
        SessionTranscript(
            "the probe goes away",
            """
            time | who    | does   | comes
            0    | client | GET    | waits
            10   | probe  | opens  | accepted
            20   |        | 2probe | probe <- 3probe
            30   |        | closes | -
                 | clock  | next   | 25000
                 |        | ticks  | -
                 | server | asks   | open, polling, GET waits
            40   | probe  | opens  | accepted
                 |        | 5      | switched, GET <- 1
            """),
        SessionTranscript(
            "no upgrade packet in time",
            """
            time  | who    | does   | comes
            5     | probe  | opens  | accepted
            10    |        | 2probe | probe <- 3probe
            10004 | clock  | ticks  | -
            10005 |        | ticks  | probe is closed
                  |        | next   | 25000
                  | server | asks   | open, polling
            10006 | probe  | opens  | accepted
                  | clock  | next   | 20006
            """),
        SessionTranscript(
            "no upgrade packet in time, and a GET waits",
            """
            time  | who    | does   | comes
            0     | client | GET    | waits
            5     | probe  | opens  | accepted
            10005 | clock  | ticks  | probe is closed
                  | server | asks   | open, polling, GET waits
                  |        | emits a | a flush is due
            """),
        SessionTranscript(
            "a second attempt while one is in progress is refused, and the first goes on",
            """
            time | who   | does   | comes
            0    | probe | opens  | accepted
            10   |       | 2probe | probe <- 3probe
            20   |       | opens  | refused
            30   |       | 5      | switched
            """),
        SessionTranscript(
            "a second attempt after one succeeded",
            """
            time | who    | does  | comes
            0    | probe  | opens | accepted
            10   |        | 5     | switched
            20   |        | opens | refused
                 | server | asks  | open, websocket, writes through
            """),
        SessionTranscript(
            "a session that came over a WebSocket has nothing to upgrade", over: .webSocket,
            """
            time | who   | does  | comes
            0    | probe | opens | refused
            """),
        SessionTranscript(
            "the heartbeat goes on while probing, and its end is the probe's too",
            """
            time  | who    | does   | comes
            24000 | probe  | opens  | accepted
            24100 |        | 2probe | probe <- 3probe
            25000 | clock  | ticks  | ping
                  |        | next   | 34000
            34000 |        | ticks  | probe is closed
                  |        | next   | 45000
            44000 | probe  | opens  | accepted
            45000 | clock  | ticks  | ends, ping timeout
            45001 | probe  | 5      | probe is closed
            """),
    ]

    @Test(arguments: failures)
    private func staysOnPolling(_ transcript: SessionTranscript) { transcript.check() }

    private static let closes: [SessionTranscript] = [
        SessionTranscript(
            "the client closes while probing",
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            10   | probe  | opens     | accepted
            20   |        | 2probe    | probe <- 3probe
            30   | client | POST      | is read
                 |        | ends POST | -
                 |        | 1         | GET <- 6, transport close
            40   | probe  | 5         | probe is closed
                 | server | asks      | closed
            """),
        SessionTranscript(
            "the server closes at once while probing",
            """
            time | who    | does           | comes
            0    | probe  | opens          | accepted
            10   |        | 2probe         | probe <- 3probe
            20   | server | closes at once | ends, forced close
            30   | probe  | 5              | probe is closed
            """),
        SessionTranscript(
            "the server closes in order while probing, and a GET waits",
            """
            time | who    | does   | comes
            0    | client | GET    | waits
            10   | probe  | opens  | accepted
            20   |        | 2probe | probe <- 3probe
            30   | server | closes | GET <- 1, forced close
            40   | probe  | 5      | probe is closed
            """),
        SessionTranscript(
            "garbage in a POST while probing",
            """
            time | who    | does    | comes
            0    | client | GET     | waits
            10   | probe  | opens   | accepted
            20   | client | garbage | GET <- 1, parse error
            30   | probe  | closes  | -
            """),
        SessionTranscript(
            "the client gives up its GET while probing",
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            10   | probe  | opens     | accepted
            20   | client | drops GET | ends, transport error
                 | probe  | 2probe    | probe is closed
            """),
        SessionTranscript(
            "the new WebSocket goes right after the switch",
            """
            time | who    | does    | comes
            0    | probe  | opens   | accepted
            10   |        | 5       | switched
            20   | socket | closes  | ends, transport close
                 | client | GET     | refused
                 | server | emits a | dropped
            """),
    ]

    @Test(arguments: closes)
    private func endsWhileProbing(_ transcript: SessionTranscript) { transcript.check() }

    // MARK: Rules that are easily broken

    /// 6.1 clears the timer of an unanswered ping at the switch, and does not touch the interval: a client whose
    /// window is interval and timeout since the last ping would otherwise end a session that upgraded late.
    @Test func anUpgradeDoesNotPutOffTheNextPing() {
        SessionTranscript(
            "a late upgrade",
            """
            time  | who   | does   | comes
            24000 | probe | opens  | accepted
            24010 |       | 2probe | probe <- 3probe
            24020 |       | 5      | switched
                  | clock | next   | 25000
            """
        ).check()
    }

    /// 7.2: "If the session is in closing state when `5` arrives, the new transport is closed right after the flush."
    /// A client that has paused polling for its upgrade sends no GET any more: the WebSocket is where it can be told.
    @Test func whatWaitsLeavesOnTheWebSocketOfAClientThatUpgradesWhileTheServerCloses() {
        SessionTranscript(
            "upgrade while closing",
            """
            time | who    | does    | comes
            0    | probe  | opens   | accepted
            10   |        | 2probe  | probe <- 3probe
            20   | server | emits a | queued
                 |        | closes  | awaits a GET, forced close
            30   | probe  | 5       | WS <- a, WS <- Close, over
            """
        ).check()
    }

    /// After the switch polling has no say: the rest of a POST that began before it cannot end the session.
    @Test func anOldPostDoesNotEndAnUpgradedSession() {
        SessionTranscript(
            "a POST is cut behind the switch",
            """
            time | who    | does       | comes
            0    | client | POST       | is read
            10   | probe  | opens      | accepted
            20   |        | 5          | switched
            30   | client | drops POST | -
                 | server | asks       | open, websocket, writes through
            """
        ).check()
    }
}
