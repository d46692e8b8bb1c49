import Testing

@testable import SocketIOCore

/// protocol.md, section 17.1: the clients of Socket.IO 1 and 2. `server asks-for` is the server that asks on behalf of
/// the client, as it does for the root.
@Suite struct ConnectionVersion4Tests {
    private static let transcripts: [ConnectionTranscript] = [
        ConnectionTranscript(
            "the root is joined without being asked for", version: .four,
            """
            server asks-for /  | -
            server accepts /   | true
            client 2["a"]      | event at /
            client 0           | violation: askedForRoot
            """),
        ConnectionTranscript(
            "the root may not be asked for in any spelling", version: .four,
            """
            server asks-for /  | -
            client 0/,         | violation: askedForRoot
            client 0/?a=1,     | violation: askedForRoot
            """),
        ConnectionTranscript(
            "a query stands behind the name", version: .four,
            """
            client 0/a?b=1&c=?, | asks for /a with ?b=1&c=?
            server accepts /a   | true
            client 2/a,["x"]    | event at /a
            client 1/a,         | leaves /a
            client 0/a?,        | asks for /a with ?
            """),
        ConnectionTranscript(
            "the query does not make it another namespace", version: .four,
            """
            client 0/a,        | asks for /a
            client 0/a?b=1,    | violation: connectedTwice
            """),
        ConnectionTranscript(
            "other namespaces do not depend on the root", version: .four,
            """
            server asks-for /  | -
            server removes /   | /
            client 0/a,        | asks for /a
            server accepts /a  | true
            client 2["x"]      | violation: notConnected
            """),
        ConnectionTranscript(
            "a query is given for a CONNECT only", version: .four,
            """
            client 0/a?b=1,    | asks for /a with ?b=1
            server accepts /a  | true
            client 2/a?b=1,["x"] | violation: notConnected
            """),
    ]

    @Test(arguments: transcripts)
    private func joins(_ transcript: ConnectionTranscript) { transcript.check() }
}
