import Testing

@testable import SocketIOCore

/// protocol.md, sections 13, 15 to 18: what a client wants and gets, and when.
@Suite struct ClientConnectionTests {
    private static let lives: [ClientTranscript] = [
        ClientTranscript(
            "joins, talks and leaves",
            """
            add /             | true
            add /             | false
            wanted?           | false
            want /            | open
            want /            | open
            wanted?           | true
            ask /             | nothing
            open s1           | /
            want /            | nothing
            ask /             | connect five
            ask /             | nothing
            server 0{"sid":"a"} | /: connected(id: "a", recovered: false)
            server 2["x"]     | event at /
            server 35[]       | reply 5 at /
            server 3[]        | -
            leave /           | connected
            leave /           | inactive
            wanted?           | false
            server 2["x"]     | -
            want /            | ask
            """),
        ClientTranscript(
            "several namespaces on one connection",
            """
            add /             | true
            add /admin        | true
            want /            | open
            want /admin       | open
            open s1           | / /admin
            ask /             | connect five
            ask /admin        | connect five
            server 0/admin,{"sid":"b"} | /admin: connected(id: "b", recovered: false)
            server 2/admin,["x"] | event at /admin
            server 2/other,["x"] | -
            server 4{"message":"no"} | refused /
            wanted?           | true
            server 1/admin,   | disconnect /admin
            wanted?           | false
            """),
        ClientTranscript(
            "the connection goes, and another comes",
            """
            add /             | true
            add /admin        | true
            add /idle         | true
            want /            | open
            want /admin       | open
            open s1           | / /admin
            ask /             | connect five
            server 0{"sid":"a"} | /: connected(id: "a", recovered: false)
            close             | /! /admin
            ask /             | nothing
            server 2["x"]     | -
            open s2           | / /admin
            ask /             | connect five
            server 0{"sid":"c"} | /: connected(id: "c", recovered: false)
            """),
        ClientTranscript(
            "a namespace that is left while it is asked for is left once it is there",
            """
            add /             | true
            want /            | open
            open s1           | /
            ask /             | connect five
            leave /           | active
            wanted?           | false
            server 2["x"]     | -
            server 0{"sid":"a"} | leave /
            want /            | ask
            ask /             | connect five
            leave /           | active
            want /            | nothing
            server 0{"sid":"b"} | /: connected(id: "b", recovered: false)
            leave /           | connected
            want /            | ask
            ask /             | connect five
            leave /           | active
            server 4{"message":"no"} | -
            want /            | ask
            ask /             | connect five
            leave /           | active
            close             | none
            open s2           | none
            """),
        ClientTranscript(
            "a server in Python says why it ends a namespace",
            """
            add /             | true
            want /            | open
            open s1           | /
            ask /             | connect five
            server 0{"sid":"a"} | /: connected(id: "a", recovered: false)
            server 1{"why":1} | disconnect /
            """),
    ]

    private static let earlies: [ClientTranscript] = [
        ClientTranscript(
            "events before the answer wait for it",
            """
            add /             | true
            want /            | open
            open s1           | /
            server 2["lost"]  | -
            ask /             | connect five
            server 2["a"]     | early
            server 51-["b",{"_placeholder":true,"num":0}] | -
            server binary 0102 | early
            server 35[]       | -
            server 0{"sid":"a"} | /: connected(id: "a", recovered: false)
            early /           | 2["a"] 51-["b",{"_placeholder":true,"num":0}]+2
            early /           | none
            """),
        ClientTranscript(
            "they are gone with the connection",
            """
            add /             | true
            want /            | open
            open s1           | /
            ask /             | connect five
            server 2["a"]     | early
            close             | /
            early /           | none
            """),
        ClientTranscript(
            "they have a limit",
            """
            add /             | true
            want /            | open
            open s1           | /
            ask /             | connect five
            server 2["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] | early
            server 2["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] | early
            server 2["b"]     | full
            """),
    ]

    private static let recoveries: [ClientTranscript] = [
        ClientTranscript(
            "a client goes on where it was",
            """
            add /             | true
            want /            | open
            open s1           | /
            ask /             | connect five
            server 0{"sid":"a","pid":"p"} | /: connected(id: "a", recovered: false)
            close             | /!
            open s2           | /
            ask /             | connect five going on with p -
            server 0{"sid":"a","pid":"p"} | /: connected(id: "a", recovered: true)
            server 2["x",1,"o1"] | event at /
            server 2["x","o2"] | event at /
            server 2["x",5]   | event at /
            close             | /!
            open s3           | /
            ask /             | connect five going on with p o2
            server 2["x","o3"] | early
            server 0{"sid":"b","pid":"q"} | /: connected(id: "b", recovered: false)
            close             | /!
            open s4           | /
            ask /             | connect five going on with q -
            """),
        ClientTranscript(
            "who leaves or is sent away begins anew",
            """
            add /             | true
            want /            | open
            open s1           | /
            ask /             | connect five
            server 0{"sid":"a","pid":"p"} | /: connected(id: "a", recovered: false)
            leave /           | connected
            want /            | ask
            ask /             | connect five
            server 0{"sid":"b","pid":"q"} | /: connected(id: "b", recovered: false)
            server 1          | disconnect /
            want /            | ask
            ask /             | connect five
            """),
    ]

    private static let ofVersions: [ClientTranscript] = [
        ClientTranscript(
            "a server of Socket.IO 2 lets clients in without being asked",
            """
            add /             | true
            add /admin        | true
            want /            | open
            want /admin       | open
            open-v4 s1        | / /admin
            ask /             | expect
            ask /admin        | connect four
            server 0          | /: connected(id: "s1", recovered: false)
            server 0/admin?token=1, | /admin: connected(id: "/admin#s1", recovered: false)
            server 2/admin,["x"] | event at /admin
            server 4"nope"    | error at /
            server 2["x"]     | event at /
            """),
        ClientTranscript(
            "nobody wants the root namespace",
            """
            add /admin        | true
            want /admin       | open
            open-v4 s1        | /admin
            ask /admin        | connect four
            server 0          | -
            server 4/admin,"Invalid namespace" | refused /admin
            """),
        ClientTranscript(
            "a server of Socket.IO 2 where one of 3 was expected",
            """
            add /             | true
            want /            | open
            open s1           | /
            ask /             | connect five
            server 0          | /: wrongVersion
            wanted?           | false
            """),
    ]

    private static let binaries: [ClientTranscript] = [
        ClientTranscript(
            "attachments come behind their packet",
            """
            add /             | true
            want /            | open
            open s1           | /
            server binary 01  | violation: unexpectedAttachment
            ask /             | connect five
            server 0{"sid":"a"} | /: connected(id: "a", recovered: false)
            server 52-["b",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}] | -
            server binary 01  | -
            server binary 02  | event at /
            server 61-7[{"_placeholder":true,"num":0}] | -
            server 2["x"]     | violation: textAmongAttachments
            server binary 02  | reply 7 at /
            server 50-["x"]   | event at /
            server 51-["b",{"_placeholder":true,"num":0}] | -
            close             | /!
            open s2           | /
            server binary 02  | violation: unexpectedAttachment
            """),
        ClientTranscript(
            "those of a namespace that is left are nobody's",
            """
            add /             | true
            want /            | open
            open s1           | /
            ask /             | connect five
            server 0{"sid":"a"} | /: connected(id: "a", recovered: false)
            server 51-["b",{"_placeholder":true,"num":0}] | -
            leave /           | connected
            server binary 01  | -
            server 51-/x,["b",{"_placeholder":true,"num":0}] | -
            server binary 01  | -
            """),
    ]

    @Test(arguments: lives) func life(_ transcript: ClientTranscript) { transcript.check() }

    @Test(arguments: earlies) func earlyEvents(_ transcript: ClientTranscript) { transcript.check() }

    @Test(arguments: recoveries) func recovery(_ transcript: ClientTranscript) { transcript.check() }

    @Test(arguments: ofVersions) func versions(_ transcript: ClientTranscript) { transcript.check() }

    @Test(arguments: binaries) func attachments(_ transcript: ClientTranscript) { transcript.check() }
}
