import EngineIOCore
import Testing

@Suite struct EngineErrorTests {
    @Test func looksOnTheWireAsTheTableSays() {
        let table: [(EngineError, Int, String)] = [
            (.transportUnknown, 400, #"{"code":0,"message":"Transport unknown"}"#),
            (.sessionUnknown, 400, #"{"code":1,"message":"Session ID unknown"}"#),
            (.badHandshakeMethod, 400, #"{"code":2,"message":"Bad handshake method"}"#),
            (.badRequest, 400, #"{"code":3,"message":"Bad request"}"#),
            (.forbidden, 403, #"{"code":4,"message":"Forbidden"}"#),
            (.unsupportedProtocol, 400, #"{"code":5,"message":"Unsupported protocol version"}"#),
        ]
        #expect(table.map(\.0) == EngineError.allCases)
        for (error, status, json) in table {
            #expect(error.httpStatus == status)
            #expect(error.json == json)
        }
    }

    @Test func carriesTheTextOfTheApplication() {
        #expect(EngineError.forbidden.json(message: "no \"you\"") == #"{"code":4,"message":"no \"you\""}"#)
    }
}
