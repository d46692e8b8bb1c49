import EngineIOCore
import Testing

/// protocol.md, section 4: a session over WebSocket, and the bound of what waits for a slow reader.
@Suite struct SessionWebSocketTests {
    private static let transcripts: [SessionTranscript] = [
        SessionTranscript(
            "packets are written at once", over: .webSocket,
            """
            time | who    | does             | comes
            0    | server | emits a          | WS <- a
                 |        | emits volatile b | WS <- b
                 |        | turn ends        | -
                 |        | asks             | open, websocket, writes through
            """),
        SessionTranscript(
            "packets wait while the connection is full, and leave in order", over: .webSocket,
            """
            time | who    | does             | comes
            0    | socket | stalls           | -
                 | server | emits ab         | queued
                 |        | emits c          | queued
                 |        | emits volatile x | dropped
                 |        | turn ends        | -
                 |        | asks             | open, websocket, 3 B, 2 packets
            1    | socket | drains           | WS <- ab c
                 | server | emits d          | WS <- d
                 | socket | stalls           | -
                 |        | drains           | -
            """),
        SessionTranscript(
            "a client that does not read is closed", over: .webSocket, SessionConfiguration { $0.bufferedBytes = 3 },
            """
            time | who    | does      | comes
            0    | socket | stalls    | -
                 | server | emits abc | queued
                 |        | emits d   | overflow; WS <- Close, transport error
                 |        | asks      | closed
                 | socket | drains    | -
                 |        | closes    | -
            """),
        SessionTranscript(
            "polling requests are refused", over: .webSocket,
            """
            time | who    | does      | comes
            0    | client | GET       | refused
                 |        | POST      | refused
                 |        | drops GET | -
                 | server | asks      | open, websocket, writes through
            """),
    ]

    @Test(arguments: transcripts)
    private func writes(_ transcript: SessionTranscript) { transcript.check() }
}
