import Testing

@testable import EngineIOCore

@Suite struct ClientSessionTests {
    static let transcripts = [
        ClientTranscript(
            "polling: one GET, one POST at a time",
            """
            time | happens   | to do
            0    | opens     | GET
                 | can send? | yes
                 | sends a   | POST a
                 | can send? | no
                 | sends b,c | -
                 | waits?    | 2
                 | GET ends  | GET
                 | POST ends | POST b+c
                 | POST ends | drained
                 | waits?    | 0
                 | can send? | yes
            """),
        ClientTranscript(
            "what is sent before waits",
            """
            time | happens   | to do
            0    | sends a,b | -
                 | can send? | no
                 | opens     | GET, POST a+b
                 | POST ends | drained
            """),
        ClientTranscript(
            "no more packets in a POST than python-engineio takes", with: { $0.packetsPerPost = 3 },
            """
            time | happens         | to do
            0    | opens           | GET
                 | sends a         | POST a
                 | sends b,c,d,e,f | -
                 | POST ends       | POST b+c+d
                 | close           | -
                 | POST ends       | POST e+f+1
                 | POST ends       | end: forced close
            """),
        ClientTranscript(
            "a close packet counts", with: { $0.packetsPerPost = 3 },
            """
            time | happens   | to do
            0    | opens     | GET
                 | sends a   | POST a
                 | sends b,c,d | -
                 | close     | -
                 | POST ends | POST b+c
                 | POST ends | POST d+1
                 | POST ends | end: forced close
            """),
        ClientTranscript(
            "no more bytes in a POST than the server takes", maxPayload: 8,
            """
            time | happens              | to do
            0    | sends aaa,bb,c,dddddddddddd,e | -
                 | opens                | GET, POST aaa+bb
                 | POST ends            | POST c
                 | POST ends            | POST dddddddddddd
                 | POST ends            | POST e
                 | POST ends            | drained
            """),
        ClientTranscript(
            "more waits than may", with: { $0.bufferedBytes = 4 },
            """
            time | happens    | to do
            0    | sends aa,bb | -
                 | sends c    | overflow, end: transport error
                 | sends d    | dropped
            """),
        ClientTranscript(
            "the upgrade waits for GET and POST", upgrades: [.webSocket],
            """
            time | happens     | to do
            0    | opens       | open probe, GET
                 | sends a     | POST a
                 | probe opens | 2probe
                 | sends b     | -
                 | 3probe      | -
                 | POST ends   | -
                 | sends c     | -
                 | can send?   | no
                 | GET ends    | 5+b+c, drained
                 | sends d     | write d
                 | can send?   | yes
            """),
        ClientTranscript(
            "a failed probe, and no second one", upgrades: [.webSocket],
            """
            time | happens     | to do
            0    | opens       | open probe, GET
                 | probe fails | -
                 | GET ends    | GET
                 | sends a     | POST a
                 | probe opens | -
                 | 3probe      | -
            """),
        ClientTranscript(
            "a probe that fails while polling pauses", upgrades: [.webSocket],
            """
            time | happens     | to do
            0    | opens       | open probe, GET
                 | probe opens | 2probe
                 | 3probe      | -
                 | sends a     | -
                 | probe fails | POST a
                 | GET ends    | GET
            """),
        ClientTranscript(
            "a server that answers at once, and with nothing, is asked less often",
            """
            time | happens            | to do
            0    | opens              | GET
                 | GET brings nothing | GET
                 | GET brings nothing | GET
            2    | GET brings nothing | GET
            4    | GET brings nothing | -
                 | deadline?          | 104
                 | sends a            | POST a
            50   | time               | -
            104  | time               | GET
                 | deadline?          | 45000
            106  | GET brings nothing | -
            206  | time               | GET
            207  | GET ends           | GET
                 | GET brings nothing | GET
            900  | GET brings nothing | GET
            901  | GET brings nothing | GET
                 | GET brings nothing | GET
                 | GET brings nothing | GET
                 | GET brings nothing | -
                 | close              | -
                 | deadline?          | 5901
                 | POST ends          | POST 1
            """),
        ClientTranscript(
            "a pause between GETs ends with polling", upgrades: [.webSocket],
            """
            time | happens            | to do
            0    | opens              | open probe, GET
                 | GET brings nothing | GET
                 | GET brings nothing | GET
                 | GET brings nothing | GET
                 | GET brings nothing | -
                 | deadline?          | 100
                 | probe opens        | 2probe
                 | deadline?          | 100
                 | 3probe             | 5
                 | deadline?          | 45000
            """),
        ClientTranscript(
            "a probe that takes too long", upgrades: [.webSocket],
            """
            time  | happens     | to do
            0     | opens       | open probe, GET
                  | deadline?   | 10000
                  | probe opens | 2probe
                  | 3probe      | -
                  | sends a     | -
            10000 | time        | drop probe, POST a
                  | deadline?   | 45000
            """),
        ClientTranscript(
            "no upgrade unless it is wanted", upgrades: [.webSocket], with: { $0.upgrades = false },
            """
            time | happens | to do
            0    | opens   | GET
            """),
        ClientTranscript(
            "WebSocket", over: .webSocket,
            """
            time | happens    | to do
            0    | sends a    | -
                 | opens      | write a, drained
                 | sends b    | write b
                 | is full    | -
                 | can send?  | no
                 | sends c,d  | -
                 | takes more | write c+d, drained
                 | sends e    | write e
            """),
        ClientTranscript(
            "the heartbeat of revision 4", over: .webSocket,
            """
            time  | happens    | to do
            0     | opens      | -
                  | deadline?  | 45000
            25000 | receives 2 | pong
                  | deadline?  | 70000
            26000 | receives 4 | deliver
            27000 | receives 3 | -
            28000 | receives 6 | -
                  | deadline?  | 70000
            69999 | time       | -
            70000 | time       | end: ping timeout
            """),
        ClientTranscript(
            "the heartbeat of revision 3", over: .webSocket, revision: .three,
            """
            time  | happens    | to do
            0     | opens      | -
                  | deadline?  | 25000
            1000  | receives 4 | deliver
            25000 | time       | ping
                  | deadline?  | 45000
            26000 | receives 3 | answered
                  | deadline?  | 51000
            51000 | time       | ping
            52000 | receives 4 | deliver
            53000 | receives 2 | -
                  | deadline?  | 98000
            98000 | time       | end: ping timeout
            """),
        ClientTranscript(
            "the server closes",
            """
            time | happens    | to do
            0    | opens      | GET
                 | receives 4 | deliver
                 | receives 1 | end: transport close
                 | receives 4 | -
                 | sends a    | dropped
                 | deadline?  | none
            """),
        ClientTranscript(
            "closing over polling",
            """
            time | happens    | to do
            0    | opens      | GET
                 | sends a    | POST a
                 | sends b    | -
                 | close      | -
                 | sends c    | dropped
                 | receives 4 | -
                 | GET ends   | -
                 | POST ends  | POST b+1
                 | close      | -
                 | POST ends  | end: forced close
            """),
        ClientTranscript(
            "closing over WebSocket", over: .webSocket,
            """
            time | happens    | to do
            0    | opens      | -
                 | is full    | -
                 | sends a    | -
                 | close      | -
                 | takes more | write a, drained, close WebSocket, end: forced close
            """),
        ClientTranscript(
            "closing takes too long", over: .webSocket,
            """
            time | happens    | to do
            0    | opens      | -
                 | is full    | -
                 | sends a    | -
                 | close      | -
                 | deadline?  | 5000
            5000 | time       | end: forced close
            """),
        ClientTranscript(
            "closing while a probe is made", upgrades: [.webSocket],
            """
            time | happens   | to do
            0    | opens     | open probe, GET
                 | close     | drop probe, POST 1
                 | POST ends | end: forced close
            """),
        ClientTranscript(
            "closing while the upgrade runs", upgrades: [.webSocket],
            """
            time | happens     | to do
            0    | opens       | open probe, GET
                 | probe opens | 2probe
                 | 3probe      | -
                 | sends a     | -
                 | close       | -
                 | GET ends    | 5+a, drained, close WebSocket, end: forced close
            """),
        ClientTranscript(
            "closing while it opens, before the server knows",
            """
            time | happens       | to do
            0    | close unasked | end: forced close
                 | opens         | -
            """),
        ClientTranscript(
            "closing while it opens",
            """
            time | happens   | to do
            0    | sends a   | -
                 | close     | -
                 | opens     | POST a+1
                 | POST ends | end: forced close
            """),
        ClientTranscript(
            "closing while it opens, and it does not",
            """
            time | happens | to do
            0    | close   | -
                 | fails   | end: forced close
            """),
        ClientTranscript(
            "it does not open in time",
            """
            time  | happens   | to do
            0     | deadline? | 20000
            20000 | time      | late, end: transport error
            """),
        ClientTranscript(
            "the transport fails",
            """
            time | happens | to do
            0    | opens   | GET
                 | fails   | end: transport error
                 | fails   | -
                 | close   | -
                 | abort   | -
            """),
        ClientTranscript(
            "an end at once", over: .webSocket,
            """
            time | happens | to do
            0    | opens   | -
                 | is full | -
                 | sends a | -
                 | abort   | end: forced close
                 | waits?  | 0
            """),
    ]

    @Test(arguments: transcripts)
    func follows(_ transcript: ClientTranscript) { transcript.check() }

    /// Whatever happens in whatever order: one end, and nothing behind it.
    @Test func anyOrder() {
        let facts = [
            "opens", "GET ends", "GET brings nothing", "POST ends", "probe opens", "3probe", "probe fails", "fails",
            "is closed", "is full",
            "takes more", "close", "close unasked", "abort", "time", "sends a,b", "receives 0", "receives 1",
            "receives 2", "receives 3", "receives 4", "receives 5", "receives 6",
        ]
        var generator = SplitMix64(seed: 7)
        for _ in 0..<2000 {
            let handshake = ClientHandshake(
                sid: "s", upgrades: [.webSocket], transport: Bool.random(using: &generator) ? .polling : .webSocket,
                revision: Bool.random(using: &generator) ? .three : .four)
            var session = ClientSession(configuration: ClientConfiguration())
            session.begin(now: 0)
            var (now, ends) = (Instant(0), 0)
            for _ in 0..<40 {
                now += Instant.random(in: 0...20_000, using: &generator)
                let wasClosed = session.isClosed
                let done = session.perform(facts.randomElement(using: &generator) ?? "", handshake, at: now)
                if wasClosed { #expect(done == "-" || done == "dropped, dropped") }
                ends += done.containsBytes("end: ") ? 1 : 0
                #expect((ends == 1) == session.isClosed)
                #expect(session.isClosed == (session.deadline == nil))
            }
        }
    }
}

@Suite struct OpeningPlanTests {
    @Test func oneTransport() {
        var plan = OpeningPlan(transports: [.polling, .webSocket], revisions: .only(.four), triesAll: false)
        #expect(plan.current == OpeningPlan.Attempt(transport: .polling, revision: .four))
        #expect(plan.advance(refusesRevision: true) == nil)
        #expect(plan.advance(refusesRevision: false) == nil)
    }

    @Test func all() {
        var plan = OpeningPlan(
            transports: [.polling, .webSocket], revisions: .automatic, triesAll: true, startsWithWebSocket: true)
        #expect(plan.current == OpeningPlan.Attempt(transport: .webSocket, revision: .four))
        #expect(plan.advance(refusesRevision: true) == OpeningPlan.Attempt(transport: .webSocket, revision: .three))
        #expect(plan.advance(refusesRevision: true) == OpeningPlan.Attempt(transport: .polling, revision: .four))
        plan.foundRevision3()
        #expect(plan.current == OpeningPlan.Attempt(transport: .polling, revision: .three))
        #expect(plan.advance(refusesRevision: false) == nil)
    }

    @Test func none() {
        var plan = OpeningPlan(transports: [], revisions: .only(.three), triesAll: true)
        #expect(plan.current == nil)
        #expect(plan.advance(refusesRevision: false) == nil)
    }
}
