import EngineIOCore
import Testing

/// protocol.md, section 9.4: the client pings.
@Suite struct SessionRevision3Tests {
    private static let transcripts: [SessionTranscript] = [
        SessionTranscript(
            "the server never pings, and waits for interval and time-out together", over: .webSocket,
            revision: .three,
            """
            time  | who    | does  | comes
            0     | clock  | next  | 45000
            25000 |        | ticks | -
            44999 |        | ticks | -
            45000 |        | ticks | WS <- Close, ping timeout
                  |        | next  | none
            """),
        SessionTranscript(
            "a ping is answered and counts", over: .webSocket, revision: .three,
            """
            time  | who    | does  | comes
            25000 | client | 2     | pong
                  | clock  | next  | 70000
            50000 | client | 2     | pong
            94999 | clock  | ticks | -
            95000 |        | ticks | WS <- Close, ping timeout
            """),
        SessionTranscript(
            "pings that come early are answered", over: .webSocket, revision: .three,
            """
            time | who    | does | comes
            1    | client | 2    | pong
                 |        | 2    | pong
            """),
        SessionTranscript(
            "any packet counts", revision: .three,
            """
            time  | who    | does  | comes
            10000 | client | 4     | delivered
                  | clock  | next  | 55000
            20000 | client | 6     | -
                  | clock  | next  | 65000
            30000 | client | sends | -
                  | clock  | next  | 75000
            75000 |        | ticks | ends, ping timeout
            """),
        SessionTranscript(
            "a poll is no packet", revision: .three,
            """
            time  | who    | does  | comes
            44000 | client | GET   | waits
            45000 | clock  | ticks | GET <- 1, ping timeout
            """),
        SessionTranscript(
            "a pong is the server's part, on a WebSocket", over: .webSocket, revision: .three,
            """
            time | who    | does | comes
            0    | client | 3    | WS <- Close, transport error
            """),
        SessionTranscript(
            "a pong is the server's part, in a POST", revision: .three,
            """
            time | who    | does | comes
            0    | client | GET  | waits
                 |        | 3    | GET <- 1, transport error
            """),
        SessionTranscript(
            "who pings and does not read has one pong waiting, not many", revision: .three,
            """
            time | who    | does    | comes
            0    | client | 2       | pong
                 | server | emits 3 | queued
                 | client | 2       | -
                 |        | 2       | -
                 |        | GET     | GET <- 3
                 |        | 2       | pong
            """),
        SessionTranscript(
            "the same on a WebSocket that has stalled", over: .webSocket, revision: .three,
            """
            time | who    | does    | comes
            0    | socket | stalls  | -
                 | client | 2       | pong
                 | server | emits 3 | queued
                 | client | 2       | -
                 | socket | drains  | WS <- 3
                 | client | 2       | pong
            """),
        SessionTranscript(
            "the upgrade leaves the heartbeat running", revision: .three,
            """
            time  | who    | does   | comes
            1000  | client | 2      | pong
            2000  | probe  | opens  | accepted
                  |        | 2probe | probe <- 3probe
            3000  |        | 5      | switched
                  | clock  | next   | 46000
            46000 |        | ticks  | WS <- Close, ping timeout
            """),
        SessionTranscript(
            "intervals as long as the numbers go do not trap", over: .webSocket, revision: .three,
            SessionConfiguration {
                $0.pingInterval = .max
                $0.pingTimeout = .max
            },
            """
            time | who    | does  | comes
            0    | clock  | ticks | -
            9    | client | 4     | delivered
            """),
    ]

    @Test(arguments: transcripts)
    private func listens(_ transcript: SessionTranscript) { transcript.check() }
}
