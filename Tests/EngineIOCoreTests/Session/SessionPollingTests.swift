import EngineIOCore
import Testing

/// protocol.md, sections 3 and 8: a session over long polling.
@Suite struct SessionPollingTests {
    private static let messages: [SessionTranscript] = [
        SessionTranscript(
            "a GET waits for a packet",
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            5    | server | emits a   | a flush is due
                 |        | emits b   | a flush is due
                 |        | turn ends | GET <- a b
                 |        | turn ends | -
            """),
        SessionTranscript(
            "packets wait for a GET",
            """
            time | who    | does      | comes
            0    | server | emits a   | queued
            1    |        | emits bc  | queued
                 |        | turn ends | -
                 |        | asks      | open, polling, 3 B, 2 packets
            9    | client | GET       | GET <- a bc
                 | server | asks      | open, polling
            10   | client | GET       | waits
            """),
        SessionTranscript(
            "no more packets in a response than the limit", SessionConfiguration { $0.packetsPerPoll = 2 },
            """
            time | who    | does      | comes
            0    | server | emits a   | queued
                 |        | emits b   | queued
                 |        | emits c   | queued
            1    | client | GET       | GET <- a b
                 | server | asks      | open, polling, 1 B
            2    | client | GET       | GET <- c
            3    | client | GET       | waits
            4    | server | emits d   | a flush is due
                 |        | emits e   | a flush is due
                 |        | emits f   | a flush is due
                 |        | turn ends | GET <- d e
                 |        | emits g   | queued
            5    | client | GET       | GET <- f g
            """),
        SessionTranscript(
            "sixteen packets are the default limit",
            """
            time | who    | does    | comes
            0    | server | emits 1 | queued
                 |        | emits 2 | queued
                 |        | emits 3 | queued
                 |        | emits 4 | queued
                 |        | emits 5 | queued
                 |        | emits 6 | queued
                 |        | emits 7 | queued
                 |        | emits 8 | queued
                 |        | emits 9 | queued
                 |        | emits A | queued
                 |        | emits B | queued
                 |        | emits C | queued
                 |        | emits D | queued
                 |        | emits E | queued
                 |        | emits F | queued
                 |        | emits G | queued
                 |        | emits H | queued
            1    | client | GET     | GET <- 1 2 3 4 5 6 7 8 9 A B C D E F G
            2    |        | GET     | GET <- H
            """),
        SessionTranscript(
            "a volatile packet leaves at once or not at all",
            """
            time | who    | does             | comes
            0    | server | emits volatile a | dropped
            1    | client | GET              | waits
            2    | server | emits volatile b | a flush is due
                 |        | turn ends        | GET <- b
                 |        | emits volatile c | dropped
            3    | client | GET              | waits
            """),
        SessionTranscript(
            "the queue is bounded", SessionConfiguration { $0.bufferedBytes = 4 },
            """
            time | who    | does      | comes
            0    | server | emits abc | queued
                 |        | emits d   | queued
                 |        | asks      | open, polling, 4 B, 2 packets
            1    | client | GET       | GET <- abc d
            2    | server | emits abc | queued
                 |        | emits de  | overflow; ends, transport error
                 |        | asks      | closed
                 |        | emits f   | dropped
            """),
        SessionTranscript(
            "an overflow while a GET waits ends the GET", SessionConfiguration { $0.bufferedBytes = 2 },
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            1    | server | emits ab  | a flush is due
                 |        | emits c   | overflow; GET <- 1, transport error
                 |        | turn ends | -
            """),
        SessionTranscript(
            "a packet larger than the bound", SessionConfiguration { $0.bufferedBytes = 0 },
            """
            time | who    | does     | comes
            0    | server | emits a  | overflow; ends, transport error
            """),
    ]

    @Test(arguments: messages)
    private func carriesMessages(_ transcript: SessionTranscript) { transcript.check() }

    private static let requests: [SessionTranscript] = [
        SessionTranscript(
            "a second GET is refused, the first one completed",
            """
            time | who    | does | comes
            0    | client | GET  | waits
            1    |        | GET  | 400; GET <- 1, transport error
            2    |        | GET  | refused
                 | server | asks | closed
            """),
        SessionTranscript(
            "the overlap while probing",
            """
            time | who    | does   | comes
            0    | probe  | opens  | accepted
            1    |        | 2probe | probe <- 3probe
            2    | client | GET    | waits
            3    |        | GET    | 400; GET <- 1, transport error
            4    | probe  | 5      | probe is closed
            """),
        SessionTranscript(
            "what was queued is discarded by an overlap",
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            1    | server | emits a   | a flush is due
                 | client | GET       | 400; GET <- 1, transport error
                 | server | turn ends | -
                 |        | asks      | closed
            """),
        SessionTranscript(
            "a GET that the client gives up",
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            1    |        | drops GET | ends, transport error
            2    |        | GET       | refused
            """),
        SessionTranscript(
            "a GET that was answered cannot be given up",
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            1    | server | emits a   | a flush is due
                 |        | turn ends | GET <- a
            2    | client | drops GET | -
            3    |        | GET       | waits
            """),
        SessionTranscript(
            "POSTs, one after the other",
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            1    |        | POST      | is read
                 |        | ends POST | -
                 |        | 4         | delivered
                 |        | 4         | delivered
            2    |        | POST      | is read
                 |        | ends POST | -
                 |        | 3         | -
                 | server | asks      | open, polling, GET waits
            """),
        SessionTranscript(
            "a second POST is refused, and a waiting GET completed",
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            1    |        | POST      | is read
            2    |        | POST      | 400; GET <- 1, transport error
            3    |        | ends POST | -
                 |        | 4         | -
                 |        | POST      | refused
            """),
        SessionTranscript(
            "a second POST without a GET",
            """
            time | who    | does | comes
            0    | client | POST | is read
            1    |        | POST | 400; ends, transport error
            """),
        SessionTranscript(
            "a POST that the client gives up, or that has the wrong type",
            """
            time | who    | does       | comes
            0    | client | GET        | waits
            1    |        | POST       | is read
            2    |        | drops POST | GET <- 1, transport error
            """),
        SessionTranscript(
            "a POST that was too large leaves the session alive",
            """
            time | who    | does      | comes
            0    | client | POST      | is read
            1    |        | ends POST | -
            2    |        | POST      | is read
                 | server | asks      | open, polling
            """),
        SessionTranscript(
            "garbage in a POST: the waiting GET is completed with 1",
            """
            time | who    | does      | comes
            0    | client | GET       | waits
            1    |        | POST      | is read
                 |        | ends POST | -
                 |        | 4         | delivered
                 |        | garbage   | GET <- 1, parse error
                 |        | 4         | -
            """),
        SessionTranscript(
            "garbage without a GET",
            """
            time | who    | does    | comes
            0    | client | garbage | ends, parse error
                 |        | garbage | -
                 |        | GET     | refused
            """),
    ]

    @Test(arguments: requests)
    private func holdsClientsToTheirRequests(_ transcript: SessionTranscript) { transcript.check() }
}
