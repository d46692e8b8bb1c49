import Testing

@testable import SocketIOCore

/// protocol.md, sections 12.4, 13 and 15.4: what a client may send, and when.
@Suite struct ConnectionStateMachineTests {
    private static let namespaces: [ConnectionTranscript] = [
        ConnectionTranscript(
            "a client joins, talks and leaves",
            """
            client 0           | asks for /
            server asks        | sockets /, has not joined
            server accepts /   | true
            server asks        | sockets /, has joined
            client 2["a"]      | event at /
            client 27["a"]     | event at /
            client 37[]        | reply 7 at /
            client 1           | leaves /
            server asks        | sockets none, has not joined
            """),
        ConnectionTranscript(
            "the root namespace has two spellings",
            """
            client 0/,         | asks for /
            server accepts /   | true
            client 2/,["a"]    | event at /
            client 2["a"]      | event at /
            client 0           | violation: connectedTwice
            """),
        ConnectionTranscript(
            "a name without a comma",
            """
            client 0/admin     | asks for /admin
            server accepts /admin | true
            client 2/admin,["a"] | event at /admin
            client 1/admin     | leaves /admin
            """),
        ConnectionTranscript(
            "several namespaces, of which names begin alike",
            """
            client 0/a,        | asks for /a
            client 0/ab,       | asks for /ab
            server accepts /ab | true
            client 2/ab,["x"]  | event at /ab
            client 2/a,["x"]   | violation: notConnected
            """),
        ConnectionTranscript(
            "a query is part of the name",
            """
            client 0/a?b=1,    | asks for /a?b=1
            server accepts /a?b=1 | true
            client 2/a,["x"]   | violation: notConnected
            """),
        ConnectionTranscript(
            "one namespace ends, the other stays",
            """
            client 0           | asks for /
            server accepts /   | true
            client 0/a,        | asks for /a
            server accepts /a  | true
            client 1/a,        | leaves /a
            server asks        | sockets /, has joined
            client 2["x"]      | event at /
            """),
        ConnectionTranscript(
            "after leaving, the client may join again",
            """
            client 0/a,        | asks for /a
            server accepts /a  | true
            client 1/a,        | leaves /a
            client 0/a,        | asks for /a
            server accepts /a  | true
            client 2/a,["x"]   | event at /a
            """),
        ConnectionTranscript(
            "after being disconnected, too",
            """
            client 0           | asks for /
            server accepts /   | true
            server removes /   | /
            server removes /   | none
            client 0           | asks for /
            """),
        ConnectionTranscript(
            "after being refused, too",
            """
            client 0           | asks for /
            server removes /   | /
            server accepts /   | false
            client 0           | asks for /
            server accepts /   | true
            server accepts /   | false
            """),
        ConnectionTranscript(
            "the connection ends",
            """
            client 0           | asks for /
            server accepts /   | true
            client 0/a,        | asks for /a
            server ends        | / /a
            server ends        | none
            server accepts /a  | false
            server removes /   | none
            client 2["x"]      | -
            client 0           | -
            client binary 01   | -
            server asks        | sockets none, has not joined
            """),
    ]

    @Test(arguments: namespaces)
    private func joinsAndLeaves(_ transcript: ConnectionTranscript) { transcript.check() }

    private static let violations: [ConnectionTranscript] = [
        ConnectionTranscript("an event before CONNECT", #"client 2["a"] | violation: notConnected"#),
        ConnectionTranscript("a reply before CONNECT", "client 30[] | violation: notConnected"),
        ConnectionTranscript("DISCONNECT before CONNECT", "client 1 | violation: notConnected"),
        ConnectionTranscript("CONNECT_ERROR before CONNECT", #"client 4"x" | violation: notConnected"#),
        ConnectionTranscript("a binary event before CONNECT", #"client 50-["a"] | violation: notConnected"#),
        ConnectionTranscript(
            "a binary event with attachments before CONNECT",
            #"client 51-["a",{"_placeholder":true,"num":0}] | violation: notConnected"#),
        ConnectionTranscript("a binary message before CONNECT", "client binary 01 | violation: unexpectedAttachment"),
        ConnectionTranscript(
            "an event before the decision",
            """
            client 0           | asks for /
            client 2["a"]      | violation: notConnected
            """),
        ConnectionTranscript(
            "DISCONNECT before the decision",
            """
            client 0           | asks for /
            client 1           | violation: notConnected
            """),
        ConnectionTranscript(
            "CONNECT twice",
            """
            client 0           | asks for /
            server accepts /   | true
            client 0           | violation: connectedTwice
            """),
        ConnectionTranscript(
            "CONNECT twice, before the decision",
            """
            client 0/a,        | asks for /a
            client 0/a,{"x":1} | violation: connectedTwice
            """),
        ConnectionTranscript(
            "CONNECT_ERROR from a client",
            """
            client 0           | asks for /
            server accepts /   | true
            client 4{"message":"x"} | violation: wrongDirection
            """),
        ConnectionTranscript(
            "an event after its own DISCONNECT",
            """
            client 0           | asks for /
            server accepts /   | true
            client 1           | leaves /
            client 2["a"]      | violation: notConnected
            """),
        ConnectionTranscript(
            "a namespace that another socket is in",
            """
            client 0           | asks for /
            server accepts /   | true
            client 2/a,["a"]   | violation: notConnected
            """),
    ]

    @Test(arguments: violations)
    private func refuses(_ transcript: ConnectionTranscript) { transcript.check() }

    private static let attachments: [ConnectionTranscript] = [
        ConnectionTranscript(
            "one attachment",
            """
            client 0           | asks for /
            server accepts /   | true
            client 51-["a",{"_placeholder":true,"num":0}] | -
            client binary 0102 | event at / with 0102
            client 2["b"]      | event at /
            """),
        ConnectionTranscript(
            "two attachments, one of them empty",
            """
            client 0/a,        | asks for /a
            server accepts /a  | true
            client 52-/a,["a",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}] | -
            client binary      | -
            client binary ff   | event at /a with (empty) ff
            """),
        ConnectionTranscript(
            "no attachment: an event like another",
            """
            client 0           | asks for /
            server accepts /   | true
            client 50-["a"]    | event at /
            client 2["b"]      | event at /
            client binary 01   | violation: unexpectedAttachment
            """),
        ConnectionTranscript(
            "a reply with an attachment",
            """
            client 0           | asks for /
            server accepts /   | true
            client 61-12[{"_placeholder":true,"num":0}] | -
            client binary 01   | reply 12 at / with 01
            client 60-3[]      | reply 3 at /
            """),
        ConnectionTranscript(
            "replies without an id are nothing, but their attachments are awaited",
            """
            client 0           | asks for /
            server accepts /   | true
            client 3           | -
            client 3[]         | -
            client 60-[]       | -
            client 61-[{"_placeholder":true,"num":0}] | -
            client 2["b"]      | violation: textAmongAttachments
            """),
        ConnectionTranscript(
            "the attachment of a reply without an id",
            """
            client 0           | asks for /
            server accepts /   | true
            client 61-[{"_placeholder":true,"num":0}] | -
            client binary 01   | -
            client 2["b"]      | event at /
            """),
        ConnectionTranscript(
            "text while attachments are missing, of whatever namespace",
            """
            client 0           | asks for /
            server accepts /   | true
            client 0/a,        | asks for /a
            server accepts /a  | true
            client 52-["a",{"_placeholder":true,"num":0}] | -
            client binary 01   | -
            client 2/a,["b"]   | violation: textAmongAttachments
            """),
        ConnectionTranscript(
            "CONNECT while attachments are missing",
            """
            client 0           | asks for /
            server accepts /   | true
            client 51-["a",{"_placeholder":true,"num":0}] | -
            client 0/a,        | violation: textAmongAttachments
            """),
        ConnectionTranscript(
            "more attachments than announced",
            """
            client 0           | asks for /
            server accepts /   | true
            client 51-["a",{"_placeholder":true,"num":0}] | -
            client binary 01   | event at / with 01
            client binary 02   | violation: unexpectedAttachment
            """),
        ConnectionTranscript(
            "an attachment that no placeholder stands for",
            """
            client 0           | asks for /
            server accepts /   | true
            client 51-["a"]    | -
            client binary 01   | event at / with 01
            """),
        ConnectionTranscript(
            "the namespace is left by the server while attachments are on their way",
            """
            client 0           | asks for /
            server accepts /   | true
            client 52-["a",{"_placeholder":true,"num":0}] | -
            client binary 01   | -
            server removes /   | /
            client binary 02   | -
            client 0           | asks for /
            server accepts /   | true
            client 2["b"]      | event at /
            """),
        ConnectionTranscript(
            "another namespace is decided while attachments are on their way",
            """
            client 0           | asks for /
            server accepts /   | true
            client 0/a,        | asks for /a
            client 51-["a",{"_placeholder":true,"num":0}] | -
            server accepts /a  | true
            client binary 01   | event at / with 01
            client 2/a,["b"]   | event at /a
            """),
        ConnectionTranscript(
            "the connection ends while attachments are on their way",
            """
            client 0           | asks for /
            server accepts /   | true
            client 51-["a",{"_placeholder":true,"num":0}] | -
            server ends        | /
            client binary 01   | -
            """),
    ]

    @Test(arguments: attachments)
    private func gathersAttachments(_ transcript: ConnectionTranscript) { transcript.check() }

    @Test func keepsTheTextOfAPacketWhoseAttachmentsAreAwaited() throws {
        var connection = ConnectionStateMachine<String>()
        connection.connecting([], as: "/")
        let isAccepted = connection.accepted([])
        #expect(isAccepted)
        let text = #"51-7["é",{"_placeholder":true,"num":0}]"#
        let packet = try parse(text)
        withBytes(text) { _ = connection.received(packet, $0) }
        guard case .event("/", let complete) = withBytes([9], { connection.received(binary: $0) }) else {
            Issue.record("no event")
            return
        }
        let parts = complete.parts(last: [9])
        #expect(parts.text == text)
        #expect(complete.packet == packet)
        #expect(complete.packet.header.acknowledgement == 7)
        #expect(parts.attachments == [[9]])
    }
}
