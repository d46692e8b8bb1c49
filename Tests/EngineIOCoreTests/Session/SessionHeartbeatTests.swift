import EngineIOCore
import Testing

/// protocol.md, section 6.1: the server pings.
@Suite struct SessionHeartbeatTests {
    private static let transcripts: [SessionTranscript] = [
        SessionTranscript(
            "a ping every interval, counted from the pong", over: .webSocket,
            """
            time  | who    | does  | comes
            0     | clock  | next  | 25000
            24999 |        | ticks | -
            25000 |        | ticks | ping
                  |        | ticks | -
                  |        | next  | 45000
            25080 | client | 3     | -
                  | clock  | next  | 50080
            50080 |        | ticks | ping
                  |        | next  | 70080
            """),
        SessionTranscript(
            "no pong in time, on a WebSocket", over: .webSocket,
            """
            time  | who    | does  | comes
            25000 | clock  | ticks | ping
            44999 |        | ticks | -
            45000 |        | ticks | WS <- Close, ping timeout
                  |        | ticks | -
                  |        | next  | none
                  | client | 3     | -
            """),
        SessionTranscript(
            "no pong in time, a GET waits",
            """
            time  | who    | does      | comes
            0     | client | GET       | waits
            25000 | clock  | ticks     | ping
                  | server | emits 2   | a flush is due
                  |        | turn ends | GET <- 2
            25100 | client | GET       | waits
            45000 | clock  | ticks     | GET <- 1, ping timeout
            """),
        SessionTranscript(
            "no pong in time, no GET waits",
            """
            time  | who    | does    | comes
            25000 | clock  | ticks   | ping
                  | server | emits 2 | queued
            45000 | clock  | ticks   | ends, ping timeout
                  | client | GET     | refused
            """),
        SessionTranscript(
            "other traffic is no pong",
            """
            time  | who    | does      | comes
            25000 | clock  | ticks     | ping
            30000 | client | GET       | waits
            31000 |        | POST      | is read
                  |        | ends POST | -
                  |        | 4         | delivered
                  |        | 6         | -
                  | clock  | next      | 45000
            45000 |        | ticks     | GET <- 1, ping timeout
            """),
        SessionTranscript(
            "a pong that no one asked for restarts the interval", over: .webSocket,
            """
            time  | who    | does  | comes
            10000 | client | 3     | -
                  | clock  | next  | 35000
            25000 |        | ticks | -
            35000 |        | ticks | ping
            35010 | client | 3     | -
                  |        | 3     | -
                  | clock  | next  | 60010
            """),
        SessionTranscript(
            "a late tick counts from then", over: .webSocket,
            """
            time  | who   | does  | comes
            90000 | clock | ticks | ping
                  |       | next  | 110000
            """),
        SessionTranscript(
            "a client must not ping, on a WebSocket", over: .webSocket,
            """
            time | who    | does | comes
            0    | client | 2    | WS <- Close, transport error
            """),
        SessionTranscript(
            "a client must not ping, in a POST",
            """
            time | who    | does | comes
            0    | client | GET  | waits
            1    |        | 2    | GET <- 1, transport error
            """),
        SessionTranscript(
            "intervals as long as the numbers go do not trap", over: .webSocket,
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
    private func pings(_ transcript: SessionTranscript) { transcript.check() }
}
